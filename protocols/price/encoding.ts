import { type Grid, gridIndex, gridPrice, parseInteger, parseRange } from '../../src/agreement/range.ts';
import type { OutcomeJson } from '../../src/agreement/terms.ts';
import { type Bits, bigintToBits, bitLength, bitsToBigint } from '../../src/circuit/bits.ts';
import type { Party } from '../../src/engine/engine.ts';
import { InputError } from '../../src/errors.ts';
import type { Mandate, RuleTerms } from '../rule.ts';

/** The price grid of terms that a price rule's schema has accepted. */
export function gridOf(terms: RuleTerms): Grid {
  if (terms.range === undefined) throw new InputError('ERR_TERMS_INVALID', 'a price rule needs a range');
  return parseRange(terms.range);
}

/** Bits of a grid index: at least 1, at most 64. */
export function indexWidth(count: bigint): number {
  return Math.max(1, bitLength(count - 1n));
}

/** Bits of one encoded reservation: an index, and one bit more for abstention. */
export function wordWidth(count: bigint): number {
  return indexWidth(count) + 1;
}

/** One party's reservation as it enters the circuit: `wordWidth(count)` bits, see README.md. */
export type ReservationWord = bigint;

/** The word of a party that accepts nothing: the seller one step above the grid, the buyer one step below. */
export function abstention(party: Party, count: bigint): ReservationWord {
  return party === 'a' ? count : 1n << BigInt(indexWidth(count));
}

/** The grid index that a word stands for: 0 to count − 1, or `count` (seller) and −1 (buyer) for abstention. */
export function indexOfWord(party: Party, count: bigint, word: ReservationWord): bigint {
  const top = 1n << BigInt(indexWidth(count));
  return party === 'b' && word >= top ? word - top - 1n : word;
}

/** Bits of a word, to be entered. */
export function wordBits(count: bigint, word: ReservationWord): Bits {
  return bigintToBits(word, wordWidth(count));
}

/** The reservation of a mandate for a price rule, encoded. Throws InputError `ERR_MANDATE_INVALID`; the value is never in it. */
export function encodeMandate(terms: RuleTerms, party: Party, mandate: Mandate): ReservationWord {
  const grid = gridOf(terms);
  const members = memberNames(mandate);
  if (members === 'abstain' && (mandate as { abstain: unknown }).abstain === true) {
    return abstention(party, grid.count);
  }
  if (members !== 'reservation') {
    throw invalid('a mandate for a price has exactly a reservation, or "abstain": true');
  }
  return encodeReservation(terms, grid, (mandate as { reservation: unknown }).reservation);
}

/** The grid index of a reservation: a bigint, an integer as a decimal string, or a safe integer. */
export function encodeReservation(terms: RuleTerms, grid: Grid, reservation: unknown): ReservationWord {
  const value =
    typeof reservation === 'bigint'
      ? reservation
      : typeof reservation === 'string'
        ? parseInteger(reservation)
        : Number.isSafeInteger(reservation) && !Object.is(reservation, -0)
          ? BigInt(reservation as number)
          : undefined;
  if (value === undefined) throw invalid('a reservation is not an integer', INTEGER_HINT);
  const index = gridIndex(grid, value);
  if (index !== undefined) return index;
  const { min, max, step, unit } = terms.range!;
  const problem = value < grid.min || value > grid.max ? 'outside the range' : 'not on the grid';
  const steps = step === '1' ? '' : ` in steps of ${step}`;
  throw invalid(`a reservation is ${problem}`, `give one from ${min} to ${max}${steps}${unit && ` ${unit}`}`);
}

/** The outcome of opened bits: whether there is a deal, then the index of its price. */
export function priceOutcome(grid: Grid, bits: Bits): OutcomeJson {
  if (bits[0] !== 1) return { deal: false };
  return { deal: true, price: String(gridPrice(grid, bitsToBigint(bits.subarray(1)))) };
}

/** Whether an outcome is exactly "no deal", or exactly a deal at a price of the grid. */
export function permitsPrice(terms: RuleTerms, outcome: OutcomeJson): boolean {
  if (isNoDeal(outcome)) return true;
  if (outcome.deal !== true || memberNames(outcome) !== 'deal,price') return false;
  const { price } = outcome as { price: unknown };
  const value = typeof price === 'string' ? parseInteger(price) : undefined;
  return value !== undefined && gridIndex(gridOf(terms), value) !== undefined;
}

/** Whether an outcome is exactly "no deal". */
export function isNoDeal(outcome: OutcomeJson): boolean {
  return outcome.deal === false && memberNames(outcome) === 'deal';
}

/** The names of an object's members, sorted and joined by commas; empty for what is no object. */
export function memberNames(value: unknown): string {
  return typeof value === 'object' && value !== null ? Object.keys(value).sort().join() : '';
}

/** An error about a mandate. It must not hold any of the mandate's values. */
export function invalid(message: string, hint = MANDATE_HINT): InputError {
  return new InputError('ERR_MANDATE_INVALID', message, { hint });
}

const MANDATE_HINT = 'give { "reservation": "450000" } or { "abstain": true }';
const INTEGER_HINT = 'give a whole number of the smallest unit, such as "450000"';
