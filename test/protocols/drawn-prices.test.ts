import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { postedPrice, uniformBelow } from '../../protocols/posted-price/index.ts';
import { wordWidth } from '../../protocols/price/encoding.ts';
import { randomSplit } from '../../protocols/random-split/index.ts';
import type { Entry } from '../../protocols/rule.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { accepts, completed, computeClear, negotiateClear, priceOf } from '../support/rules.ts';

const random = seededRandom(new Uint8Array(16).fill(7));
const index = (count: bigint) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.bigInt({ min: 0n, max: count - 1n }) },
    { weight: 1, arbitrary: fc.constantFrom(0n, count - 1n) },
  );
const counts = fc.oneof(
  { weight: 3, arbitrary: fc.bigInt({ min: 1n, max: 100n }) },
  { weight: 1, arbitrary: fc.constantFrom(1n << 10n, (1n << 10n) - 1n, 1n << 64n, (1n << 63n) + 1n) },
);

describe('random-split', () => {
  test('compute equals the twin, always in the zone', async () => {
    const setting = counts.chain((count) =>
      fc.tuple(fc.constant(count), index(count), index(count), fc.nat(255)),
    );
    await fc.assert(
      fc.asyncProperty(setting, async ([count, s, b, seed]) => {
        const terms = completed(randomSplit, {
          rule: { name: 'random-split' },
          range: { min: '0', max: String(count - 1n) },
        });
        const outcome = await negotiateClear(
          randomSplit,
          terms,
          { reservation: s },
          { reservation: b },
          seed,
        );
        expect(outcome.deal).toBe(s <= b);
        const price = priceOf(outcome);
        if (price !== undefined) {
          expect(price).toBeGreaterThanOrEqual(s);
          expect(price).toBeLessThanOrEqual(b);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('is uniform in exact arithmetic: no price’s chance is off by more than 2^−40 of the whole', () => {
    // floor(r·n / 2^k) for uniform k-bit r takes each value floor or ceil(2^k / n) times
    for (const [width, n] of [
      [10, 1000n],
      [64, 1n << 64n],
      [64, (1n << 64n) - 1n],
    ] as const) {
      const k = BigInt(width + 40);
      const least = (1n << k) / n;
      const most = least + ((1n << k) % n === 0n ? 0n : 1n);
      // the distance from uniform is below n · (most − least) / 2^k / 2
      expect((n * (most - least)) << 40n).toBeLessThanOrEqual(1n << k);
    }
  });

  test('every price of a small zone comes up about as often, whichever side’s share is fixed', () => {
    const terms = completed(randomSplit, { rule: { name: 'random-split' }, range: { min: '0', max: '9' } });
    const bound = randomSplit.under(terms);
    for (const fixed of ['a', 'b'] as const) {
      const seen = new Map<bigint, number>();
      const enter = (party: 'a' | 'b', reservation: bigint): Entry =>
        bound.enter(party, { reservation }, party === fixed ? (length) => new Uint8Array(length) : random);
      for (let i = 0; i < 3000; i++) {
        const price = priceOf(bound.plain(enter('a', 2n), enter('b', 8n)));
        if (price !== undefined) seen.set(price, (seen.get(price) ?? 0) + 1);
      }
      expect([...seen.keys()].sort()).toEqual([2n, 3n, 4n, 5n, 6n, 7n, 8n]);
      const expected = 3000 / 7;
      const chiSquare = [...seen.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
      expect(chiSquare).toBeLessThan(30); // 6 degrees of freedom: beyond 1 in 20,000; the seed is fixed
    }
  });
});

describe('posted-price', () => {
  test('a public price: a deal if both accept it', async () => {
    const setting = counts.chain((count) =>
      fc.tuple(fc.constant(count), index(count), index(count), index(count)),
    );
    await fc.assert(
      fc.asyncProperty(setting, async ([count, s, b, p]) => {
        const range = { min: '0', max: String(count - 1n) };
        const terms = completed(postedPrice, { rule: { name: 'posted-price', price: String(p) }, range });
        const outcome = await negotiateClear(postedPrice, terms, { reservation: s }, { reservation: b });
        expect(outcome).toEqual(s <= p && p <= b ? { deal: true, price: String(p) } : { deal: false });
      }),
      { numRuns: 100 },
    );
  });

  test('a jointly random price', async () => {
    const setting = counts.chain((count) =>
      fc.tuple(fc.constant(count), index(count), index(count), fc.nat(255)),
    );
    await fc.assert(
      fc.asyncProperty(setting, async ([count, s, b, seed]) => {
        const range = { min: '0', max: String(count - 1n) };
        const terms = completed(postedPrice, { rule: { name: 'posted-price', price: 'random' }, range });
        const outcome = await negotiateClear(
          postedPrice,
          terms,
          { reservation: s },
          { reservation: b },
          seed,
        );
        const price = priceOf(outcome);
        if (price !== undefined) {
          expect(price).toBeGreaterThanOrEqual(s);
          expect(price).toBeLessThanOrEqual(b);
        }
      }),
      { numRuns: 100 },
    );
  });

  test.each([1n, 5n, 8n])(
    'is exactly uniform over %i prices if one share is, whatever the other is',
    async (count) => {
      const range = { min: '0', max: String(count - 1n) };
      const terms = completed(postedPrice, { rule: { name: 'posted-price', price: 'random' }, range });
      const words = { a: 0n, b: count - 1n };
      const entry = (party: 'a' | 'b', share: bigint): Entry => ({
        value: (share << BigInt(wordWidth(count))) | words[party],
      });
      const shares = 1n << BigInt(Math.max(1, (count - 1n).toString(2).length));
      for (let other = 0n; other < shares; other++) {
        const prices = new Set<bigint>();
        for (let share = 0n; share < count; share++) {
          const { outcome } = await computeClear(postedPrice, terms, entry('a', other), entry('b', share));
          prices.add(priceOf(outcome)!);
        }
        expect(prices.size).toBe(Number(count));
      }
    },
  );

  test('shares are drawn below the number of prices', () => {
    const drawn = Array.from({ length: 500 }, () => uniformBelow(5n, random));
    expect(new Set(drawn)).toEqual(new Set([0n, 1n, 2n, 3n, 4n]));
    expect(uniformBelow(1n, random)).toBe(0n);
  });

  test('a price off the grid or missing is refused', () => {
    const schema = (rule: object) =>
      accepts(postedPrice, {
        rule: { name: 'posted-price', ...rule },
        range: { min: '0', max: '100', step: '5' },
      });
    for (const rule of [
      {},
      { price: '101' },
      { price: '-5' },
      { price: '7' },
      { price: 50 },
      { price: 'any' },
    ]) {
      expect(schema(rule)).toBe(false);
    }
    expect(schema({ price: '50' })).toBe(true);
    const terms = completed(postedPrice, {
      rule: { name: 'posted-price', price: '50' },
      range: { min: '0', max: '100', step: '5' },
    });
    expect(postedPrice.under(terms).permits({ deal: true, price: '50' })).toBe(true);
    expect(postedPrice.under(terms).permits({ deal: true, price: '55' })).toBe(false);
    expect(postedPrice.under(terms).permits({ deal: true })).toBe(false);
  });
});
