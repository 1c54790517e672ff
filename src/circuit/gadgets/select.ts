import type { Bit, CircuitBuilder, Word } from '../builder.ts';
import { lessThan } from './compare.ts';
import { commonWidth } from './word.ts';

/** `yes` if `condition`, else `no`, for two words of one width n: n ANDs. */
export function select(c: CircuitBuilder, condition: Bit, yes: Word, no: Word): Word {
  commonWidth(yes, no);
  return yes.map((bit, i) => c.xor(no[i]!, c.and(condition, c.xor(bit, no[i]!))));
}

/** The smaller of two words of one width n: 2n ANDs; with the larger of the same two, still 2n. */
export function minimum(c: CircuitBuilder, x: Word, y: Word): Word {
  return select(c, lessThan(c, y, x), y, x);
}

/** The larger of two words of one width n: 2n ANDs. */
export function maximum(c: CircuitBuilder, x: Word, y: Word): Word {
  return select(c, lessThan(c, y, x), x, y);
}

/** A candidate: its key decides, its payload comes along. */
export interface Candidate {
  readonly key: Word;
  readonly payload: Word;
}

/** The candidate with the larger key, or the first one if the keys are equal: 2 × key + payload ANDs. */
export function better(c: CircuitBuilder, first: Candidate, second: Candidate): Candidate {
  const take = lessThan(c, first.key, second.key);
  return {
    key: select(c, take, second.key, first.key),
    payload: select(c, take, second.payload, first.payload),
  };
}

/** The candidate with the largest key, or the earliest of several with that key, by a balanced tournament. At least one candidate. */
export function best(c: CircuitBuilder, candidates: readonly Candidate[]): Candidate {
  if (candidates.length === 0) throw new RangeError('no candidates');
  let round = candidates;
  while (round.length > 1) {
    const next: Candidate[] = [];
    for (let i = 0; i + 1 < round.length; i += 2) next.push(better(c, round[i]!, round[i + 1]!));
    if (round.length % 2 === 1) next.push(round.at(-1)!);
    round = next;
  }
  return round[0]!;
}
