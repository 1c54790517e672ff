import type { Menu } from '../../src/agreement/terms.ts';
import { type Random, seededRandom } from '../../src/crypto/random.ts';
import type { Mandate, Rule, RuleTerms } from '../rule.ts';
import { uniformDoubles } from './sampled.ts';

/** What a menu's outcome tells a side: a sampled figure, and the most that any rule could tell. */
export interface MenuEstimate {
  readonly deal: number;
  readonly bits: number;
  readonly bitsGivenDeal: number;
  readonly guessGivenDeal: number;
  readonly error: number;
  /** log2(N + 1): N options and 'no deal'. No rule that shows only the option tells more. */
  readonly bound: number;
}

/** Options looked at in all: (own mandates) × (other mandates) × N stays below this. */
const WORK = 2 ** 24;

/** How many options a menu has. */
export function menuOptions(menu: Menu): number {
  return menu.issues.reduce((product, issue) => product * issue.values.length, 1);
}

/**
 * A mandate from the default prior. Every issue has a weight, uniform on the simplex; every value an evaluation uniform on [0, 1], stretched so
 * that each issue's worst is 0 and its best 1 (an issue of one value: 1); the reservation is uniform on [0, 1].
 */
export function randomMandate(menu: Menu, uniform: () => number): Mandate {
  const draws = menu.issues.map(() => -Math.log(1 - uniform()));
  const total = draws.reduce((sum, draw) => sum + draw, 0);
  const weights = draws.map((draw) => draw / total);
  const evaluations = menu.issues.map(({ values }) => {
    if (values.length === 1) return [1];
    const raw = values.map(() => uniform());
    const low = Math.min(...raw);
    const high = Math.max(...raw);
    return raw.map((value) => (value - low) / (high - low));
  });
  return { reservation: uniform(), weights, evaluations };
}

/**
 * The leakage of a menu rule, sampled with its own plaintext twin: for some own mandates, the entropy of the outcome over many mandates
 * of the other side (the outcome is fixed by both, so that is the mutual information). Entropy by Chao and Shen's estimator, which corrects for
 * outcomes not yet seen; `error` is the standard error over own mandates. It falls short where the menu is far larger than the sample.
 *
 * Chao, Shen: Nonparametric estimation of Shannon's index of diversity when there are unseen species. Environ. Ecol. Stat. 10 (2003).
 */
export function menuEstimate(
  rule: Pick<Rule, 'entry' | 'plain'>,
  terms: RuleTerms & { readonly menu: Menu },
  view: 'a' | 'b',
  random: Random = seededRandom(new Uint8Array(16)),
): MenuEstimate {
  const { menu } = terms;
  const options = menuOptions(menu);
  const uniform = uniformDoubles(random);
  const pairs = WORK / options;
  const owns = Math.max(8, Math.min(64, Math.floor(Math.sqrt(pairs) / 4)));
  const others = Math.max(16, Math.min(1024, Math.floor(pairs / owns)));
  const other = view === 'a' ? 'b' : 'a';
  const mine = Array.from({ length: owns }, () =>
    rule.entry(terms, view, randomMandate(menu, uniform), random),
  );
  const seen = Array.from({ length: owns }, () => new Map<number, number>());
  for (let n = 0; n < others; n++) {
    const theirs = rule.entry(terms, other, randomMandate(menu, uniform), random);
    for (let i = 0; i < owns; i++) {
      const outcome = view === 'a' ? rule.plain(terms, mine[i], theirs) : rule.plain(terms, theirs, mine[i]);
      const index = outcome.deal && 'option' in outcome ? outcome.option.index : -1;
      seen[i].set(index, (seen[i].get(index) ?? 0) + 1);
    }
  }
  const bits = seen.map((counts) => surprise(counts, others, () => true));
  const dealBits = seen.map((counts) => surprise(counts, others, (index) => index >= 0));
  const deals = seen.map((counts) => 1 - (counts.get(-1) ?? 0) / others);
  const deal = mean(deals);
  const bitsGivenDeal = mean(dealBits) / deal;
  const residuals = dealBits.map((value, i) => (value - bitsGivenDeal * deals[i]) / deal);
  return {
    deal,
    bits: mean(bits),
    bitsGivenDeal,
    guessGivenDeal: guessBound(menu, options, deal),
    error: Math.max(standardError(bits), standardError(residuals)),
    bound: Math.log2(options + 1),
  };
}

/** −Σ p log2 p over the outcomes chosen, by Chao and Shen: coverage-adjusted frequencies, weighted by the chance of being seen at all. */
function surprise(counts: Map<number, number>, n: number, chosen: (index: number) => boolean): number {
  let singles = 0;
  for (const count of counts.values()) if (count === 1) singles++;
  const coverage = 1 - Math.min(singles, n - 1) / n;
  let sum = 0;
  for (const [index, count] of counts) {
    if (!chosen(index)) continue;
    const p = (coverage * count) / n;
    sum -= (p * Math.log2(p)) / (1 - (1 - p) ** n);
  }
  return sum;
}

/**
 * The most that guessing a whole mandate can succeed with: each of N options can name one mandate, and every mandate weighs at most
 * 2⁻¹⁶ for each number that is drawn freely: the reservation, the weights but one, the evaluations but two an issue.
 */
function guessBound(menu: Menu, options: number, deal: number): number {
  const free = menu.issues.reduce(
    (sum, issue) => sum + Math.max(0, issue.values.length - 2),
    menu.issues.length,
  );
  return Math.min(1, (options * 2 ** (-16 * free)) / deal);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function standardError(values: readonly number[]): number {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}
