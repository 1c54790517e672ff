// Runs in a process of its own: circuits that other files have built would be found again.
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { postedPrice } from '../../protocols/posted-price/index.ts';
import { randomSplit } from '../../protocols/random-split/index.ts';
import { rules } from '../../protocols/registry.ts';
import type { Mandate, Rule } from '../../protocols/rule.ts';
import { split } from '../../protocols/split/index.ts';
import { zopa } from '../../protocols/zopa/index.ts';
import { CircuitBuilder } from '../../src/circuit/builder.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import type { UncheckedRuleTerms } from '../../src/documents/rule.ts';
import { accepts, completed, computeClear, expectRefused, negotiateClear } from '../support/rules.ts';

const random = seededRandom(new Uint8Array(16).fill(7));
const index = (count: bigint) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.bigInt({ min: 0n, max: count - 1n }) },
    { weight: 1, arbitrary: fc.constantFrom(0n, count - 1n) },
  );

describe('split on a coarser grid', () => {
  const setting = fc
    .record({
      step: fc.bigInt({ min: 1n, max: 4n }),
      stride: fc.bigInt({ min: 1n, max: 40n }),
      first: fc.bigInt({ min: -200n, max: 200n }),
      count: fc.bigInt({ min: 2n, max: 120n }),
    })
    .chain((each) => fc.tuple(fc.constant(each), index(each.count), index(each.count)));

  test('the multiple in the zone nearest to the split, the higher of two; none, no deal', async () => {
    let deals = 0;
    await fc.assert(
      fc.asyncProperty(setting, async ([{ step, stride, first, count }, s, b]) => {
        const min = first * step;
        const range = { min: String(min), max: String(min + (count - 1n) * step), step: String(step) };
        const grid = stride * step;
        const given = { rule: { name: 'split', grid: String(grid) }, range };
        const prices = Array.from({ length: Number(count) }, (_, i) => min + BigInt(i) * step);
        const multiples = prices.filter((price) => price % grid === 0n);
        if (multiples.length === 0) {
          expect(accepts(split, given)).toBe(false);
          return;
        }
        const [seller, buyer] = [prices[Number(s)]!, prices[Number(b)]!];
        const outcome = await negotiateClear(
          split,
          completed(split, given),
          { reservation: seller },
          { reservation: buyer },
        );
        const middle = prices[Number(s + (b - s) / 2n)]!;
        const distance = (price: bigint) => (price < middle ? middle - price : price - middle);
        const inZone = seller > buyer ? [] : multiples.filter((price) => seller <= price && price <= buyer);
        const nearest = inZone.reduce<bigint | undefined>(
          (best, price) => (best === undefined || distance(price) <= distance(best) ? price : best),
          undefined,
        );
        expect(outcome).toEqual(
          nearest === undefined ? { deal: false } : { deal: true, price: String(nearest) },
        );
        if (outcome.deal) deals++;
      }),
      { numRuns: 300 },
    );
    expect(deals).toBeGreaterThan(50);
  });

  test('at 64 bits', async () => {
    const range = { min: '0', max: String((1n << 64n) - 1n) };
    for (const grid of ['64', '1000000007', String(1n << 63n)]) {
      const terms = completed(split, { rule: { name: 'split', grid, sellerShare: '2/3' }, range });
      await negotiateClear(
        split,
        terms,
        { reservation: 12345678901234567n },
        { reservation: (1n << 64n) - 1n },
      );
      await negotiateClear(split, terms, { reservation: 1n }, { reservation: 63n });
    }
  });

  test('terms whose grid does not fit are refused, and so are outcomes off it', () => {
    const schema = (grid: unknown, range: object) => accepts(split, { rule: { name: 'split', grid }, range });
    expect(schema('15', { min: '0', max: '100', step: '10' })).toBe(false);
    expect(schema('20', { min: '5', max: '105', step: '10' })).toBe(false);
    expect(schema('0', { min: '0', max: '100' })).toBe(false);
    expect(schema('-5', { min: '0', max: '100' })).toBe(false);
    expect(schema('x', { min: '0', max: '100' })).toBe(false);
    expect(schema('50', { min: '51', max: '99' })).toBe(false);
    const terms = completed(split, {
      rule: { name: 'split', grid: '20' },
      range: { min: '10', max: '100', step: '10' },
    });
    expect(split.under(terms).permits({ deal: true, price: '40' })).toBe(true);
    expect(split.under(terms).permits({ deal: true, price: '30' })).toBe(false);
  });
});

const variants: [string, Rule, object][] = [
  ['zopa', zopa, {}],
  ['split', split, { sellerShare: '1/3' }],
  ['split on a grid', split, { grid: '7' }],
  ['random-split', randomSplit, {}],
  ['posted-price', postedPrice, { price: '11' }],
  ['posted-price at random', postedPrice, { price: 'random' }],
];

describe.each(variants)('%s with rounds and near miss', (_name, rule, members) => {
  const range = { min: '0', max: '40' };
  const terms = completed(rule, {
    rule: { name: rule.name, ...members, rounds: 3, nearMiss: '12.5%' },
    range,
  });
  const one = completed(rule, { rule: { name: rule.name, ...members }, range });
  const reservation = fc.integer({ min: 0, max: 40 }).map(String);
  const mandate: fc.Arbitrary<Mandate> = fc.oneof(
    {
      weight: 9,
      arbitrary: fc.record({
        reservations: fc.array(reservation, { minLength: 3, maxLength: 3 }),
        nearMiss: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ abstain: true } as const) },
  );

  test('the first round that meets decides; compute equals the twin', async () => {
    await fc.assert(
      fc.asyncProperty(mandate, mandate, fc.nat(255), async (a, b, seed) => {
        const outcome = await negotiateClear(rule, terms, a, b, seed);
        if ('abstain' in a || 'abstain' in b || !('reservations' in a) || !('reservations' in b)) {
          expect(outcome).toEqual({ deal: false, nearMiss: false });
          return;
        }
        const { reservations = [] } = b;
        const pairs = a.reservations?.map((s, i) => [Number(s), Number(reservations[i])] as const) ?? [];
        if (outcome.deal === true) {
          const round = Number(outcome.round);
          const [s, x] = pairs[round - 1]!;
          expect(s).toBeLessThanOrEqual(x);
          if (rule === zopa || rule === randomSplit || terms.rule.price === 'random') {
            expect(pairs.findIndex(([seller, buyer]) => seller <= buyer)).toBe(round - 1);
          }
        } else {
          const [s, x] = pairs[2]!;
          expect(outcome).toEqual({ deal: false, nearMiss: a.nearMiss && b.nearMiss && s > x && s - x <= 5 });
        }
      }),
      { numRuns: 120 },
    );
  });

  test('a round decides as it would alone', async () => {
    if (rule === randomSplit || terms.rule.price === 'random') return;
    await fc.assert(
      fc.asyncProperty(reservation, reservation, async (s, b) => {
        const alone = await negotiateClear(rule, one, { reservation: s }, { reservation: b });
        for (const at of [0, 1, 2]) {
          const reservations = (own: string, refusal: string) =>
            [0, 1, 2].map((i) => (i === at ? own : refusal));
          const a = { reservations: reservations(s, '40') };
          const c = { reservations: reservations(b, '0') };
          const outcome = await negotiateClear(rule, terms, a, c);
          if (alone.deal) expect(outcome).toEqual({ ...alone, round: at + 1 });
          else expect(outcome).toEqual({ deal: false, nearMiss: false });
        }
      }),
      { numRuns: 30 },
    );
  });

  test('outcomes have exactly the members that the terms call for', () => {
    const hasPrice = rule !== zopa;
    const deal = {
      deal: true,
      ...(hasPrice && { price: members && 'price' in members && members.price === '11' ? '11' : '21' }),
    };
    const allowed = (outcome: object, under = terms): boolean => rule.under(under).permits(outcome as never);
    expect(allowed({ deal: false, nearMiss: true })).toBe(true);
    expect(allowed({ deal: false })).toBe(false);
    expect(allowed({ deal: false, nearMiss: 1 })).toBe(false);
    expect(allowed({ ...deal, round: 3 })).toBe(true);
    for (const round of [0, 4, 1.5, '1', undefined]) expect(allowed({ ...deal, round })).toBe(false);
    expect(allowed(deal)).toBe(false);
    expect(allowed({ ...deal, round: 1, nearMiss: false })).toBe(false);
    expect(allowed(deal, one)).toBe(true);
    expect(allowed({ ...deal, round: 1 }, one)).toBe(false);
    expect(allowed({ deal: false, nearMiss: false }, one)).toBe(false);
  });
});

describe('mandates with rounds and near miss', () => {
  const range = { min: '0', max: '99' };
  const plain = completed(zopa, { rule: { name: 'zopa' }, range });
  const rounds = completed(zopa, { rule: { name: 'zopa', rounds: 2 }, range });
  const near = completed(zopa, { rule: { name: 'zopa', nearMiss: '5%' }, range });
  /** Words of 8 bits, the first one lowest, then the bit that opts in. */
  const enter = (terms: typeof plain, mandate: object) => {
    const { value } = zopa.under(terms).enter('a', mandate, random);
    const words = [value & 0xffn, (value >> 8n) & 0xffn];
    return { words, optIn: value >> 8n === 1n };
  };

  test('what the terms call for, nothing else', () => {
    expect(enter(rounds, { reservations: ['37', 38n] }).words).toEqual([37n, 38n]);
    expect(enter(near, { reservation: '37', nearMiss: true }).optIn).toBe(true);
    expect(enter(near, { reservation: '37', nearMiss: false }).optIn).toBe(false);
    expect(enter(near, { reservation: '37' }).optIn).toBe(false);
    expect(enter(rounds, { abstain: true }).words).toEqual([100n, 100n]);
    expectRefused(() => enter(rounds, { reservation: '37' }), '37');
    expectRefused(() => enter(rounds, { reservations: ['37'] }), '37');
    expectRefused(() => enter(rounds, { reservations: ['37', '38', '39'] }), '37', '38', '39');
    expectRefused(() => enter(rounds, { reservations: ['37', '137'] }), '37');
    expectRefused(() => enter(rounds, { reservations: '37' }), '37');
    expectRefused(() => enter(rounds, { reservations: ['37', '38'], nearMiss: true }), '37');
    expectRefused(() => enter(plain, { reservation: '37', nearMiss: true }), '37');
    expectRefused(() => enter(near, { reservation: '37', nearMiss: 'yes' }), '37');
    expectRefused(() => enter(near, { abstain: true, nearMiss: true }));
  });

  test('percentages and rounds are written in one way', () => {
    const schema = (rule: object) => accepts(zopa, { rule: { name: 'zopa', ...rule }, range });
    for (const nearMiss of ['5%', '0.5%', '12.25%', '100%', '99.99%', '0.01%'])
      expect(schema({ nearMiss })).toBe(true);
    for (const nearMiss of [
      '0%',
      '5',
      '05%',
      '5.0%',
      '5.10%',
      '101%',
      '0.001%',
      '-1%',
      '%',
      '5 %',
      5,
      '100.5%',
      '0.0%',
    ]) {
      expect(schema({ nearMiss })).toBe(false);
    }
    for (const count of [2, 256]) expect(schema({ rounds: count })).toBe(true);
    for (const count of [0, 1, 257, 2.5, '3', -2]) expect(schema({ rounds: count })).toBe(false);
  });

  test('out of range and abstention are no near miss, whatever the bits', async () => {
    const entry = (word: bigint) => ({ value: (1n << 8n) | word });
    for (let s = 0n; s < 256n; s += 1n) {
      for (const b of [0n, 94n, 95n, 98n, 99n, 100n, 104n, 127n, 128n, 129n, 255n]) {
        const { outcome } = await computeClear(zopa, near, entry(s), entry(b));
        const onGrid = s < 100n && b < 100n;
        if (!outcome.deal) expect(outcome).toEqual({ deal: false, nearMiss: onGrid && s > b && s - b <= 4n });
      }
    }
  });
});

/** Terms of a rule with members that no other test here has. */
function someTerms(rule: Rule): UncheckedRuleTerms {
  const range = { min: '0', max: '9876' };
  if (rule.name === 'menu') return { rule: { name: 'menu' }, menu: { options: ['x', 'y', 'z'] } };
  return { rule: { name: rule.name, ...(rule.name === 'posted-price' && { price: '1' }) }, range };
}

test('every rule is registered once, and price rules give the leakage meter a model', () => {
  expect(rules.map(({ name }) => name)).toEqual(['zopa', 'split', 'random-split', 'posted-price', 'menu']);
  for (const rule of rules) {
    const { leakage } = rule.under(someTerms(rule));
    expect(leakage?.by).toBe(rule.name === 'menu' ? 'choices' : 'prices');
  }
});

test.each(rules)('$name builds no circuit to check terms', (rule) => {
  const build = vi.spyOn(CircuitBuilder.prototype, 'build');
  onTestFinished(() => build.mockRestore());
  const bound = rule.under(someTerms(rule));
  expect(build).not.toHaveBeenCalled();
  expect(bound.ands).toBeGreaterThan(0);
  expect(build).toHaveBeenCalled();
});
