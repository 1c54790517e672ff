import { bitLength } from '../../src/circuit/bits.ts';
import { type Grid, gridIndex, gridPrice, parseInteger, parseRange } from '../../src/documents/range.ts';
import type { Range } from '../../src/documents/terms.ts';
import type { Party } from '../../src/engine/engine.ts';
import type { InputError } from '../../src/errors.ts';
import { invalidMandate, memberNames, membersOf } from '../define.ts';
import type { Mandate } from '../rule.ts';
import { unitText } from './amount.ts';

/** Bits of a grid index: at least 1, at most 64. */
export function indexWidth(count: bigint): number {
  return Math.max(1, bitLength(count - 1n));
}

/** Bits of one encoded reservation: an index, and one bit more for abstention. */
export function wordWidth(count: bigint): number {
  return indexWidth(count) + 1;
}

/** A reservation as it enters the circuit: a number of `wordWidth(count)` bits, see README.md. */
export type ReservationWord = bigint;

/** The word of a party that accepts nothing: the seller one step above the grid, the buyer one step below. */
export function abstention(party: Party, count: bigint): ReservationWord {
  return party === 'a' ? count : 1n << BigInt(indexWidth(count));
}

/** The lowest grid index that a seller accepts, or the highest that a buyer accepts, by a word with any bits; undefined if it accepts none. */
export function indexOfWord(party: Party, count: bigint, word: ReservationWord): bigint | undefined {
  if (party === 'a') return word < count ? word : undefined;
  const low = BigInt.asUintN(indexWidth(count), word);
  const index = word === low ? low : low - 1n;
  return low < count && index >= 0n ? index : undefined;
}

/** A mandate for a price rule, encoded: a word for each round, and whether the party opts in to the near-miss bit. */
export interface Reservations {
  readonly words: readonly ReservationWord[];
  readonly optIn: boolean;
}

/** The form of a mandate under given terms. */
export interface MandateShape {
  readonly range: Range;
  /** Undefined where the terms have no rounds. */
  readonly rounds: number | undefined;
  readonly nearMiss: boolean;
}

/**
 * Validates and encodes a mandate for a price rule. Throws InputError `ERR_MANDATE_INVALID`, which never contains a value of the mandate.
 */
export function encodeMandate(
  { range, rounds, nearMiss }: MandateShape,
  party: Party,
  mandate: unknown,
): Reservations {
  const grid = parseRange(range);
  if (abstains(mandate)) return abstaining(grid, rounds, party);
  const given = membersOf(mandate);
  const members = memberNames(mandate);
  const member = rounds === undefined ? 'reservation' : 'reservations';
  if (members !== member && members !== `nearMiss,${member}`)
    throw invalid(`a mandate has exactly ${member}, or "abstain": true`);
  if (given.nearMiss !== undefined && !nearMiss)
    throw invalid('these terms have no near-miss bit to opt in to');
  if (given.nearMiss !== undefined && typeof given.nearMiss !== 'boolean')
    throw invalid('nearMiss is not true or false');
  const reservations = rounds === undefined ? [given.reservation] : given.reservations;
  if (!Array.isArray(reservations) || reservations.length !== (rounds ?? 1)) {
    throw invalid(`a mandate has one reservation for each of the ${rounds} rounds`);
  }
  const words = Array.from(reservations, (reservation) => encodeReservation(range, grid, reservation));
  return { words, optIn: given.nearMiss === true };
}

function abstains(mandate: unknown): boolean {
  return memberNames(mandate) === 'abstain' && membersOf(mandate).abstain === true;
}

function abstaining(grid: Grid, rounds: number | undefined, party: Party): Reservations {
  return { words: new Array(rounds ?? 1).fill(abstention(party, grid.count)), optIn: false };
}

/** A word and, if it differs from what was asked for, the reason. */
interface FittedWord {
  readonly word: ReservationWord;
  readonly why?: string;
}

/**
 * The words for any mandate that has a price for every round. Each word is the nearest grid price that the party would accept, or abstention. Anything else in
 * the mandate that these terms have no place for is left out. Undefined for any other mandate.
 */
export function fitMandate(
  { range, rounds, nearMiss }: MandateShape,
  party: Party,
  mandate: unknown,
): (Reservations & { readonly why: string | undefined }) | undefined {
  const grid = parseRange(range);
  if (abstains(mandate)) return { ...abstaining(grid, rounds, party), why: undefined };
  const { nearMiss: optIn, ...given } = membersOf(mandate);
  if (memberNames(given) !== (rounds === undefined ? 'reservation' : 'reservations')) return undefined;
  const reservations: unknown = rounds === undefined ? [given.reservation] : given.reservations;
  if (!Array.isArray(reservations) || reservations.length !== (rounds ?? 1)) return undefined;
  const values = Array.from(reservations as unknown[], toInteger);
  if (!values.every((value) => value !== undefined)) return undefined;
  const fitted = values.map((value) => fitReservation(grid, party, value));
  const whys = fitted.map(({ why }) => why);
  if (optIn === true && !nearMiss)
    whys.push('these terms have no near-miss bit, so the wish for it was left out');
  if (optIn !== undefined && typeof optIn !== 'boolean') {
    whys.push('nearMiss is not true or false, so the near-miss bit was left out');
  }
  const said = [...new Set(whys.filter((why) => why !== undefined))];
  return {
    words: fitted.map(({ word }) => word),
    optIn: nearMiss && optIn === true,
    why: said.length === 0 ? undefined : said.join('; '),
  };
}

/** The highest grid price that a buyer accepts, the lowest that a seller accepts, or abstention. */
function fitReservation(grid: Grid, party: Party, value: bigint): FittedWord {
  const seller = party === 'a';
  const worse = seller ? value > grid.max : value < grid.min;
  if (worse) {
    const why = `a reservation is ${seller ? 'above' : 'below'} all prices of these terms, so nothing is accepted by it`;
    return { word: abstention(party, grid.count), why };
  }
  if (seller ? value < grid.min : value > grid.max) {
    return seller
      ? { word: 0n, why: 'a reservation is below all prices of these terms, so the lowest one was entered' }
      : {
          word: grid.count - 1n,
          why: 'a reservation is above all prices of these terms, so the highest one was entered',
        };
  }
  const offset = value - grid.min;
  if (offset % grid.step === 0n) return { word: offset / grid.step };
  const up = seller ? grid.step - 1n : 0n;
  return {
    word: (offset + up) / grid.step,
    why: `a reservation lies between two prices of these terms, so the ${seller ? 'higher' : 'lower'} one was entered`,
  };
}

/**
 * The reverse of `encodeMandate`. Abstention in every round becomes an abstaining mandate; abstention in some rounds becomes a price one step outside the
 * range. Undefined if a word belongs to no mandate.
 */
export function decodeReservations(
  grid: Grid,
  rounds: number | undefined,
  party: Party,
  { words, optIn }: Reservations,
): Mandate | undefined {
  const abstains = abstention(party, grid.count);
  if (words.some((word) => word >= grid.count && word !== abstains)) return undefined;
  if (words.every((word) => word === abstains)) return { abstain: true };
  const outside = party === 'a' ? grid.count : -1n;
  const reservations = words.map((word) => String(gridPrice(grid, word === abstains ? outside : word)));
  const opted = optIn ? { nearMiss: true } : {};
  return rounds === undefined ? { reservation: reservations[0]!, ...opted } : { reservations, ...opted };
}

function encodeReservation(range: Range, grid: Grid, reservation: unknown): ReservationWord {
  const value = toInteger(reservation);
  if (value === undefined) {
    throw invalid(
      'a reservation is not an integer',
      'give a whole number of the smallest unit, such as "450000"',
    );
  }
  const index = gridIndex(grid, value);
  if (index !== undefined) return index;
  const { min, max, step, unit } = range;
  const problem = value < grid.min || value > grid.max ? 'outside the range' : 'not on the grid';
  const steps = step === '1' ? '' : ` in steps of ${step}`;
  throw invalid(
    `a reservation is ${problem}`,
    `give one from ${min} to ${max}${steps}${unit && ` ${unitText(unit)}`}`,
  );
}

/** A bigint, an integer as a decimal string, or a safe integer; undefined for anything else. */
export function toInteger(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string') return parseInteger(value);
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || Object.is(value, -0)) return undefined;
  return BigInt(value);
}

function invalid(
  message: string,
  hint = 'give { "reservation": "450000" } or { "abstain": true }',
): InputError {
  return invalidMandate(message, hint);
}
