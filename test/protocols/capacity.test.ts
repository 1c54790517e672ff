import { describe, expect, test } from 'vitest';
import type { PriceModel, Run } from '../../protocols/leakage/model.ts';
import { harmonic } from '../../protocols/price/capacity.ts';
import { rules } from '../../protocols/registry.ts';
import type { BoundRule, Mandate } from '../../protocols/rule.ts';
import type { Terms } from '../../src/documents/terms.ts';

type RuleMember = Terms['rule'];

const under = (rule: RuleMember, max = '15'): BoundRule =>
  rules.find(({ name }) => name === rule.name)!.under({ rule, range: { min: '0', max, step: '1' } });
const counted = (bound: BoundRule): number => 2 ** bound.capacityBits;
const zeros = (length: number) => new Uint8Array(length);

/** How many outcomes one mandate of the peer meets with, over all of this side's, and how many there are in all. */
function outcomesOf(bound: BoundRule, mandates: readonly Mandate[]): { most: number; all: number } {
  const [as, bs] = (['a', 'b'] as const).map((party) =>
    mandates.map((one) => bound.enter(party, one, zeros)),
  );
  const all = new Set<string>();
  let most = 0;
  for (const a of as!) {
    const met = new Set(bs!.map((b) => JSON.stringify(bound.plain(a, b))));
    most = Math.max(most, met.size);
    for (const outcome of met) all.add(outcome);
  }
  return { most, all: all.size };
}

const each = (top: number): Mandate[] => [
  { abstain: true },
  ...Array.from({ length: top + 1 }, (_, i) => ({ reservation: BigInt(i) })),
];
const optedIn = (top: number): Mandate[] =>
  each(top).map((one) => ('abstain' in one ? one : { ...one, nearMiss: true }));

describe('what an outcome can tell at most is counted by its outcomes', () => {
  test.each<[string, RuleMember, number]>([
    ['zopa', { name: 'zopa' }, 2],
    ['a posted price', { name: 'posted-price', price: '7' }, 2],
    ['split', { name: 'split' }, 17],
    ['a split that is all the seller’s', { name: 'split', sellerShare: '1/1' }, 17],
    ['a split on a coarser grid', { name: 'split', grid: '4' }, 5],
  ])('%s: each of them', (_, rule, outcomes) => {
    const bound = under(rule);
    expect(counted(bound)).toBeCloseTo(outcomes, 9);
    expect(outcomesOf(bound, each(15)).all).toBe(outcomes);
  });

  test.each<[string, RuleMember, number]>([
    ['zopa', { name: 'zopa', nearMiss: '20%' }, 3],
    ['split', { name: 'split', nearMiss: '20%' }, 18],
  ])('%s, with near misses', (_, rule, outcomes) => {
    const bound = under(rule);
    expect(counted(bound)).toBeCloseTo(outcomes, 9);
    expect(outcomesOf(bound, optedIn(15)).all).toBe(outcomes);
  });

  test.each<[string, RuleMember, number]>([
    ['zopa', { name: 'zopa', rounds: 2 }, 3],
    ['split', { name: 'split', rounds: 2 }, 9],
  ])('%s, with rounds', (_, rule, outcomes) => {
    const bound = under(rule, '3');
    expect(counted(bound)).toBeCloseTo(outcomes, 9);
    const values = [0n, 1n, 2n, 3n];
    const mandates = values.flatMap((one) => values.map((two) => ({ reservations: [one, two] })));
    const { most, all } = outcomesOf(bound, [{ abstain: true }, ...mandates]);
    expect(all).toBe(outcomes);
    expect(most).toBeLessThanOrEqual(outcomes);
  });

  test('a menu: its options, and none', () => {
    const menu = { issues: [{ name: 'Price', values: ['1', '2', '3'] }] };
    const bound = rules.find(({ name }) => name === 'menu')!.under({ rule: { name: 'menu' }, menu });
    expect(counted(bound)).toBeCloseTo(4, 9);
  });

  test.each<[RuleMember, number]>([
    [{ name: 'random-split' }, 1 + harmonic(16n)],
    [{ name: 'posted-price', price: 'random' }, 2],
  ])('one that is drawn, %o: each for its highest probability', (rule, outcomes) => {
    const bound = under(rule);
    expect(counted(bound)).toBeCloseTo(outcomes, 9);
    const model = (bound.leakage as Extract<typeof bound.leakage, { by: 'prices' }>).prices();
    expect(highest(model)).toBeCloseTo(outcomes, 9);
  });

  test.each<[RuleMember, number]>([
    [{ name: 'random-split' }, 17],
    [{ name: 'random-split', nearMiss: '20%', rounds: 2 }, 34],
    [{ name: 'posted-price', price: 'random' }, 2],
    [{ name: 'split', grid: '4' }, 5],
  ])('by a share that was entered before, %o: each of them', (rule, outcomes) => {
    expect(2 ** under(rule).repeatedBits!).toBeCloseTo(outcomes, 9);
  });

  test('harmonic numbers, added up and by their series', () => {
    let sum = 0;
    for (let n = 2_000; n > 0; n--) sum += 1 / n;
    expect(harmonic(2_000n)).toBeCloseTo(sum, 12);
    expect(harmonic(1n << 64n)).toBeCloseTo(64 * Math.LN2 + 0.577215664901533, 9);
  });

  test('it does not depend on how wide a range somebody makes, where the answer is yes or no', () => {
    const wide = under({ name: 'posted-price', price: '487' }, '1000000000000');
    expect(wide.capacityBits).toBe(1);
  });
});

/** Over outcomes, the highest probability that any buyer gives each, added up; for the seller for whom that is most. */
function highest(model: PriceModel): number {
  const run: Run = { first: 0, last: 0, each: 0 };
  let most = 0;
  for (let seller = 0; seller < model.points; seller++) {
    const best = Array.from({ length: model.outcomes }, () => 0);
    for (let buyer = 0; buyer < model.points; buyer++) {
      if (!model.deal(seller, buyer, run)) continue;
      for (let at = run.first; at <= run.last; at++) best[at] = Math.max(best[at]!, run.each);
    }
    most = Math.max(
      most,
      best.reduce((sum, one) => sum + one, 1), // abstaining makes no deal certain
    );
  }
  return most;
}
