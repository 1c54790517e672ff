import { type Random, seededRandom } from '../../src/crypto/random.ts';
import type { Slices } from '../../src/crypto/slices.ts';
import type { Menu } from '../../src/documents/terms.ts';
import type { BoundRule, Entry, Mandate } from '../rule.ts';
import type { LeakageModel } from './model.ts';
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
  /** The figures of single own mandates, by rising reservation: each one's reservation, and means over the other side's mandates. */
  readonly owns: readonly OwnEstimate[];
}

/** What a side with one certain mandate learns. `bitsOnDeals` and `bits` are sums over outcomes weighted by their chance. */
export interface OwnEstimate {
  readonly reservation: number;
  readonly deal: number;
  readonly bits: number;
  readonly bitsOnDeals: number;
}

/** Options looked at in all, about: mandates of a × mandates of b × N. */
const WORK = 2 ** 26;
const FEWEST_MANDATES = 12;
const MOST_MANDATES = 512;

/** How many options a menu has. */
export function menuOptions(menu: Menu): number {
  return menu.issues.reduce((product, issue) => product * issue.values.length, 1);
}

/**
 * A mandate from the default prior. Every issue has a weight, uniform on the simplex; every value an evaluation uniform on [0, 1], stretched so
 * that each issue's worst is 0 and its best 1 (an issue of one value: 1); the reservation is uniform on [0, 1].
 */
export function randomMandate(
  menu: Menu,
  uniform: () => number,
  reservation = uniform(),
): Extract<Mandate, { weights: unknown }> {
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
  return { reservation, weights, evaluations };
}

/**
 * The leakage of a menu rule to both sides, sampled with its own choices: mandates of a against mandates of b, every pair. For one own mandate the
 * outcome is fixed by the other's, so what it tells is the outcome's entropy: by Chao and Shen's estimator, which corrects for
 * outcomes not yet seen; `error` is the standard error over own mandates. It falls short where the menu is far larger than the sample.
 *
 * Chao, Shen: Nonparametric estimation of Shannon's index of diversity when there are unseen species. Environ. Ecol. Stat. 10 (2003).
 */
export function* menuEstimates(
  bound: Pick<BoundRule, 'enter'>,
  { menu, choices }: Extract<LeakageModel, { by: 'choices' }>,
  random: Random = seededRandom(new Uint8Array(16)),
): Slices<{ a: MenuEstimate; b: MenuEstimate }> {
  const options = menuOptions(menu);
  const uniform = uniformDoubles(random);
  const mandates = Math.max(FEWEST_MANDATES, Math.min(MOST_MANDATES, Math.floor(Math.sqrt(WORK / options))));
  // Reservations are stratified over 0..1.
  const drawAll = function* (party: 'a' | 'b'): Slices<{ reservation: number; entry: Entry }[]> {
    const drawn: { reservation: number; entry: Entry }[] = [];
    for (let i = 0; i < mandates; i++) {
      yield;
      const mandate = randomMandate(menu, uniform, (i + uniform()) / mandates);
      drawn.push({ reservation: mandate.reservation, entry: bound.enter(party, mandate, random) });
    }
    return drawn;
  };
  const as = yield* drawAll('a');
  const bs = yield* drawAll('b');
  const outcomes: number[][] = [];
  let chosen: number[] = [];
  for (const option of choices(
    as.map(({ entry }) => entry),
    bs.map(({ entry }) => entry),
  )) {
    yield;
    chosen.push(option);
    if (chosen.length < mandates) continue;
    outcomes.push(chosen);
    chosen = [];
  }
  const estimate = (owns: OwnEstimate[]) => combine(owns, menu, options);
  return {
    a: estimate(as.map(({ reservation }, i) => ownEstimate(reservation, outcomes[i]))),
    b: estimate(
      bs.map(({ reservation }, j) =>
        ownEstimate(
          reservation,
          outcomes.map((row) => row[j]),
        ),
      ),
    ),
  };
}

function ownEstimate(reservation: number, outcomes: readonly number[]): OwnEstimate {
  const counts = new Map<number, number>();
  for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return {
    reservation,
    deal: 1 - (counts.get(-1) ?? 0) / outcomes.length,
    bits: surprise(counts, outcomes.length, () => true),
    bitsOnDeals: surprise(counts, outcomes.length, (index) => index >= 0),
  };
}

function combine(owns: readonly OwnEstimate[], menu: Menu, options: number): MenuEstimate {
  const bits = owns.map((own) => own.bits);
  const deal = mean(owns.map((own) => own.deal));
  const bitsGivenDeal = mean(owns.map((own) => own.bitsOnDeals)) / deal;
  const residuals = owns.map((own) => (own.bitsOnDeals - bitsGivenDeal * own.deal) / deal);
  return {
    deal,
    bits: mean(bits),
    bitsGivenDeal,
    guessGivenDeal: guessBound(menu, options, deal),
    error: Math.max(standardError(bits), standardError(residuals) || 0),
    bound: Math.log2(options + 1),
    owns,
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
 * The order of what guessing a whole quantised mandate can succeed with: each of N options can name one mandate, and no mandate weighs more than
 * one whose weight lies on a single issue. That takes 16 bits for the reservation, each other issue's weight, and all but two
 * evaluations of the one issue.
 */
function guessBound(menu: Menu, options: number, deal: number): number {
  const fewest = Math.min(...menu.issues.map(({ values }) => values.length));
  const numbers = menu.issues.length + Math.max(0, fewest - 2);
  return Math.min(1, (options * 2 ** (-16 * numbers)) / deal);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function standardError(values: readonly number[]): number {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}
