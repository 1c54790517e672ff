import { describe, expect, it } from 'vitest';
import { describeLeakage } from '../../../protocols/describe.ts';
import { type LeakageModel, measureLeakage } from '../../../protocols/leakage/index.ts';
import { menuEstimates, menuOptions, randomMandate } from '../../../protocols/leakage/menu.ts';
import { uniformDoubles } from '../../../protocols/leakage/sampled.ts';
import { menu } from '../../../protocols/menu/index.ts';
import type { Entry, Rule } from '../../../protocols/rule.ts';
import { atOnce } from '../../../src/crypto/slices.ts';
import { changed } from '../../support/rules.ts';

interface Additive {
  reservation: number;
  weights: number[];
  evaluations: number[][];
}

/** A rule over menus that chooses by `choose`; -1 is no deal. */
function menuRule(choose: (a: Additive, b: Additive) => number): Rule {
  return changed(menu, ({ terms }) => {
    const mandates: Additive[] = [];
    const of = ({ value }: Entry) => mandates[Number(value)]!;
    return {
      enter: (_party, mandate) => ({ value: BigInt(mandates.push(mandate as Additive) - 1) }),
      leakage: {
        by: 'choices',
        menu: terms.menu!,
        choices: (as, bs) => as.flatMap((a) => bs.map((b) => choose(of(a), of(b)))),
      },
    };
  });
}

const menuOf = (...sizes: number[]) => ({
  issues: sizes.map((size, i) => ({
    name: `issue ${i}`,
    values: Array.from({ length: size }, (_, value) => `value ${value}`),
  })),
});
const best = (values: number[]) => values.indexOf(Math.max(...values));

describe('menu leakage', () => {
  it('finds two bits where the outcome is the other’s favourite of four, and none where it is one’s own', async () => {
    const rule = menuRule((_a, b) => best(b.evaluations[0]));
    const terms = { rule: { name: 'menu' }, menu: menuOf(4) };
    const { a, b } = await measureLeakage(rule, terms);
    expect(Math.abs(a.bits - 2)).toBeLessThan(0.02);
    expect(Math.abs(a.bitsGivenDeal - 2)).toBeLessThan(0.02);
    expect(a.error).toBeLessThan(0.02);
    expect(b.bits).toBeLessThan(1e-9);
    expect(a.bound).toBeCloseTo(Math.log2(5), 12);
    expect(a.guessGivenDeal).toBeLessThan(1e-6);
  });

  it('tells deals from no deal', async () => {
    const rule = menuRule((_a, b) => (b.reservation < 0.5 ? best(b.evaluations[0]) : -1));
    const bound = rule.under({ rule: { name: 'menu' }, menu: menuOf(4) });
    const { a } = atOnce(menuEstimates(bound, bound.leakage as Extract<LeakageModel, { by: 'choices' }>));
    const { deal, bits, bitsGivenDeal } = a;
    expect(Math.abs(deal - 0.5)).toBeLessThan(0.02);
    // Entropy of (1/2, 1/8, 1/8, 1/8, 1/8); on a deal, −log2 1/8.
    expect(Math.abs(bits - 2)).toBeLessThan(0.03);
    expect(Math.abs(bitsGivenDeal - 3)).toBeLessThan(0.05);
  });

  it('never exceeds the bound by more than its error, on a menu larger than the sample', async () => {
    const terms = { rule: { name: 'menu' }, menu: menuOf(40, 40, 20) };
    const rule = menuRule((_a, b) =>
      b.evaluations.reduce((index, values) => index * values.length + best(values), 0),
    );
    const { a } = await measureLeakage(rule, terms);
    expect(menuOptions(terms.menu)).toBe(32_000);
    expect(a.bits).toBeLessThan(a.bound! + 4 * a.error!);
    expect(a.bits).toBeGreaterThan(8);
  });

  it('draws mandates whose weights sum to 1 and whose issues reach from 0 to 1', async () => {
    const uniform = uniformDoubles();
    for (let i = 0; i < 50; i++) {
      const mandate = randomMandate(menuOf(3, 1, 5), uniform) as Additive;
      expect(mandate.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
      expect(mandate.evaluations.map((values) => Math.max(...values))).toEqual([1, 1, 1]);
      expect(mandate.evaluations.map((values) => Math.min(...values))).toEqual([0, 1, 0]);
    }
  });

  it('is described with the bound', async () => {
    const rule = menuRule((_a, b) => best(b.evaluations[0]));
    const text = (await describeLeakage({ rule: { name: 'menu' }, menu: menuOf(4) }, rule)).join(' ');
    expect(text).toContain('at most 2.3 bits');
    expect(text).toContain('a learns 2.0 bits on a deal and b 0.0 bits on a deal');
  });
});
