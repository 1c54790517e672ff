import { MAX_OUTCOMES, malformed, quoted, unsupported } from './draft.ts';

/** A decimal number, exactly: digits · 10^−scale. */
interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

const DECIMAL = /^([+-]?)(\d{1,15})(?:\.(\d{0,12}))?(?:[eE]([+-]?\d{1,2}))?$/;

/** A number of the file as a double. Refuses anything but a plain decimal number. */
export function parseNumber(text: string | undefined, what: string): number {
  const value = text === undefined ? Number.NaN : Number(text.trim());
  if (text === undefined || text.trim() === '' || !Number.isFinite(value))
    throw malformed(`${what} is missing or not a number`);
  return value;
}

/** An integer of the file. */
export function parseIndex(text: string | undefined, what: string): number {
  if (text === undefined || !/^-?\d{1,9}$/.test(text.trim()))
    throw malformed(`${what} is missing or not an integer`);
  return Number(text);
}

/** low, low + step, … up to high, written as decimals without rounding. */
export function decimalSteps(low: string, high: string, step: string, issue: string): string[] {
  const numbers = [low, high, step].map((text) => parseDecimal(text, issue));
  const scale = Math.max(...numbers.map((number) => number.scale));
  const [first, last, stride] = numbers.map((number) => number.digits * 10n ** BigInt(scale - number.scale));
  if (first > last) throw malformed(`the range of ${quoted(issue)} is empty`);
  if (stride <= 0n) throw malformed(`the step of ${quoted(issue)} is not above 0`);
  const count = (last - first) / stride + 1n;
  if (count > BigInt(MAX_OUTCOMES))
    throw unsupported(`${quoted(issue)} has more than ${MAX_OUTCOMES} values`);
  return Array.from({ length: Number(count) }, (_, i) => formatDecimal(first + BigInt(i) * stride, scale));
}

function parseDecimal(text: string, issue: string): Decimal {
  const match = DECIMAL.exec(text.trim());
  if (!match) throw malformed(`a bound or step of ${quoted(issue)} is not a decimal number`);
  const [, sign, whole, fraction = '', exponent = '0'] = match;
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  const scale = fraction.length - Number(exponent);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

function formatDecimal(digits: bigint, scale: number): string {
  const sign = digits < 0n ? '-' : '';
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  const whole = text.slice(0, text.length - scale);
  const fraction = text.slice(text.length - scale).replace(/0+$/, '');
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
