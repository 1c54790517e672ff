import { parseInteger } from '../../src/documents/range.ts';
import type { Range } from '../../src/documents/terms.ts';
import { quoted } from '../../src/documents/text.ts';

/** The digits before the point, without separators, and the digits after it. */
export interface Figure {
  readonly whole: string;
  readonly fraction: string;
}

/** A unit that can follow a figure without quotation marks: one short word, which may have signs such as € or %. */
const PLAIN_UNIT = /^[\p{L}\p{M}\p{N}\p{Sc}%‰°/^.]{1,12}$/u;

/** A unit in the form in which it follows a figure: in quotation marks unless it is one short word, so that it cannot continue a sentence of ours. */
export function unitText(unit: string): string {
  return unit === '' || PLAIN_UNIT.test(unit) ? unit : quoted(unit);
}

/** An integer of a range as people write it: `450000` with 2 decimals and USD is `4,500.00 USD`. A unit that is not plain is quoted (`unitText`). */
export function formatAmount(value: bigint | string, range: Pick<Range, 'unit' | 'decimals'>): string {
  const number = BigInt(value);
  const digits = (number < 0n ? -number : number).toString().padStart(range.decimals + 1, '0');
  const whole = groupThousands(digits.slice(0, digits.length - range.decimals));
  const fraction = range.decimals === 0 ? '' : `.${digits.slice(-range.decimals)}`;
  return `${number < 0n ? '-' : ''}${whole}${fraction}${range.unit === '' ? '' : ` ${unitText(range.unit)}`}`;
}

/** `1234567` is `1,234,567`. */
export function groupThousands(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

/**
 * The integer of an amount in the form in which `formatAmount` writes it, with or without thousands separators, decimals and unit; undefined if it is
 * not an amount with at most that many decimals.
 */
export function parseAmount(text: string, range: Pick<Range, 'unit' | 'decimals'>): bigint | undefined {
  let figure = text.trim();
  const lower = figure.toLowerCase();
  const written = [unitText(range.unit), range.unit].find((unit) => lower.endsWith(unit.toLowerCase()));
  if (written) figure = figure.slice(0, -written.length).trim();
  const match = /^(-?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?$/.exec(figure);
  if (match === null) return undefined;
  const [, sign, whole, fraction = ''] = match as unknown as [string, string, string, string | undefined];
  if (fraction.length > range.decimals) return undefined;
  const value = scaled({ whole: whole.replaceAll(',', ''), fraction }, range.decimals);
  return value === undefined || sign === '' ? value : -value;
}

/** The integer of a figure with at most `decimals` digits after the point; undefined if it has too many digits. */
export function scaled({ whole, fraction }: Figure, decimals: number): bigint | undefined {
  return parseInteger(`${whole}${fraction.padEnd(decimals, '0')}`.replace(/^0+(?=\d)/, '') || '0');
}
