import type { RoleNames } from '../../documents/terms.ts';
import { InputError } from '../../errors.ts';
import { nearestAmount, readAmount } from './amounts.ts';
import { Meanings } from './meanings.ts';

/** Reads what a person typed. Returns the value, or the possible meanings if there are several. Throws InputError, which says what would be right. */
export type Read<Value> = (typed: string) => Value | Meanings<Value> | Promise<Value | Meanings<Value>>;

export const text: Read<string> = (typed) => {
  if (typed === '') throw refused('that is empty', 'write a few words');
  return typed;
};

export const integer: Read<number> = (typed) => {
  if (!/^\d{1,6}$/.test(typed)) throw refused('that is not a whole number', 'write one like 2');
  return Number(typed);
};

/** An amount as people write it, as the integer string that files hold. */
export const amount =
  (range: { readonly unit: string; readonly decimals: number }): Read<string> =>
  (typed) => {
    const value = readAmount(typed, range);
    if (typeof value === 'bigint') return value.toString();
    if (value !== undefined)
      return new Meanings(value.choices.map((one) => ({ ...one, value: `${one.value}` })));
    const nearest = nearestAmount(typed, range);
    const digits = range.decimals === 0 ? 'no' : `at most ${range.decimals}`;
    throw refused(
      `that is not an amount${range.unit === '' ? '' : ` in ${range.unit}`} with ${digits} digits after the point`,
      `write one like ${nearest ?? (range.decimals === 0 ? '4,500' : `4,500.${'0'.repeat(range.decimals)}`)}`,
    );
  };

/** One of several names, in capitals or not, given by its beginning or by its number in the list. */
export const oneOf =
  <Name extends string>(names: readonly Name[]): Read<Name> =>
  (typed) => {
    const wanted = typed.trim().toLowerCase();
    const begun = wanted === '' ? [] : names.filter((name) => name.toLowerCase().startsWith(wanted));
    const found =
      names.find((name) => name.toLowerCase() === wanted) ?? (begun.length === 1 ? begun[0] : undefined);
    const numbered = /^\d+$/.test(wanted) ? names[Number(wanted) - 1] : undefined;
    const meant = found ?? numbered;
    if (meant !== undefined) return meant;
    throw refused('that is none of the choices', `they are ${names.join(', ')}`);
  };

/** A share as a fraction `p/q`; 0.25, 25% and half are read too. */
export const share: Read<string> = (typed) => {
  const written = /^(\d+) ?\/ ?(\d+)$/.exec(typed);
  if (written !== null) return `${written[1]}/${written[2]}`;
  if (/^(the )?(half|middle)$/i.test(typed)) return '1/2';
  const decimal = /^(\d{0,3})[.,]?(\d{0,4}) ?(%?)$/.exec(typed);
  if (decimal === null || !/\d/.test(typed))
    throw refused('that is not a fraction', 'write one like 1/2, 0.5 or 50%');
  const [, whole = '', fraction = '', percent = ''] = decimal;
  const [p, q] = [Number(whole + fraction), 10 ** fraction.length * (percent === '' ? 1 : 100)];
  const divisor = gcd(p, q);
  return `${p / divisor}/${q / divisor}`;
};

/** A percentage, with or without its sign. */
export const percent: Read<string> = (typed) => {
  const [, figure, sign] = /^(\d+(?:\.\d+)?) ?(%?)$/.exec(typed.replace(',', '.')) ?? [];
  const unclear = sign === '' && Number(figure) < 1;
  if (figure === undefined || unclear) throw refused('that is not a percentage', 'write one like 5%');
  return `${figure}%`;
};

/** One issue of a negotiation, with its possible values. */
export interface IssueTyped {
  readonly name: string;
  readonly values: readonly string[];
}

/** `Name: value, value`. Values with a comma in them are separated by semicolons. */
export const issue: Read<IssueTyped> = (typed) => {
  const cut = typed.indexOf(':');
  const name = typed.slice(0, Math.max(0, cut)).trim();
  const given = typed.slice(cut + 1);
  const list = given.replace(/[,;]\s*$/, '');
  if (given.includes(';')) return issueOf(name, list.split(';'));
  const apart = issueOf(name, list.split(','));
  const together = issueOf(name, list.split(/(?<!\d),|,(?!\d)/));
  const alike = apart.values.length === together.values.length;
  if (alike || !mayBelongTogether(list)) return apart;
  return new Meanings([together, apart].map((value) => ({ value, text: issueText(value) })));
};

/** An issue in a form that can be read in only one way. */
export function issueText({ name, values }: IssueTyped): string {
  return `${name}: ${values.join('; ')}${values.length === 1 ? ';' : ''}`;
}

/** Whether a comma between two digits may be part of a figure: three digits follow it, or other commas are followed by a space. */
function mayBelongTogether(list: string): boolean {
  return /\d,\d{3}(?!\d)/.test(list) || (/\d,\d/.test(list) && /,\s/.test(list));
}

function issueOf(name: string, parts: readonly string[]): IssueTyped {
  const values = parts.map((value) => value.trim());
  if (name === '' || values.includes('')) {
    throw refused('that is not an issue with its values', 'write one like “Delivery: 45 days, 60 days”');
  }
  return { name, values };
}

/** The names of the two sides, in party order: `candidate, employer`. */
export const sides: Read<RoleNames> = (typed) => {
  const names = typed.split(/\s*[,;/]\s*|\s+and\s+/);
  const [a, b] = names;
  if (names.length === 2 && a && b) return { a, b };
  throw refused('those are not two names', 'write two words, such as “candidate, employer”');
};

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

function refused(message: string, hint: string): InputError {
  return new InputError('ERR_USAGE', message, { hint });
}
