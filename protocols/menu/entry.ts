import type { Menu } from '../../src/documents/terms.ts';
import type { InputError } from '../../src/errors.ts';
import { invalidMandate, memberNames, membersOf } from '../define.ts';
import type { Entry } from '../rule.ts';
import { countOptions } from './options.ts';
import { inOrder } from './ratings.ts';

/** Utilities and reservations are multiples of 1/65,535. */
export const STEPS = 65_535;
/** A utility may lie this far outside 0 to 1, because of rounding. */
export const TOLERANCE = 1e-9;
/** The reservation of a party that abstains: one step above the highest utility, so that no option reaches it. */
export const ABSTAINS = STEPS + 1;

/** A validated mandate over a menu, quantised. */
export interface MenuEntry {
  /** The utility of each option, in steps of 1/65,535. */
  readonly utilities: Uint16Array;
  /** In the same steps; `ABSTAINS` for a party that abstains. */
  readonly reservation: number;
}

/** Validates and quantises a mandate over a menu. Throws InputError `ERR_MANDATE_INVALID`, which contains no value of the mandate. */
export function menuEntry(menu: Menu, mandate: unknown): MenuEntry {
  const given = membersOf(mandate);
  const count = countOptions(menu);
  switch (memberNames(mandate)) {
    case 'abstain':
      if (given.abstain !== true) break;
      return { utilities: new Uint16Array(count), reservation: ABSTAINS };
    case 'ratings,reservation':
      return rated(menu, inOrder(menu, given.ratings), given.reservation);
    case 'reservation,utilities':
    case 'evaluations,reservation,weights':
      return rated(menu, given, given.reservation);
  }
  throw invalid('a mandate for a menu has a reservation and ratings, or abstains');
}

function rated(
  menu: Menu,
  given: { readonly utilities?: unknown; readonly weights?: unknown; readonly evaluations?: unknown },
  reservation: unknown,
): MenuEntry {
  const utilities =
    given.utilities === undefined
      ? weightedSums(menu, given.weights, given.evaluations)
      : quantisedAll(
          numbers(given.utilities, countOptions(menu), 'utilities', 'one for each option of the menu'),
        );
  return { utilities, reservation: quantised(reservation) };
}

/**
 * A mandate as an entry. The number is the reservation; the bytes are the utility of each option, 2 bytes each, low byte first. A utility below the
 * reservation is entered as 0: it does not affect the outcome, and an opening of the seal would show it.
 */
export function toEntry({ utilities, reservation }: MenuEntry): Entry {
  const rest = new DataView(new ArrayBuffer(2 * utilities.length));
  for (let i = 0; i < utilities.length; i++) {
    const utility = utilities[i]!;
    rest.setUint16(2 * i, utility & acceptance(utility - reservation), true);
  }
  return { value: BigInt(reservation), rest: new Uint8Array(rest.buffer) };
}

/** The mandate in an entry over `count` options; undefined if the entry has another form. */
export function fromEntry({ value, rest }: Entry, count: number): MenuEntry | undefined {
  if (value > BigInt(ABSTAINS) || rest?.length !== 2 * count) return undefined;
  const bytes = new DataView(rest.buffer, rest.byteOffset, rest.length);
  const utilities = new Uint16Array(count);
  for (let i = 0; i < count; i++) utilities[i] = bytes.getUint16(2 * i, true);
  return { utilities, reservation: Number(value) };
}

/**
 * For each option from `start` to `end`: its gain u − r if it is accepted (u ≥ r), otherwise 0; and 1 if it is accepted, otherwise 0.
 */
export function gainsOf(
  { utilities, reservation }: MenuEntry,
  start = 0,
  end = utilities.length,
): {
  gains: Uint16Array;
  accepted: Uint8Array;
} {
  const gains = new Uint16Array(end - start);
  const accepted = new Uint8Array(end - start);
  for (let i = start; i < end; i++) {
    const gain = utilities[i]! - reservation;
    const reached = acceptance(gain);
    gains[i - start] = gain & reached;
    accepted[i - start] = reached & 1;
  }
  return { gains, accepted };
}

/** A mask: all ones for a gain of 0 or more, 0 for a negative gain. No branch depends on the gain, since which options a party accepts is secret. */
export function acceptance(gain: number): number {
  return ~(gain >> 31);
}

/** floor(min(max(u, 0), 1) · 65,535 + ½). Throws for anything but a number from 0 to 1, within `TOLERANCE`. */
function quantised(utility: unknown): number {
  if (typeof utility !== 'number' || !(utility >= -TOLERANCE && utility <= 1 + TOLERANCE)) {
    throw invalid('a utility or reservation is not a number from 0 to 1');
  }
  return Math.floor(Math.min(Math.max(utility, 0), 1) * STEPS + 0.5);
}

function quantisedAll(numbers: Float64Array): Uint16Array {
  const all = new Uint16Array(numbers.length);
  for (let i = 0; i < all.length; i++) all[i] = quantised(numbers[i]);
  return all;
}

/** The utility of each option: Σ weight · evaluation over the issues, quantised. The sum is taken in issue order and in double precision, so that it is the same everywhere. */
function weightedSums(menu: Menu, weights: unknown, evaluations: unknown): Uint16Array {
  const { issues } = menu;
  const each = 'one for each issue';
  const factors = numbers(weights, issues.length, 'weights', each);
  if (!Array.isArray(evaluations) || evaluations.length !== issues.length)
    throw wrongLength('evaluations', each);
  let sums = new Float64Array(1);
  issues.forEach((issue, i) => {
    const values = numbers(
      evaluations[i],
      issue.values.length,
      'evaluations',
      'one for each value of an issue',
    );
    const next = new Float64Array(sums.length * values.length);
    let at = 0;
    for (const sum of sums) for (const value of values) next[at++] = sum + factors[i]! * value;
    sums = next;
  });
  return quantisedAll(sums);
}

function numbers(given: unknown, count: number, name: string, each: string): Float64Array {
  const isList = Array.isArray(given) || given instanceof Float64Array;
  if (!isList || given.length !== count) throw wrongLength(name, each);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const value: unknown = given[i];
    if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(`${name} are not all numbers`);
    values[i] = value;
  }
  return values;
}

function wrongLength(name: string, each: string): InputError {
  return invalid(`there are not as many ${name} as there should be: ${each}`);
}

function invalid(message: string): InputError {
  return invalidMandate(
    message,
    'give { "reservation": 0.35, "ratings": { … } } with a rating of all that is on the menu, by name and from 0 to 1',
  );
}
