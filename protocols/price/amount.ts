import { parseInteger } from '../../src/documents/range.ts';
import type { Range } from '../../src/documents/terms.ts';

/** Digits in front of the point, without separators, and digits behind it. */
export interface Figure {
  readonly whole: string;
  readonly fraction: string;
}

/** An integer of a range as people write it: `450000` with 2 decimals and USD is `4,500.00 USD`. */
export function formatAmount(value: bigint | string, range: Pick<Range, 'unit' | 'decimals'>): string {
  const number = BigInt(value);
  const digits = (number < 0n ? -number : number).toString().padStart(range.decimals + 1, '0');
  const whole = groupThousands(digits.slice(0, digits.length - range.decimals));
  const fraction = range.decimals === 0 ? '' : `.${digits.slice(-range.decimals)}`;
  return `${number < 0n ? '-' : ''}${whole}${fraction}${range.unit === '' ? '' : ` ${range.unit}`}`;
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
  if (range.unit !== '' && figure.toLowerCase().endsWith(range.unit.toLowerCase())) {
    figure = figure.slice(0, -range.unit.length).trim();
  }
  const match = /^(-?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?$/.exec(figure);
  if (match === null) return undefined;
  const [, sign, whole, fraction = ''] = match as unknown as [string, string, string, string | undefined];
  if (fraction.length > range.decimals) return undefined;
  const value = scaled({ whole: whole.replaceAll(',', ''), fraction }, range.decimals);
  return value === undefined || sign === '' ? value : -value;
}

/** The integer of a figure with at most `decimals` digits behind the point; undefined if it has too many digits. */
export function scaled({ whole, fraction }: Figure, decimals: number): bigint | undefined {
  return parseInteger(`${whole}${fraction.padEnd(decimals, '0')}`.replace(/^0+(?=\d)/, '') || '0');
}
