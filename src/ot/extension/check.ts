import { platform } from '#platform';
import { absorb, hash } from '../../crypto/hash.ts';
import { blockAt, byteAt, type Kernel, type Pointer } from '../../crypto/kernel.ts';
import { atOnce, type Slices } from '../../crypto/slices.ts';
import { tags } from '../../crypto/tags.ts';

/** Blocks of 128 rows that are hashed with one χ: the degree of the hash's polynomial. */
export const SEGMENT = 252;

/** From so many blocks on, the two halves of a segment are hashed side by side. */
const TWO_STRETCHES_FROM = 64;

/** What identifies a batch: both ends know it beforehand. */
export interface BatchName {
  readonly sid: Uint8Array;
  readonly direction: string;
  /** The digest of the setup message. */
  readonly setup: Uint8Array;
  readonly batch: number;
  readonly count: number;
}

/** Step 4: the challenge, 32 bytes, a hash of everything the batch depends on. */
export function challenge(name: BatchName, correction: Uint8Array): Uint8Array {
  const state = platform.sha256Stream();
  absorb(state, tags.cotChallenge);
  for (const part of [name.sid, name.direction, name.setup, name.batch, name.count]) absorb(state, part);
  absorb(state, correction);
  return new Uint8Array(state.digest());
}

/** Step 4: each segment's χ, 16 bytes, and the blocks it covers: all but the last one. */
function* segments(seed: Uint8Array, rows: number) {
  const blocks = rows / 128 - 1;
  for (let start = 0; start < blocks; start += SEGMENT) {
    const chi = hash(tags.cotUniversalHash, seed, start).subarray(0, 16);
    yield { chi, start, count: Math.min(SEGMENT, blocks - start) };
  }
}

/**
 * The linear hash of a matrix of `rows` rows of 16 bytes: the sum of all segments' polynomial hashes (wasm/universal-hash.ts) and of the
 * last 128 rows as they are. 128 rows, 2,048 bytes.
 */
export function hashMatrix(kernel: Kernel, seed: Uint8Array, matrix: Pointer, rows: number): Uint8Array {
  return atOnce(hashMatrixSlices(kernel, seed, matrix, rows));
}

/** The same in slices, each a segment. */
export function* hashMatrixSlices(
  kernel: Kernel,
  seed: Uint8Array,
  matrix: Pointer,
  rows: number,
): Slices<Uint8Array> {
  const scratch = kernel.allocate(16 + 4 * 2048 + 3 * 8192);
  const sum = byteAt(scratch, 16);
  const zeros = byteAt(sum, 2048);
  const states = byteAt(zeros, 2048);
  const tables = byteAt(states, 2 * 2048);
  const product = byteAt(tables, 2 * 8192);
  for (const { chi, start, count } of segments(seed, rows)) {
    const first = byteAt(matrix, start * 2048);
    kernel.write(scratch, chi);
    kernel.call.hashMatrix(product, scratch);
    kernel.view(states, 2 * 2048).fill(0);
    const half = count < TWO_STRETCHES_FROM ? 0 : count >> 1;
    const before = count - 2 * half;
    kernel.call.hashRows(states, tables, product, first, before);
    if (half > 0) {
      const stretches = byteAt(first, before * 2048);
      kernel.call.hashRowsTwice(states, tables, product, stretches, half * 2048, half);
      raise(kernel, scratch, half);
      kernel.call.hashMatrix(product, scratch);
      kernel.call.hashRows(states, tables, product, zeros, 1);
      kernel.call.xorBlocks(sum, sum, blockAt(states, 128), 128);
    }
    kernel.call.xorBlocks(sum, sum, states, 128);
    yield;
  }
  kernel.call.xorBlocks(sum, sum, blockAt(matrix, rows - 128), 128);
  const result = kernel.read(sum, 2048);
  kernel.free(scratch);
  return result;
}

/** Replaces the field element χ at `chi` by χ to the power of `exponent`, at least 1. */
function raise(kernel: Kernel, chi: Pointer, exponent: number): void {
  const scratch = kernel.allocate(48);
  const [power, factor, zero] = [scratch, byteAt(scratch, 16), byteAt(scratch, 32)];
  const multiply = (target: Pointer, by: Pointer) => kernel.call.hashBits(target, by, zero, 1);
  kernel.write(factor, kernel.view(chi, 16));
  kernel.write(power, kernel.view(chi, 16));
  for (const bit of exponent.toString(2).slice(1)) {
    kernel.write(chi, kernel.view(power, 16));
    multiply(power, chi);
    if (bit === '1') multiply(power, factor);
  }
  kernel.write(chi, kernel.view(power, 16));
  kernel.free(scratch);
}

/** The same hash of one column of `rows` bits, packed least significant first: 16 bytes. */
export function hashColumn(kernel: Kernel, seed: Uint8Array, bits: Pointer, rows: number): Uint8Array {
  const scratch = kernel.allocate(48);
  const sum = byteAt(scratch, 16);
  const state = byteAt(sum, 16);
  for (const { chi, start, count } of segments(seed, rows)) {
    kernel.write(scratch, chi);
    kernel.view(state, 16).fill(0);
    kernel.call.hashBits(state, scratch, byteAt(bits, start * 16), count);
    kernel.call.xorBlocks(sum, sum, state, 1);
  }
  kernel.call.xorBlocks(sum, sum, byteAt(bits, rows / 8 - 16), 1);
  const result = kernel.read(sum, 16);
  kernel.free(scratch);
  return result;
}

/** What the receiver sends in place of the hash of its MACs: 32 bytes, bound to the challenge and so to the batch. */
export function answer(seed: Uint8Array, hashed: Uint8Array): Uint8Array {
  return hash(tags.cotMacHash, seed, hashed);
}
