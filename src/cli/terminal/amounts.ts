import { formatAmount } from '../../../protocols/price/amount.ts';
import { parseInteger } from '../../documents/range.ts';
import type { OutcomeJson, Range, Terms } from '../../documents/terms.ts';

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

/** An outcome in a few words: `deal at 4,500.00 USD in round 2`. */
export function outcomeText(outcome: OutcomeJson, terms: Pick<Terms, 'range'>): string {
  if (!outcome.deal) {
    if (outcome.nearMiss === undefined) return 'no deal';
    return outcome.nearMiss ? 'no deal, but a near miss' : 'no deal, and no near miss that both would show';
  }
  if ('option' in outcome) {
    const values = Object.entries(outcome.option.values).map(([issue, value]) => `${issue}: ${value}`);
    return `deal on option ${outcome.option.index} (${values.join(', ')})`;
  }
  const price = 'price' in outcome ? ` at ${formatAmount(outcome.price, terms.range ?? NO_UNIT)}` : '';
  const round = outcome.round === undefined ? '' : ` in round ${outcome.round}`;
  return `deal${price}${round}`;
}

const NO_UNIT = { unit: '', decimals: 0 };
