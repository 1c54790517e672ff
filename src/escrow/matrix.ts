import { type Bits, unpackBits } from '../circuit/bits.ts';
import { concatBytes } from '../crypto/bytes.ts';
import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';
import type { EscrowLabel } from './label.ts';
import { maskWidth, TAG_BITS } from './parameters.ts';

/** A: 48 rows of as many bits as the outcome has. */
export type TagMatrix = readonly Bits[];

/** The seed of A for the escrow of that label, 32 bytes, from the nonce with which its verifier opened its challenge. */
export function matrixSeed(label: EscrowLabel, nonce: Uint8Array): Uint8Array {
  return hash(tags.escrowMatrixSeed, label, nonce);
}

/** A, row by row from the bits of hashes of the seed with a counter, the lowest bit of a byte first. */
export function tagMatrix(seed: Uint8Array, width: number): TagMatrix {
  const blocks = Math.ceil((TAG_BITS * width) / 256);
  const stream = Array.from({ length: blocks }, (_, block) => hash(tags.escrowMatrix, seed, block));
  const bits = unpackBits(concatBytes(...stream), TAG_BITS * width);
  return Array.from({ length: TAG_BITS }, (_, row) => bits.subarray(row * width, (row + 1) * width));
}

/** T = A·o ⊕ pad, 48 bits, of o′ = o ‖ pad. */
export function tagOf(matrix: TagMatrix, mask: Bits): Bits {
  const width = matrix[0]!.length;
  if (mask.length !== maskWidth(width))
    throw new RangeError('the mask is not that of an outcome of this width');
  return Uint8Array.from(matrix, (row, i) => {
    let sum = mask[width + i]!;
    for (let j = 0; j < width; j++) sum ^= row[j]! & mask[j]!;
    return sum;
  });
}
