import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ABSTAINS, toEntry } from '../../protocols/menu/entry.ts';
import { menu } from '../../protocols/menu/index.ts';
import { fieldsOf, inputsOf, isRelative, optionWidth, type Part } from '../../protocols/menu/inputs.ts';
import { encodedLog } from '../../protocols/menu/log-table.ts';
import { dealOn, type Method } from '../../protocols/menu/options.ts';
import { chooseEntered } from '../../protocols/menu/plain.ts';
import type { RuleTerms } from '../../protocols/rule.ts';
import { bigintToBits, bitsToBigint } from '../../src/circuit/bits.ts';
import { systemRandom } from '../../src/crypto/random.ts';
import type { OutcomeJson } from '../../src/documents/rule.ts';
import { clearEngines } from '../../src/engine/clear.ts';
import type { Bits } from '../../src/engine/engine.ts';
import { toOutcome } from '../../src/session/result.ts';
import { menuMethods } from '../support/menus.ts';
import { completed, computeOn, entering, noRelease } from '../support/rules.ts';
import { LANES, lanesOf, OpeningEngine, outcomesOf, type Pair } from '../support/sliced.ts';

/*
 * A party may enter any bits for an option, whatever its utilities are. For all of them, for those of both parties at once, the twin gives what the
 * circuits give, and that is an option of the menu, or none.
 */

const FULL = process.env.PARLEY_FULL !== undefined;
/** Pairs of inputs a method. */
const PAIRS = FULL ? 100_000 : 8 * 64;

/** Options as a party can enter them: gain and logarithm that belong together, that do not, and any bits. */
function optionsUnder(method: Method): fc.Arbitrary<Bits> {
  const width = optionWidth(method);
  const fields = fieldsOf(method, 'options');
  const gain = fc.oneof(fc.constantFrom(0, 1, 2, 0x7fff, 0x8000, 0xffff), fc.nat(5), fc.nat(0xffff));
  const log = fc.oneof(fc.constantFrom(0, 1, 2 ** 38, 2 ** 39 - 1), fc.nat(5), gain.map(encodedLog));
  const accepted = fc.constantFrom(1, 1, 1, 0);
  const written = (of: number, log: number, accepts: number) => {
    const gainBits = fields.gain > 0 ? bigintToBits(BigInt(of), fields.gain) : [];
    const logBits = fields.log > 0 ? bigintToBits(BigInt(log), fields.log) : [];
    return Uint8Array.from([...gainBits, ...logBits, accepts]);
  };
  return fc.oneof(
    { weight: 3, arbitrary: fc.tuple(gain, log, accepted).map((parts) => written(...parts)) },
    { weight: 3, arbitrary: fc.tuple(gain, accepted).map(([of, ok]) => written(of, encodedLog(of), ok)) },
    { weight: 1, arbitrary: fc.uint8Array({ minLength: width, maxLength: width, max: 1 }) },
    { weight: 1, arbitrary: fc.constantFrom(new Uint8Array(width), new Uint8Array(width).fill(1)) },
  );
}

const joined = (options: readonly Bits[]): Bits => {
  const bits = new Uint8Array(options.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const option of options) {
    bits.set(option, at);
    at += option.length;
  }
  return bits;
};

/** Options in the order in which they are entered. */
function enteredAs(method: Method, options: readonly Bits[]): Bits {
  const { gain, log } = fieldsOf(method, 'options');
  const fieldsIn: Readonly<Record<Part, (option: Bits) => Bits>> = {
    options: (option) => option,
    gains: (option) => joined([option.subarray(0, gain), option.subarray(gain + log)]),
    logs: (option) => option.subarray(gain, gain + log),
  };
  const parts = inputsOf(method, options.length);
  return joined(parts.flatMap(({ part, start, end }) => options.slice(start, end).map(fieldsIn[part])));
}

describe.each(menuMethods)('menu, %s', (method, rule) => {
  const option = optionsUnder(method);
  const over = (count: number): RuleTerms => {
    const options = Array.from({ length: count }, (_, i) => String(i));
    return completed(menu, { rule, menu: { options } });
  };
  /** Some mandate: what it enters is replaced. */
  const some = (count: number) => toEntry({ utilities: new Uint16Array(count), reservation: ABSTAINS });
  const check = (terms: RuleTerms, { a, b }: Pair, outcome: OutcomeJson) => {
    const index = chooseEntered(method, a, b);
    const given = `${a.join('')} ${b.join('')}`;
    expect(index === undefined ? { deal: false } : dealOn(terms.menu!, index), given).toEqual(outcome);
    expect(menu.under(terms).permits(outcome), given).toBe(true);
  };
  const compared = async (count: number, pairs: readonly Pair[]): Promise<void> => {
    const terms = over(count);
    const outcomes = await outcomesOf(menu, terms, some(count), pairs);
    pairs.forEach((pair, lane) => {
      check(terms, pair, outcomes[lane]!);
    });
  };
  /** Menus made of a thousand different options. */
  const drawn = (count: number, pairs: number): Pair[] => {
    const pool = fc.sample(option, 1000);
    const random = systemRandom(4 * count * pairs);
    const at = new Uint16Array(random.buffer);
    const bits = (start: number) =>
      enteredAs(
        method,
        Array.from({ length: count }, (_, i) => pool[at[start + i]! % pool.length]!),
      );
    return Array.from({ length: pairs }, (_, i) => ({
      a: bits(2 * i * count),
      b: bits((2 * i + 1) * count),
    }));
  };

  test('the twin gives what the clear engine gives', async () => {
    const any = fc.integer({ min: 1, max: 20 }).chain((count) => {
      const entered = fc.array(option, { minLength: count, maxLength: count }).map(joined);
      return fc.tuple(fc.constant(count), entered, entered);
    });
    await fc.assert(
      fc.asyncProperty(any, async ([count, a, b]) => {
        const engines = clearEngines();
        const both = { a: entering(engines.a, a), b: entering(engines.b, b) };
        check(over(count), { a, b }, await computeOn(both, menu, over(count), some(count), some(count)));
      }),
      { numRuns: 60 },
    );
  });

  const large = FULL ? [257, 4097, 8191, 8192, 8193] : isRelative(method) ? [8192] : [];
  test.each([100, ...large])(
    '%i options',
    (count) => compared(count, drawn(count, FULL ? LANES : 4)),
    60_000,
  );

  test('the twin gives what the circuits give', async () => {
    for (const count of [1, 2, 3, 5, 9, 16, 17, 33]) {
      for (const pairs of lanesOf(drawn(count, PAIRS / 8))) await compared(count, pairs);
    }
  }, 300_000);

  test('whatever is opened is an outcome, or one that the terms do not permit', async () => {
    const any = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.infiniteStream(fc.nat(1)));
    await fc.assert(
      fc.asyncProperty(any, async ([count, bits]) => {
        const terms = over(count);
        const width = 1 + 4 * Math.ceil(Math.log2(count) / 4 || 1);
        const opened = Uint8Array.from({ length: width }, () => bits.next().value!);
        const outcome = await menu.under(terms).compute(new OpeningEngine(opened), some(count), noRelease);
        const known = opened[0] === 0 || bitsToBigint(opened.subarray(1)) < BigInt(count);
        expect(menu.under(terms).permits(outcome)).toBe(known);
        if (known) expect(toOutcome(menu.under(terms), outcome).deal).toBe(opened[0] === 1);
      }),
      { numRuns: 100 },
    );
  });
});
