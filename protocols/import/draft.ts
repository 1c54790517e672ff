import type { Menu } from '../../src/documents/terms.ts';
import { isPlainText, toPlainText } from '../../src/documents/text.ts';
import { InputError } from '../../src/errors.ts';
import { MENU_VERSION } from '../menu/options.ts';

/** The result of an import: terms to complete (parties, expiry and nonce are still missing), both mandates, and notes on what was left out. */
export interface ImportedDomain {
  readonly terms: {
    readonly parley: 1;
    readonly subject: string;
    readonly rule: {
      readonly name: 'menu';
      readonly solution: string;
      readonly version: typeof MENU_VERSION;
    };
    readonly menu: Menu;
  };
  readonly mandates: readonly [ImportedMandate, ImportedMandate];
  readonly notes: readonly string[];
}

/** A mandate over an imported menu: a weight for each issue and an evaluation in 0..1 for each of its values. */
export interface ImportedMandate {
  readonly reservation: number;
  readonly weights: readonly number[];
  readonly evaluations: readonly (readonly number[])[];
}

/** How to import. */
export interface ImportOptions {
  /** The step of real issues that have none, as a decimal string such as `"0.5"`. */
  readonly realStep?: string;
  /** The menu rule's solution to put into the terms. Default `nash`. */
  readonly solution?: string;
}

/** The longest file, in characters. */
export const MAX_FILE_LENGTH = 1 << 22;
export const MAX_ISSUES = 64;
export const MAX_OUTCOMES = 400_000;
/** A sum of weights may exceed 1 by this much. That counts as rounding. */
const WEIGHT_TOLERANCE = 1e-3;

/** The error for something that the importer recognises but does not support. */
export function unsupported(message: string, hint?: string): InputError {
  return new InputError('ERR_IMPORT_UNSUPPORTED', message, { hint });
}

/** The error for a file that contradicts itself or its form. */
export function malformed(message: string): InputError {
  return new InputError('ERR_IMPORT_INVALID', message);
}

/** A name or a value of the file, fit to be shown; for error messages. */
export function quoted(text: string): string {
  return `"${toPlainText(text)}"`;
}

/** Checks a menu: sizes, plain text, no issue or value twice. */
export function checkMenu(menu: Menu): Menu {
  if (menu.issues.length === 0) throw malformed('the domain has no issues');
  if (menu.issues.length > MAX_ISSUES) throw unsupported(`the domain has more than ${MAX_ISSUES} issues`);
  let outcomes = 1;
  for (const { name, values } of menu.issues) {
    if (values.length === 0) throw malformed(`the issue ${quoted(name)} has no values`);
    for (const text of [name, ...values])
      if (!isPlainText(text) || text === '')
        throw unsupported(`the issue ${quoted(name)} has a name or value that is not plain text`);
    if (new Set(values).size < values.length) throw malformed(`the issue ${quoted(name)} has a value twice`);
    outcomes *= values.length;
    if (outcomes > MAX_OUTCOMES) throw unsupported(`the domain has more than ${MAX_OUTCOMES} outcomes`);
  }
  if (new Set(menu.issues.map((issue) => issue.name)).size < menu.issues.length)
    throw malformed('the domain has two issues of the same name');
  return menu;
}

/** Scales weights whose sum exceeds 1 only by rounding. Refuses weights below 0 or a larger sum. */
export function checkWeights(weights: readonly number[], whose: string): number[] {
  if (weights.some((weight) => !(weight >= 0 && weight < Infinity)))
    throw malformed(`${whose} has a weight that is not a number ≥ 0`);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (sum > 1 + WEIGHT_TOLERANCE)
    throw unsupported(`the weights of ${whose} sum to more than 1`, 'scale them to a sum of 1');
  return sum > 1 ? weights.map((weight) => weight / sum) : [...weights];
}

/** Refuses a reservation outside 0..1. */
export function checkReservation(reservation: number, whose: string): number {
  if (!(reservation >= 0 && reservation <= 1))
    throw unsupported(
      `the reservation value of ${whose} is not in 0..1`,
      'write it as a share of the best package’s utility: where that has 100 points, 40 points are 0.4',
    );
  return reservation;
}

/** The most names of elements in a note and, below, the most characters of a name. */
const MOST_NAMES = 20;
const MOST_LETTERS = 40;

/** A note of the elements or members of a file that have been left out; none if there are none. */
export function leftOut(names: readonly string[], whose: string): string[] {
  if (names.length === 0) return [];
  const told = names.slice(0, MOST_NAMES).map((name) => toPlainText(name).slice(0, MOST_LETTERS));
  const more = names.length - told.length;
  return [`not read in ${whose}: ${told.join(', ')}${more > 0 ? ` and ${more} more` : ''}`];
}

/** Makes the result of an import. */
export function draft(
  name: string,
  menu: Menu,
  mandates: readonly [ImportedMandate, ImportedMandate],
  notes: readonly string[],
  options: ImportOptions,
): ImportedDomain {
  const subject = toPlainText(name.trim());
  return {
    terms: {
      parley: 1,
      subject: subject === '' ? 'imported domain' : subject,
      rule: { name: 'menu', solution: options.solution ?? 'nash', version: MENU_VERSION },
      menu,
    },
    mandates,
    notes: [...new Set(notes)],
  };
}
