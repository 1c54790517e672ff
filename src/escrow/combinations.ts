import { type Bits, packBits } from '../circuit/bits.ts';
import type { Combinations } from '../circuit/combinations.ts';
import { concatBytes } from '../crypto/bytes.ts';
import type { TagMatrix } from './matrix.ts';
import { maskWidth, PAIRS, TAG_BITS } from './parameters.ts';

/** Bit k of a challenge: which of the pair's ciphertexts is opened. */
export function challengeBit(challenge: bigint, pair: number): 0 | 1 {
  return (challenge >> BigInt(pair)) & 1n ? 1 : 0;
}

/** F4: what the engine opens to the verifier of o′ ‖ ρ_0 ‖ … ‖ ρ_39: t_0, …, t_39, then T. */
export function combinations(challenge: bigint, matrix: TagMatrix): Combinations {
  const width = matrix[0]!.length;
  const all = maskWidth(width);
  const ends = new Uint32Array(PAIRS * all + TAG_BITS);
  const positions = new Uint32Array(2 * PAIRS * all + TAG_BITS * (width + 1));
  let [count, row] = [0, 0];
  for (let pair = 0; pair < PAIRS; pair++) {
    const opensSecond = challengeBit(challenge, pair) === 1;
    for (let i = 0; i < all; i++) {
      positions[count++] = (pair + 1) * all + i;
      if (opensSecond) positions[count++] = i;
      ends[row++] = count;
    }
  }
  for (const [i, bits] of matrix.entries()) {
    positions[count++] = width + i;
    for (let j = 0; j < width; j++) if (bits[j] === 1) positions[count++] = j;
    ends[row++] = count;
  }
  return { positions: positions.slice(0, count), ends };
}

/** The opened values, packed. */
export interface OpenedCombinations {
  /** t: for each pair t_k, packed. */
  readonly shares: Uint8Array;
  /** T, 6 bytes. */
  readonly tag: Uint8Array;
}

/** Packs what F4 opened. Throws RangeError if it has another number of bits. */
export function packCombinations(opened: Bits, width: number): OpenedCombinations {
  const all = maskWidth(width);
  if (opened.length !== PAIRS * all + TAG_BITS)
    throw new RangeError('these are not the combinations of an escrow');
  const shares = Array.from({ length: PAIRS }, (_, k) => packBits(opened.subarray(k * all, (k + 1) * all)));
  return { shares: concatBytes(...shares), tag: packBits(opened.subarray(PAIRS * all)) };
}
