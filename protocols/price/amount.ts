import type { Range } from '../../src/documents/terms.ts';

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
