import { type Exact, tenthsOfBits } from './exact.ts';

const DIGITS: Readonly<Record<string, string>> = {
  '-': '⁻',
  '.': '·',
  ...Object.fromEntries([...'⁰¹²³⁴⁵⁶⁷⁸⁹'].map((raised, digit) => [String(digit), raised])),
};

/** 2 to this power, as text. */
export function powerText(exponent: number | string): string {
  return `2${[...String(exponent)].map((sign) => DIGITS[sign]).join('')}`;
}

/** An error as a power of two, rounded up to a tenth of a bit; a dash for 0. */
export function errorText(error: Exact): string {
  if (error.over === 0n) return '–';
  const tenths = tenthsOfBits(error);
  return powerText((-tenths / 10).toFixed(1));
}

/** A Markdown table with its columns aligned; all but the first `words` columns to the right. */
export function table(words: number, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, i) => Math.max(name.length, 3, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i < words ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = widths.map((width, i) => (i < words ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
