import { CHALLENGE_BITS, MULTIPLIER_BITS } from './parameters.ts';

/** Powers of two, each with a sign, that a multiplier is made of: so many additions, less one, has the product of a value with it. */
export const TERMS = 8;
/** The highest power is negative in no multiplier; each of the others has a bit of the challenge for its sign. */
const SIGN_BITS = TERMS - 1;
/** A set of TERMS of these is a set of places when the i-th smallest is moved up by i: C(70, 8) sets, more than 2³³. */
const POSITIONS = MULTIPLIER_BITS - (TERMS - 1);

/** ±2^place. */
export interface Term {
  readonly place: number;
  readonly negative: boolean;
}

/**
 * The terms of k(e), lowest first. Different challenges below 2⁴⁰ have different multipliers: the lowest bits of e are the signs, and the others number a set
 * of positions in the combinatorial number system (Knuth, The Art of Computer Programming, 7.2.1.3, theorem L). Places that are never neighbours
 * make the terms a non-adjacent form, of which each integer has exactly one (Reitwiesner, 1960).
 */
export function termsOf(challenge: bigint): readonly Term[] {
  if (challenge < 0n || challenge >> BigInt(CHALLENGE_BITS) !== 0n) {
    throw new RangeError('a challenge has 40 bits');
  }
  const signs = Number(BigInt.asUintN(SIGN_BITS, challenge));
  let rank = Number(challenge >> BigInt(SIGN_BITS));
  const terms: Term[] = [];
  let position = POSITIONS - 1;
  for (let lower = TERMS - 1; lower >= 0; lower--) {
    while (choices(position, lower + 1) > rank) position--;
    rank -= choices(position, lower + 1);
    terms.unshift({ place: position + lower, negative: ((signs >> lower) & 1) === 1 });
  }
  return terms;
}

/** k(e): what a challenge below 2⁴⁰ multiplies the sealed value by. */
export function multiplierOf(challenge: bigint): bigint {
  return termsOf(challenge).reduce(
    (sum, { place, negative }) => sum + (negative ? -1n : 1n) * (1n << BigInt(place)),
    0n,
  );
}

/** How many sets of `size` there are among `count`: exact, since each quotient is a whole number below 2⁵³. */
function choices(count: number, size: number): number {
  let sets = 1;
  for (let i = 0; i < size; i++) sets = (sets * (count - i)) / (i + 1);
  return sets;
}
