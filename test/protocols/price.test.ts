import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { indexWidth, wordWidth } from '../../protocols/price/encoding.ts';
import { rules } from '../../protocols/registry.ts';
import type { Mandate, Rule } from '../../protocols/rule.ts';
import { split } from '../../protocols/split/index.ts';
import { parseShare } from '../../protocols/split/share.ts';
import { zopa } from '../../protocols/zopa/index.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import type { OutcomeJson } from '../../src/documents/rule.ts';
import { accepts, completed, computeClear, expectRefused, negotiateClear } from '../support/rules.ts';

const random = seededRandom(new Uint8Array(16));
const noDeal = { deal: false };

/** Counts of grid points whose widths and range checks differ: edges, one to either side of powers of two. */
const counts = [1, 2, 3, 31, 32, 53, 63, 64].flatMap((bits) => {
  const power = 1n << BigInt(bits);
  return [power - 1n, power, power + 1n].filter((count) => count >= 1n && count <= 1n << 64n);
});

function rangeOf(count: bigint, min = 0n, step = 1n): Record<string, unknown> {
  return { min: String(min), max: String(min + (count - 1n) * step), step: String(step) };
}

const someCount = fc.oneof(fc.constantFrom(...counts), fc.bigInt({ min: 1n, max: 1n << 64n }));
const grid = fc.record({
  count: someCount,
  min: fc.bigInt({ min: -(1n << 70n), max: 1n << 70n }),
  step: fc.bigInt({ min: 1n, max: 1000n }),
});
/** An index below `count`, the edges made likely; undefined stands for abstaining. */
const index = (count: bigint): fc.Arbitrary<bigint | undefined> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.bigInt({ min: 0n, max: count - 1n }) },
    { weight: 3, arbitrary: fc.constantFrom(0n, count - 1n) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
const twoIndices = grid.chain((each) => fc.tuple(fc.constant(each), index(each.count), index(each.count)));

const mandate = ({ min, step }: { min: bigint; step: bigint }, at: bigint | undefined): Mandate =>
  at === undefined ? { abstain: true } : { reservation: min + at * step };

describe('zopa', () => {
  test('compute equals the twin, and both equal the definition', async () => {
    await fc.assert(
      fc.asyncProperty(twoIndices, async ([each, s, b]) => {
        const terms = completed(zopa, {
          rule: { name: 'zopa' },
          range: rangeOf(each.count, each.min, each.step),
        });
        const outcome = await negotiateClear(zopa, terms, mandate(each, s), mandate(each, b));
        expect(outcome).toEqual({ deal: s !== undefined && b !== undefined && s <= b });
      }),
      { numRuns: 200 },
    );
  });

  test('AND counts: n + 1, and at most n more for a range check', () => {
    const ands = (count: bigint) => zopa.under({ rule: { name: 'zopa' }, range: rangeOf(count) }).ands;
    expect(ands(1n << 64n)).toBe(65);
    expect(ands(1n << 10n)).toBe(11);
    for (const count of counts) {
      expect(ands(count)).toBeLessThanOrEqual(2 * indexWidth(count) + 2);
    }
  });
});

describe('split', () => {
  const share = fc.oneof(
    fc.constantFrom('1/2', '0/1', '1/1', '1/4', '1/3', '2/3', '65535/65536', '1/65535', '32767/65535'),
    fc.integer({ min: 1, max: 65536 }).chain((q) => fc.integer({ min: 0, max: q }).map((p) => `${p}/${q}`)),
  );

  test('compute equals the twin, and both equal the definition', async () => {
    await fc.assert(
      fc.asyncProperty(twoIndices, share, async ([each, s, b], sellerShare) => {
        const terms = completed(split, {
          rule: { name: 'split', sellerShare },
          range: rangeOf(each.count, each.min, each.step),
        });
        const outcome = await negotiateClear(split, terms, mandate(each, s), mandate(each, b));
        if (s === undefined || b === undefined || s > b) {
          expect(outcome).toEqual(noDeal);
        } else {
          const [p, q] = sellerShare.split('/').map(BigInt) as [bigint, bigint];
          expect(outcome).toEqual({
            deal: true,
            price: String(each.min + (s + (p * (b - s)) / q) * each.step),
          });
        }
      }),
      { numRuns: 200 },
    );
  });

  test('a full-width 64-bit midpoint is 192 ANDs, abstention included', () => {
    const terms = completed(split, { rule: { name: 'split' }, range: rangeOf(1n << 64n) });
    expect(split.under(terms).ands).toBe(192);
  });

  test('a range check adds at most n + 1', () => {
    for (const count of counts) {
      const n = indexWidth(count);
      const terms = completed(split, { rule: { name: 'split' }, range: rangeOf(count) });
      expect(split.under(terms).ands).toBeLessThanOrEqual(3 * n + n + 1);
    }
  });

  test('the share is written in lowest terms, 1/2 by default', () => {
    const share = (sellerShare?: string): unknown =>
      completed(split, { rule: { name: 'split', ...(sellerShare && { sellerShare }) }, range: rangeOf(10n) })
        .rule.sellerShare;
    expect([share(), share('2/4'), share('0/7'), share('9/9'), share('65535/65536')]).toEqual([
      '1/2',
      '1/2',
      '0/1',
      '1/1',
      '65535/65536',
    ]);
    for (const wrong of ['1', '1/0', '3/2', '-1/2', '1/65537', '01/2', '1/2 ', '0.5', '1e1/20', '']) {
      expect(parseShare(wrong)).toBeUndefined();
    }
    expect(() => share('3/2')).toThrow();
  });
});

describe('every word that can be entered means a mandate, or gives no deal', () => {
  test.each([1n, 2n, 3n, 7n, 8n, 9n])('%i prices', async (count) => {
    const terms = completed(split, { rule: { name: 'split' }, range: rangeOf(count) });
    const width = wordWidth(count);
    const entry = (value: bigint) => ({ value });
    for (let a = 0n; a < 1n << BigInt(width); a++) {
      for (let b = 0n; b < 1n << BigInt(width); b++) {
        const { outcome } = await computeClear(split, terms, entry(a), entry(b));
        const low = b % (1n << BigInt(width - 1));
        const buyer = low === b ? low : low - 1n;
        const price = String(a + (buyer - a) / 2n);
        expect(outcome).toEqual(a <= buyer && low < count ? { deal: true, price } : noDeal);
      }
    }
  });
});

describe('mandates', () => {
  const terms = completed(zopa, {
    rule: { name: 'zopa' },
    range: { min: '-100', max: '1000000', step: '25', unit: 'USD' },
  });
  const enter = (mandate: unknown, party: 'a' | 'b' = 'a'): bigint =>
    zopa.under(terms).enter(party, mandate, random).value;

  test('bigints, decimal strings and safe integers are the same', () => {
    expect([
      enter({ reservation: 150n }),
      enter({ reservation: '150' }),
      enter({ reservation: 150 }),
    ]).toEqual([10n, 10n, 10n]);
    expect(enter({ reservation: '-100' })).toBe(0n);
    expect(enter({ reservation: 1_000_000n })).toBe(40_004n);
  });

  test.each([
    ['off the grid', 151n, '151'],
    ['just above', 1_000_001n, '1000001'],
    ['just below', -101n, '101'],
    ['far above', 1n << 200n, String(1n << 200n)],
    ['a fraction', 150.5, '150'],
    ['NaN', Number.NaN, 'NaN'],
    ['infinite', Number.POSITIVE_INFINITY, 'Infinity'],
    ['negative zero', -0, '-0'],
    ['an unsafe integer', 2 ** 53, '9007199254740992'],
    ['a fraction in a string', '150.5', '150'],
    ['an exponent', '1e3', '1e3'],
    ['a plus sign', '+150', '150'],
    ['leading zeros', '00150', '150'],
    ['blanks', ' 150', '150'],
    ['an endless string', '1'.repeat(10_000), '111'],
    ['null', null, 'null'],
    ['a boolean', true, 'true'],
    ['an array', [150], '150'],
  ])('%s is refused, without the value', (_name, reservation, secret) => {
    for (const party of ['a', 'b'] as const) expectRefused(() => enter({ reservation }, party), secret);
  });

  test.each([
    ['nothing', {}],
    ['null', null],
    ['a bare number', 77_150],
    ['abstain: false', { abstain: false }],
    ['both', { abstain: true, reservation: '77150' }],
    ['an extra member', { reservation: '77150', note: '77150' }],
    ['utilities', { reservation: 0.5, utilities: [77_150] }],
  ])('%s is refused', (_name, mandate) => {
    expectRefused(() => enter(mandate), '77150');
  });
});

describe('terms', () => {
  const range = rangeOf(10n);
  test.each([
    ['another rule', { rule: { name: 'auction' }, range }],
    ['an unknown member', { rule: { name: 'zopa', share: '1/2' }, range }],
    ['no range', { rule: { name: 'zopa' } }],
    ['a menu', { rule: { name: 'zopa' }, range, menu: { issues: [] } }],
    ['an empty range', { rule: { name: 'zopa' }, range: { min: '2', max: '1' } }],
    ['2^64 + 1 prices', { rule: { name: 'zopa' }, range: rangeOf((1n << 64n) + 1n) }],
    ['step 0', { rule: { name: 'zopa' }, range: { min: '0', max: '1', step: '0' } }],
  ])('%s is refused', (_name, terms) => {
    expect(accepts(zopa, terms)).toBe(false);
  });
});

describe('permitted outcomes', () => {
  const terms = completed(split, { rule: { name: 'split' }, range: { min: '10', max: '99', step: '5' } });
  const allowed = (rule: Rule, outcome: unknown): boolean =>
    rule.under({ range: terms.range, rule: { name: rule.name } }).permits(outcome as OutcomeJson);

  test('are those of exactly this form, in range, on the grid', () => {
    for (const good of [noDeal, { deal: true, price: '10' }, { deal: true, price: '95' }]) {
      expect(allowed(split, good)).toBe(true);
    }
    for (const bad of [
      { deal: true },
      { deal: true, price: 10 },
      { deal: true, price: '11' },
      { deal: true, price: '5' },
      { deal: true, price: '100' },
      { deal: true, price: '010' },
      { deal: false, price: '10' },
      { deal: true, price: '10', note: 1 },
    ]) {
      expect(allowed(split, bad)).toBe(false);
    }
    expect([allowed(zopa, noDeal), allowed(zopa, { deal: true })]).toEqual([true, true]);
    expect([allowed(zopa, { deal: true, price: '10' }), allowed(zopa, { deal: 1 })]).toEqual([false, false]);
  });
});

test('rules have distinct names, and their roles in order', () => {
  expect(new Set(rules.map((rule) => rule.name)).size).toBe(rules.length);
  for (const rule of rules) expect(rule.roles.length).toBe(2);
});
