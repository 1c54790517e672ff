import { parseInteger } from '../agreement/range.ts';
import type { OutcomeJson, Range, Terms } from '../agreement/terms.ts';

/** An integer of a range as people write it: `450000` with 2 decimals and USD is `4,500.00 USD`. */
export function formatAmount(value: bigint | string, range: Pick<Range, 'unit' | 'decimals'>): string {
  const number = BigInt(value);
  const digits = (number < 0n ? -number : number).toString().padStart(range.decimals + 1, '0');
  const whole = digits.slice(0, digits.length - range.decimals).replace(/\B(?=(\d{3})+$)/g, ',');
  const fraction = range.decimals === 0 ? '' : `.${digits.slice(-range.decimals)}`;
  return `${number < 0n ? '-' : ''}${whole}${fraction}${range.unit === '' ? '' : ` ${range.unit}`}`;
}

/**
 * The integer of what a person typed, with or without thousands separators, decimals and unit; undefined if it is not
 * an amount with at most that many decimals.
 */
export function parseAmount(typed: string, range: Pick<Range, 'unit' | 'decimals'>): bigint | undefined {
  let text = typed.trim();
  if (range.unit !== '' && text.toLowerCase().endsWith(range.unit.toLowerCase())) {
    text = text.slice(0, -range.unit.length).trim();
  }
  const match = /^(-?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole, fraction = ''] = match as unknown as [string, string, string, string | undefined];
  if (fraction.length > range.decimals) return undefined;
  const digits = `${whole.replaceAll(',', '')}${fraction.padEnd(range.decimals, '0')}`.replace(
    /^0+(?=\d)/,
    '',
  );
  return parseInteger(digits === '0' ? digits : `${sign}${digits}`);
}

/** An outcome in a few words: `deal at 4,500.00 USD`. */
export function outcomeText(outcome: OutcomeJson, terms: Pick<Terms, 'range'>): string {
  if (!outcome.deal) return 'no deal';
  if ('price' in outcome) {
    return `deal at ${formatAmount(outcome.price, terms.range ?? { unit: '', decimals: 0 })}`;
  }
  if ('option' in outcome) {
    const values = Object.entries(outcome.option.values).map(([issue, value]) => `${issue}: ${value}`);
    return `deal on option ${outcome.option.index} (${values.join(', ')})`;
  }
  return 'deal';
}
