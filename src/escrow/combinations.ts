import { type Bits, packBits } from '../circuit/bits.ts';
import { concatBytes } from '../crypto/bytes.ts';
import type { TagMatrix } from './matrix.ts';
import { maskWidth, PAIRS, TAG_BITS } from './parameters.ts';

/** A linear combination over GF(2) of the fixed bits: their positions in o′ ‖ ρ_0 ‖ … ‖ ρ_39. */
export type Combination = readonly number[];

/** Bit k of a challenge: which of the pair's ciphertexts is opened. */
export function challengeBit(challenge: bigint, pair: number): 0 | 1 {
  return (challenge >> BigInt(pair)) & 1n ? 1 : 0;
}

/** F4: what the engine opens to the verifier: t_0, …, t_39, then T. */
export function combinations(challenge: bigint, matrix: TagMatrix): readonly Combination[] {
  const width = matrix[0]!.length;
  const all = maskWidth(width);
  const shares = Array.from({ length: PAIRS * all }, (_, at) => {
    const opensSecond = challengeBit(challenge, Math.floor(at / all)) === 1;
    return opensSecond ? [all + at, at % all] : [all + at];
  });
  const tag = matrix.map((row, i) => [width + i, ...positions(row)]);
  return [...shares, ...tag];
}

/** The values of combinations of these bits. */
export function combine(rows: readonly Combination[], bits: Bits): Bits {
  return Uint8Array.from(rows, (row) => row.reduce((sum, at) => sum ^ bits[at]!, 0));
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

function positions(row: Bits): number[] {
  const found: number[] = [];
  row.forEach((bit, j) => {
    if (bit === 1) found.push(j);
  });
  return found;
}
