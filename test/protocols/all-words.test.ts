import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { indexWidth, wordWidth } from '../../protocols/price/encoding.ts';
import { rules } from '../../protocols/registry.ts';
import type { Rule, RuleTerms } from '../../protocols/rule.ts';
import { bigintToBits } from '../../src/circuit/bits.ts';
import type { OutcomeJson } from '../../src/documents/rule.ts';
import { toOutcome } from '../../src/session/result.ts';
import { accepts, completed, computeClear, noRelease } from '../support/rules.ts';
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
        return accepts(rule, terms) ? [completed(rule, terms)] : [];
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
function enteredUnder(rule: Rule, terms: RuleTerms): fc.Arbitrary<bigint> {
  const { min, max } = terms.range!;
  const count = (BigInt(max) - BigInt(min)) / 5n + 1n;
  const whole = rule.under(terms).seal!.width;
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

/** The price one step outside the range that stands for abstaining in one round of several; no mandate says it. */
function outsideOf({ range }: RuleTerms, party: string): string {
  return party === 'a' ? String(BigInt(range!.max) + 5n) : String(BigInt(range!.min) - 5n);
}

const priceRules = Object.keys(variants).map(
  (name) => [name, rules.find((rule) => rule.name === name)!] as const,
);

describe.each(priceRules)('%s', (name, rule) => {
  const settings = settingsOf(name);
  const check = (terms: RuleTerms, a: bigint, b: bigint, outcome: OutcomeJson) => {
    const bound = rule.under(terms);
    const given = JSON.stringify([terms, String(a), String(b)]);
    expect(bound.plain({ value: a }, { value: b }), given).toEqual(outcome);
    expect(bound.permits(outcome), given).toBe(true);
  };

  test('what is entered is all there is: a mandate that a number stands for is entered as that number', () => {
    const setting = fc
      .constantFrom(...settings)
      .chain((terms) => fc.tuple(fc.constant(terms), enteredUnder(rule, terms), fc.constantFrom('a', 'b')));
    fc.assert(
      fc.property(setting, ([terms, value, party]) => {
        const bound = rule.under(terms);
        const mandate = bound.seal!.mandate(party, { value });
        const outside = JSON.stringify(mandate)?.includes(JSON.stringify(outsideOf(terms, party)));
        if (mandate === undefined || 'abstain' in mandate || outside) return;
        const again = bound.enter(party, mandate, (length) => new Uint8Array(length));
        expect(bound.seal!.sameMandate(again, { value })).toBe(true);
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
        const { outcome } = await computeClear(rule, terms, { value: a }, { value: b });
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
      const { width } = rule.under(terms).seal!;
      for (const lanes of lanesOf(fc.sample(fc.tuple(entered, entered), each))) {
        const bits = lanes.map(([a, b]) => ({ a: bigintToBits(a, width), b: bigintToBits(b, width) }));
        const outcomes = await outcomesOf(rule, terms, { value: 0n }, bits);
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
        const bound = rule.under(terms);
        const { width } = bound.seal!;
        const engine = new SlicedEngine([{ a: new Uint8Array(width), b: new Uint8Array(width) }]);
        await bound.compute(engine, { value: 0n }, noRelease);
        const opened = engine.outcome(0).map(() => bits.next().value!);
        const outcome = await bound.compute(new OpeningEngine(opened), { value: 0n }, noRelease);
        if (bound.permits(outcome)) expect(toOutcome(bound, outcome).deal).toBe(opened[0] === 1);
      }),
      { numRuns: 200 },
    );
  });
});
