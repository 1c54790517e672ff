import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { indexWidth, wordWidth } from '../../protocols/price/encoding.ts';
import type { PriceEntry } from '../../protocols/price/rule.ts';
import { rules } from '../../protocols/registry.ts';
import type { Rule, RuleTerms } from '../../protocols/rule.ts';
import { bigintToBits } from '../../src/circuit/bits.ts';
import type { OutcomeJson } from '../../src/documents/terms.ts';
import { toOutcome } from '../../src/session/result.ts';
import { computeClear, noRelease } from '../support/rules.ts';
import { LANES, lanesOf, OpeningEngine, outcomesOf, SlicedEngine } from '../support/sliced.ts';

/*
 * A party may enter any bits, whatever its delegate would do. For all of them, for those of both parties at once, the twin gives what the
 * circuit gives, and that is an outcome of the terms.
 */

const FULL = process.env.PARLEY_FULL !== undefined;
/** Pairs of inputs a rule, at least; 32 a setting otherwise. */
const PAIRS = FULL ? 100_000 : 1;

const counts = [1n, 2n, 3n, 7n, 8n, 9n, 31n, 32n, 100n, 1000n, 1024n];
const wideCounts = [(1n << 63n) + 1n, (1n << 64n) - 1n, 1n << 64n];
const sizes = FULL ? [...counts, ...wideCounts] : [...counts, (1n << 64n) - 1n];
const extras: object[] = [
  {},
  { nearMiss: '40%' },
  { nearMiss: '0.01%' },
  { rounds: 3 },
  { rounds: 2, nearMiss: '100%' },
];
/** Rules with their members, given the number of prices. */
const variants: Record<string, ((count: bigint) => object)[]> = {
  zopa: [() => ({})],
  split: [
    ...['1/2', '0/1', '1/1', '2/3', '65535/65536'].map((sellerShare) => () => ({ sellerShare })),
    () => ({ grid: '15' }),
    (count) => ({ sellerShare: '3/7', grid: String(5n * (count / 4n || 1n)) }),
  ],
  'random-split': [() => ({})],
  'posted-price': [
    () => ({ price: 'random' }),
    () => ({ price: '-10' }),
    (count) => ({ price: String(-10n + 5n * (count - 1n)) }),
    (count) => ({ price: String(-10n + 5n * (count / 2n)) }),
  ],
};

/** All settings of a rule: prices −10, −5, 0, … */
function settingsOf(name: string): RuleTerms[] {
  const rule = rules.find((each) => each.name === name)!;
  return sizes.flatMap((count) =>
    variants[name]!.flatMap((members) =>
      extras.flatMap((extra) => {
        const range = { min: '-10', max: String(-10n + 5n * (count - 1n)), step: '5' };
        const terms = { rule: { name, ...members(count), ...extra }, range };
        const parsed = rule.schema.safeParse(terms);
        return parsed.success ? [parsed.data] : [];
      }),
    ),
  );
}

/** Any number of `width` bits, and those about an edge of the grid, and one bit off it, more often than others. */
function numbers(width: number, count: bigint): fc.Arbitrary<bigint> {
  const limit = 1n << BigInt(width);
  const top = 1n << BigInt(indexWidth(count));
  const edges = [0n, count, top, top + count, limit].flatMap((edge) => [edge - 1n, edge, edge + 1n]);
  const index = fc.bigInt({ min: 0n, max: count - 1n });
  const bit = fc.nat(width - 1).map((place) => 1n << BigInt(place));
  const any = fc.oneof(
    { weight: 3, arbitrary: fc.bigInt({ min: 0n, max: limit - 1n }) },
    { weight: 2, arbitrary: fc.constantFrom(...edges) },
    { weight: 2, arbitrary: index },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.oneof(index, fc.constantFrom(...edges)), bit).map(([each, off]) => each ^ off),
    },
  );
  return any.map((each) => BigInt.asUintN(width, each));
}

/** All that a party can enter under a price rule, as the number that is sealed. */
function enteredUnder(rule: Rule<PriceEntry>, terms: RuleTerms): fc.Arbitrary<bigint> {
  const { min, max } = terms.range!;
  const count = (BigInt(max) - BigInt(min)) / 5n + 1n;
  const whole = rule.sealed!.width(terms);
  const width = wordWidth(count);
  const rounds = (terms.rule.rounds as number | undefined) ?? 1;
  const rest = whole - rounds * width;
  return fc
    .tuple(
      fc.array(numbers(width, count), { minLength: rounds, maxLength: rounds }),
      rest === 0 ? fc.constant(0n) : numbers(rest, count),
    )
    .map(([words, share]) => words.reduceRight((number, word) => (number << BigInt(width)) | word, share));
}

const priceRules = Object.keys(variants).map(
  (name) => [name, rules.find((rule) => rule.name === name) as Rule<PriceEntry>] as const,
);

describe.each(priceRules)('%s', (name, rule) => {
  const settings = settingsOf(name);
  const check = (terms: RuleTerms, a: bigint, b: bigint, outcome: OutcomeJson) => {
    const [entryA, entryB] = [rule.sealed!.entry(terms, a)!, rule.sealed!.entry(terms, b)!];
    const given = JSON.stringify([terms, String(a), String(b)]);
    expect(rule.plain(terms, entryA, entryB), given).toEqual(outcome);
    expect(rule.permits(terms, outcome), given).toBe(true);
  };

  test('entries are all numbers of the width', () => {
    const setting = fc
      .constantFrom(...settings)
      .chain((terms) => fc.tuple(fc.constant(terms), enteredUnder(rule, terms)));
    fc.assert(
      fc.property(setting, ([terms, value]) => {
        expect(rule.sealed!.value(terms, rule.sealed!.entry(terms, value)!)).toBe(value);
      }),
      { numRuns: 300 },
    );
  });

  test('the twin gives what the clear engine gives', async () => {
    const any = fc.constantFrom(...settings).chain((terms) => {
      const entered = enteredUnder(rule, terms);
      return fc.tuple(fc.constant(terms), entered, entered);
    });
    await fc.assert(
      fc.asyncProperty(any, async ([terms, a, b]) => {
        const [entryA, entryB] = [rule.sealed!.entry(terms, a)!, rule.sealed!.entry(terms, b)!];
        const { outcome } = await computeClear(rule, terms, entryA, entryB);
        check(terms, a, b, outcome);
      }),
      { numRuns: 100 },
    );
  });

  test('the twin gives what the circuit gives, in every setting', async () => {
    const each = Math.ceil(PAIRS / settings.length / LANES) * LANES;
    let [pairs, deals] = [0, 0];
    for (const terms of settings) {
      const entered = enteredUnder(rule, terms);
      const width = rule.sealed!.width(terms);
      const entry = rule.sealed!.entry(terms, 0n)!;
      for (const lanes of lanesOf(fc.sample(fc.tuple(entered, entered), each))) {
        const bits = lanes.map(([a, b]) => ({ a: bigintToBits(a, width), b: bigintToBits(b, width) }));
        const outcomes = await outcomesOf(rule as Rule, terms, entry, bits);
        lanes.forEach(([a, b], lane) => {
          check(terms, a, b, outcomes[lane]!);
        });
        pairs += lanes.length;
        deals += outcomes.filter(({ deal }) => deal).length;
      }
    }
    expect(pairs).toBeGreaterThanOrEqual(PAIRS);
    expect(deals).toBeGreaterThan(pairs / 20);
  }, 300_000);

  test('whatever is opened is an outcome, or one that the terms do not permit', async () => {
    const any = fc.tuple(fc.constantFrom(...settings), fc.infiniteStream(fc.nat(1)));
    await fc.assert(
      fc.asyncProperty(any, async ([terms, bits]) => {
        const engine = new SlicedEngine([
          { a: new Uint8Array(rule.sealed!.width(terms)), b: new Uint8Array(rule.sealed!.width(terms)) },
        ]);
        const entry = rule.sealed!.entry(terms, 0n)!;
        await rule.compute(engine, terms, entry, noRelease);
        const opened = engine.outcome(0).map(() => bits.next().value!);
        const outcome = await rule.compute(new OpeningEngine(opened), terms, entry, noRelease);
        if (rule.permits(terms, outcome)) expect(toOutcome(outcome).deal).toBe(opened[0] === 1);
      }),
      { numRuns: 200 },
    );
  });
});
