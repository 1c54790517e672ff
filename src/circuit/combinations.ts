import type { Bits } from './bits.ts';

/**
 * Linear combinations over GF(2) of some bits, in the form of a sparse matrix: combination i is the sum of the bits at
 * `positions[ends[i − 1]]`, …, `positions[ends[i] − 1]`, where the first begins at 0.
 */
export interface Combinations {
  readonly positions: Uint32Array;
  readonly ends: Uint32Array;
}

/** The values of combinations of these bits, one a byte. */
export function combine({ positions, ends }: Combinations, bits: Bits): Bits {
  let at = 0;
  return Uint8Array.from(ends, (end) => {
    let sum = 0;
    for (; at < end; at += 1) sum ^= bits[positions[at]!]!;
    return sum;
  });
}
