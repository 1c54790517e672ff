import type { Kernel, Pointer } from './kernel.ts';

/** Length in bytes of keys, pieces and hashes. They are elements of GF(2^128), bit r of the little-endian number being the coefficient of z^r. */
export const HASH_LENGTH = 16;
/** Length of a piece in bits. */
const PIECE = 128;

/**
 * Adds a linear universal hash to `sum` (16 bytes): Σ c_j·key^(J+1−j) over the `count` bits at `bits`, packed, cut into pieces c_1 … c_J of 128 bits; the
 * region has whole pieces. Two different strings of one length have the same hash under at most J keys, whatever is added to either.
 */
export function addHash(
  kernel: Kernel,
  sum: Uint8Array,
  key: Uint8Array,
  bits: Pointer,
  count: number,
): void {
  const state = kernel.allocate(HASH_LENGTH);
  const chi = kernel.allocate(HASH_LENGTH);
  kernel.write(chi, key);
  kernel.call.hashBits(state, chi, bits, pieces(count));
  const added = kernel.view(state, HASH_LENGTH);
  for (let i = 0; i < HASH_LENGTH; i += 1) sum[i]! ^= added[i]!;
  kernel.free(state);
  kernel.free(chi);
}

/** The same for bits given as packed bytes. */
export function addHashOf(kernel: Kernel, sum: Uint8Array, key: Uint8Array, bits: Uint8Array): void {
  const region = allocatePieces(kernel, 8 * bits.length);
  kernel.write(region, bits);
  addHash(kernel, sum, key, region, 8 * bits.length);
  kernel.free(region);
}

/** The same for bits that blocks represent linearly (their MACs or keys, 16 bytes each): Σ over the pieces Σ_r block_r·z^r. */
export function addHashOfBlocks(
  kernel: Kernel,
  sum: Uint8Array,
  key: Uint8Array,
  blocks: Pointer,
  count: number,
): void {
  const weighed = allocatePieces(kernel, count);
  kernel.call.weighBlocks(weighed, blocks, count);
  addHash(kernel, sum, key, weighed, count);
  kernel.free(weighed);
}

/** Room for `count` bits in whole pieces, all zero. */
export function allocatePieces(kernel: Kernel, count: number): Pointer {
  return kernel.allocate(HASH_LENGTH * pieces(count));
}

function pieces(count: number): number {
  return Math.ceil(count / PIECE);
}
