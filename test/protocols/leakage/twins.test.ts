import { describe, expect, it } from 'vitest';
import type { Run } from '../../../protocols/leakage/model.ts';
import { ruleOf } from '../../../protocols/registry.ts';
import type { Mandate, RuleTerms } from '../../../protocols/rule.ts';
import { seededRandom } from '../../../src/crypto/random.ts';
import type { OutcomeJson } from '../../../src/documents/rule.ts';

const random = seededRandom(Uint8Array.from({ length: 16 }, (_, i) => i));
const range = { min: '-8', max: '14', step: '2', unit: '', decimals: 0 };
const POINTS = 12;

function twin(terms: RuleTerms) {
  const { leakage, enter, plain } = ruleOf(terms).under(terms);
  if (leakage?.by !== 'prices') throw new Error('a price rule has a model');
  return {
    model: leakage.prices(),
    plain: (a: Mandate, b: Mandate) => plain(enter('a', a, random), enter('b', b, random)),
  };
}

const price = (index: number) => String(-8 + 2 * index);
const priceOf = (outcome: OutcomeJson) => outcome.price;

const deterministic: RuleTerms['rule'][] = [
  { name: 'zopa' },
  { name: 'split' },
  { name: 'split', sellerShare: '1/4' },
  { name: 'split', sellerShare: '5/7' },
  { name: 'split', sellerShare: '1/3', grid: '6' },
  { name: 'split', grid: '4' },
  { name: 'posted-price', price: '4' },
];

describe('models agree with the rules’ plaintext twins', () => {
  it.each(deterministic)('%j: every pair of reservations', (rule) => {
    const { model, plain } = twin({ rule, range });
    const run: Run = { first: 0, last: 0, each: 0 };
    for (let seller = 0; seller < POINTS; seller++)
      for (let buyer = 0; buyer < POINTS; buyer++) {
        const outcome = plain({ reservation: price(seller) }, { reservation: price(buyer) });
        expect(model.deal(seller, buyer, run)).toBe(outcome.deal);
        if (!outcome.deal) continue;
        expect(run.last).toBe(run.first);
        expect(run.each).toBe(1);
        if (rule.name === 'zopa') expect(priceOf(outcome)).toBeUndefined();
        else expect(priceOf(outcome)).toBe(price(model.price(run.first)));
      }
  });

  const drawn: RuleTerms['rule'][] = [{ name: 'random-split' }, { name: 'posted-price', price: 'random' }];
  it.each(drawn)('%j: the twin’s draws are the model’s run, equally likely', (rule) => {
    const { model, plain } = twin({ rule, range });
    const run: Run = { first: 0, last: 0, each: 0 };
    const draws = 1200;
    for (const [seller, buyer] of [
      [0, 11],
      [3, 7],
      [5, 5],
      [10, 11],
      [7, 3],
    ]) {
      const counts = new Map<string, number>();
      for (let i = 0; i < draws; i++) {
        const outcome = plain({ reservation: price(seller) }, { reservation: price(buyer) });
        const key = outcome.deal ? String(priceOf(outcome)) : 'none';
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      const expected = new Map<string, number>();
      if (model.deal(seller, buyer, run))
        for (let y = run.first; y <= run.last; y++) expected.set(price(model.price(y)), run.each);
      const rest = 1 - [...expected.values()].reduce((sum, chance) => sum + chance, 0);
      if (rest > 1e-9) expected.set('none', rest);
      expect([...counts.keys()].sort()).toEqual([...expected.keys()].sort());
      for (const [key, chance] of expected)
        expect(Math.abs(counts.get(key)! / draws - chance)).toBeLessThan(
          5 * Math.sqrt((chance * (1 - chance)) / draws) + 1e-9,
        );
    }
  });

  it.each([...deterministic, { name: 'random-split' }])(
    '%j: the first round that meets, and near misses',
    (rule) => {
      const { model, plain } = twin({ rule: { ...rule, rounds: 2, nearMiss: '20%' }, range });
      expect(model.rounds).toBe(2);
      expect(model.nearGap).toBe(2);
      const run: Run = { first: 0, last: 0, each: 0 };
      for (const sellers of [
        [11, 6],
        [7, 4],
        [3, 3],
      ])
        for (const buyers of [
          [0, 2],
          [1, 4],
          [5, 9],
        ])
          for (const optIn of [true, false]) {
            const outcome = plain(
              { reservations: sellers.map(price), nearMiss: true },
              { reservations: buyers.map(price), nearMiss: optIn },
            );
            const round = sellers.findIndex((seller, i) => model.deal(seller, buyers[i], run));
            expect(outcome.deal).toBe(round >= 0);
            if (outcome.deal) expect('round' in outcome && outcome.round).toBe(round + 1);
            else {
              const gap = sellers[1] - buyers[1];
              expect(outcome.nearMiss).toBe(optIn && gap >= 1 && gap <= model.nearGap!);
            }
          }
    },
  );
});
