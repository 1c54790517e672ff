import { type Figure, formatAmount, parseAmount, scaled } from '../../../protocols/price/amount.ts';
import { ruleOf } from '../../../protocols/registry.ts';
import type { RuleTerms } from '../../../protocols/rule.ts';
import type { OutcomeJson, Range } from '../../documents/terms.ts';
import { signsOf } from './currency.ts';
import { Meanings } from './meanings.ts';

type Unit = Pick<Range, 'unit' | 'decimals'>;

/**
 * The integer of an amount as people write it, also with the sign of its currency, other separators or a k for thousands; undefined for a text that is
 * not an amount in this unit. If it can be read in two ways, such as a point before three digits, both are returned, unless it is written as Parley writes it.
 */
export function readAmount(typed: string, range: Unit): bigint | Meanings<bigint> | undefined {
  const own = parseAmount(typed, range);
  if (own !== undefined && formatAmount(own, range) === typed.trim()) return own;
  const { body, negative, thousands } = bareFigure(typed, range.unit);
  const scale = range.decimals + (thousands ? 3 : 0);
  const found = new Set<bigint>();
  const add = (value: bigint | undefined) => {
    if (value !== undefined) found.add(negative ? -value : value);
  };
  const english = parseAmount(body, { unit: '', decimals: scale });
  add(english ?? withoutSpareZeros(body, scale));
  for (const [group, point] of [
    ['.', ','],
    ["'", '.'],
    ["'", ','],
    [' ', '.'],
    [' ', ','],
  ] as const) {
    const figure = figureIn(body, group, point);
    if (figure !== undefined && figure.fraction.length <= scale) add(scaled(figure, scale));
  }
  const values = [...found];
  const [only] = values;
  const far = english === undefined && /^[1-9]\d{0,2}\.\d{3}$/.test(body);
  if (values.length === 1 && !far) return only;
  if (only === undefined) return undefined;
  return new Meanings(values.map((value) => ({ value, text: formatAmount(value, range) })));
}

/** The readable amount that is nearest to what was typed; undefined if there is no figure in it. */
export function nearestAmount(typed: string, range: Unit): string | undefined {
  const { body, negative, thousands } = bareFigure(typed, range.unit);
  const cut = /^\D*(\d[\d,.' ]*)/.exec(body)?.[1];
  if (cut === undefined) return undefined;
  const [, whole, fraction = ''] = /^(.*?)(?:[.,](\d{1,2}|(?<=\d{4}[.,]|,.*\.|\..*,)\d+))?$/.exec(
    cut.trim(),
  )!;
  const digits = whole!.replace(/\D/g, '') || '0';
  const value = scaled({ whole: digits, fraction: fraction.slice(0, range.decimals) }, range.decimals);
  if (value === undefined) return undefined;
  const size = thousands ? value * 1000n : value;
  return formatAmount(negative ? -size : size, range);
}

/** An outcome in a few words: `deal at 4,500.00 USD in round 2`. */
export function outcomeText(outcome: OutcomeJson, terms: RuleTerms): string {
  return ruleOf(terms).under(terms).outcomeText(outcome);
}

/** The typed text without unit, sign and k, in plain digits and separators. */
function bareFigure(
  typed: string,
  unit: string,
): { readonly body: string; readonly negative: boolean; readonly thousands: boolean } {
  let body = typed
    .normalize('NFKC')
    .replace(/\s+/gu, ' ')
    .replace(/[’‘ʼ´`]/gu, "'")
    .replace(/[−–]/gu, '-');
  const signs = signsOf(unit).map((sign) => sign.normalize('NFKC').toLowerCase());
  const strip = () => {
    body = body.trim();
    const lower = body.toLowerCase();
    const before = signs.find((sign) => lower.startsWith(sign));
    const after = signs.find((sign) => lower.endsWith(sign));
    if (before !== undefined) body = body.slice(before.length).trim();
    else if (after !== undefined) body = body.slice(0, -after.length).trim();
  };
  strip();
  const negative = body.startsWith('-');
  if (negative) {
    body = body.slice(1);
    strip();
  }
  const thousands = /\d ?k$/i.test(body);
  if (thousands) {
    body = body.slice(0, -1);
    strip();
  }
  return { body, negative, thousands };
}

function figureIn(text: string, group: string, point: string): Figure | undefined {
  const [whole, fraction, ...more] = text.split(point);
  if (more.length > 0 || (fraction !== undefined && !/^\d+$/.test(fraction))) return undefined;
  const groups = whole!.split(group);
  const grouped = groups.length > 1;
  if (grouped && !/^[1-9]\d{0,2}$/.test(groups[0]!)) return undefined;
  if (grouped && !groups.slice(1).every((digits) => /^\d{3}$/.test(digits))) return undefined;
  const digits = groups.join('');
  if (!/^\d*$/.test(digits) || (digits === '' && fraction === undefined)) return undefined;
  return { whole: digits, fraction: fraction ?? '' };
}

/** An English figure with further zeros after its last possible digit: `4.500` with two decimals. */
function withoutSpareZeros(text: string, scale: number): bigint | undefined {
  const figure = figureIn(text, ',', '.');
  if (figure === undefined || !/^0*$/.test(figure.fraction.slice(scale))) return undefined;
  return scaled({ ...figure, fraction: figure.fraction.slice(0, scale) }, scale);
}
