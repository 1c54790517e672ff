import { ruleOf } from '../../../protocols/registry.ts';
import type { RuleTerms } from '../../../protocols/rule.ts';
import { parseInteger } from '../../documents/range.ts';
import type { OutcomeJson, Range } from '../../documents/terms.ts';

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
export function outcomeText(outcome: OutcomeJson, terms: RuleTerms): string {
  return ruleOf(terms).under(terms).outcomeText(outcome);
}
