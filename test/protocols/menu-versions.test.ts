import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gainsOf, type MenuEntry, toEntry } from '../../protocols/menu/entry.ts';
import { fastChoice } from '../../protocols/menu/fast-choice.ts';
import { menu } from '../../protocols/menu/index.ts';
import { inputsOf, inputWidth, type MenuInput, optionWidth } from '../../protocols/menu/inputs.ts';
import { optionBits, readOptions } from '../../protocols/menu/option-bits.ts';
import { MENU_VERSION, type Method, solutions } from '../../protocols/menu/options.ts';
import { queueMenu } from '../../protocols/menu/stream.ts';
import type { RuleTerms } from '../../protocols/rule.ts';
import { canonicalText } from '../../src/documents/json.ts';
import type { Bits, Party, Wires } from '../../src/engine/engine.ts';
import { menuMethods } from '../support/menus.ts';
import { completed, noRelease, optionOf } from '../support/rules.ts';
import { OpeningEngine } from '../support/sliced.ts';

/** Utilities of a and b over some options, of few different values; reservations may be reached by all of them. */
const sides = fc
  .integer({ min: 1, max: 12 })
  .chain((count) => {
    const value = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constantFrom(12, 24, 60, 65_534, 65_535));
    const list = fc.array(value, { minLength: count, maxLength: count });
    return fc.tuple(list, list, fc.constantFrom(0, 0, 1, 2));
  })
  .map(([a, b, reservation]): [MenuEntry, MenuEntry] => [
    { utilities: Uint16Array.from(a), reservation },
    { utilities: Uint16Array.from(b), reservation },
  ]);

const flat = (count: number, rule: object): RuleTerms =>
  completed(menu, { rule, menu: { options: Array.from({ length: count }, (_, i) => String(i)) } });

describe('terms', () => {
  test.each(solutions)('%s: without a version they stay as they are, whoever completes them', (solution) => {
    const terms = flat(2, { name: 'menu', solution });
    const options = '"menu":{"issues":[{"name":"Option","values":["0","1"]}]}';
    expect(canonicalText(terms)).toBe(`{${options},"rule":{"name":"menu","solution":"${solution}"}}`);
    const now = flat(2, { name: 'menu', solution, version: MENU_VERSION });
    expect(canonicalText(now)).toBe(
      `{${options},"rule":{"name":"menu","solution":"${solution}","version":2}}`,
    );
  });

  test('a policy allows both versions', () => {
    const bounds = { utility: { min: 0.5, menu: 'any' } };
    const refusal = (rule: object) => menu.under(flat(2, rule)).policy!.refusal(bounds);
    expect(refusal({ name: 'menu' })).toBeUndefined();
    expect(refusal({ name: 'menu', version: MENU_VERSION })).toBeUndefined();
    expect(refusal({ name: 'menu', solution: 'egalitarian', version: MENU_VERSION })).toContain('solution');
  });
});

describe('ties by nash', () => {
  const choice = (rule: object, a: number[], b: number[]) => {
    const terms = flat(a.length, rule);
    const [entryA, entryB] = [a, b].map((of) => toEntry({ utilities: Uint16Array.from(of), reservation: 0 }));
    return optionOf(menu, terms, menu.under(terms).plain(entryA!, entryB!));
  };
  const now = { name: 'menu', version: MENU_VERSION };

  test('between equal products the lowest number decides, and in the first version the larger sum', () => {
    // 6 · 6, 4 · 9, 12 · 3
    expect(choice(now, [1, 6, 4, 12], [1, 6, 9, 3])).toBe(1);
    expect(choice({ name: 'menu' }, [1, 6, 4, 12], [1, 6, 9, 3])).toBe(3);
  });

  test('between products of 0 the larger sum decides in both, then the lowest number', () => {
    for (const rule of [now, { name: 'menu' }]) {
      expect(choice(rule, [0, 2, 0, 7, 0], [0, 0, 7, 0, 7])).toBe(2);
    }
  });

  test('the versions differ between equal products above 0 only', () => {
    const factor = fc.constantFrom(0, 1, 2, 3, 4, 6, 12);
    const many = fc.array(factor, { minLength: 8, maxLength: 8 }).map((list): MenuEntry => {
      return { utilities: Uint16Array.from(list), reservation: 0 };
    });
    let differences = 0;
    fc.assert(
      fc.property(many, many, (a, b) => {
        const [bySum, byNumber] = [fastChoice('nash-1', a, b), fastChoice('nash', a, b)];
        if (bySum === byNumber) return;
        differences++;
        const [x, y] = [gainsOf(a).gains, gainsOf(b).gains];
        expect(x[bySum]! * y[bySum]!).toBe(x[byNumber]! * y[byNumber]!);
        expect(x[bySum]! * y[bySum]!).toBeGreaterThan(0);
        expect(byNumber).toBeLessThan(bySum);
      }),
      { numRuns: 2000 },
    );
    expect(differences).toBeGreaterThan(20);
  });
});

test.each(menuMethods)(
  '%s: no accepted option is better for one side and no worse for the other',
  (method) => {
    fc.assert(
      fc.property(sides, ([a, b]) => {
        const chosen = fastChoice(method, a, b);
        const [{ gains: x, accepted: atA }, { gains: y, accepted: atB }] = [gainsOf(a), gainsOf(b)];
        for (let i = 0; i < x.length; i++) {
          if (atA[i] !== 1 || atB[i] !== 1) continue;
          const [more, less] = [x[i]! - x[chosen]!, y[i]! - y[chosen]!];
          expect(more >= 0 && less >= 0 && more + less > 0).toBe(false);
        }
      }),
      { numRuns: 2000 },
    );
  },
);

describe('what is entered', () => {
  /** Keeps what a party enters. */
  class Recorder extends OpeningEngine {
    readonly entered: Bits[] = [];
    override input(owner: Party, width: number, bits?: Bits): Wires {
      if (owner === 'a') this.entered.push(bits!.slice());
      return super.input(owner, width);
    }
  }
  const counts: [Method, number][] = menuMethods.flatMap(([method]) =>
    [1, 4097, 8192].map((count): [Method, number] => [method, count]),
  );
  const ruleOf = Object.fromEntries(menuMethods);

  test.each(counts)(
    '%s over %i options: each number once, as the seal announces it',
    async (method, count) => {
      const terms = flat(count, ruleOf[method]!);
      const utilities = Uint16Array.from({ length: count }, (_, i) => (i * 7919) & 0xffff);
      const entry = toEntry({ utilities, reservation: 9000 });
      const bound = menu.under(terms);
      const levels = Math.max(1, Math.ceil(Math.log2(count) / 4));
      const engine = new Recorder(new Uint8Array(1 + 4 * levels));
      await bound.compute(engine, entry, noRelease);
      const { widths, inputs } = bound.seal!.committed!;
      expect(engine.entered.map(({ length }) => length)).toEqual(widths);
      const announced = Buffer.concat([...inputs(entry)]);
      const all = Buffer.concat(engine.entered);
      expect(all.equals(announced)).toBe(true);
      expect(all.length).toBe(count * optionWidth(method));
      const whole = readOptions(method, all);
      const { gains, accepted } = gainsOf({ utilities, reservation: 9000 });
      expect(Buffer.compare(whole.accepted, accepted)).toBe(0);
      if (method !== 'nash') expect(whole.gains.every((gain, i) => gain === gains[i])).toBe(true);
    },
  );

  test('the parts of an option are the bits of the whole', () => {
    const entry = { utilities: Uint16Array.of(3, 9, 65_535, 10), reservation: 9 };
    const [options, gains, logs] = (['options', 'gains', 'logs'] as const).map((part) =>
      optionBits('kalai-smorodinsky', entry, 0, 4, part),
    );
    for (let i = 0; i < 4; i++) {
      const whole = options!.subarray(56 * i, 56 * (i + 1));
      expect([...gains!.subarray(17 * i, 17 * (i + 1))]).toEqual([...whole.subarray(0, 16), whole[55]]);
      expect(logs!.subarray(39 * i, 39 * (i + 1))).toEqual(whole.subarray(16, 55));
    }
  });

  test('from 8,192 options on kalai-smorodinsky holds 18 wires an option between its two passes', () => {
    const most = (method: Method, count: number) => heldAtMost(method, count) / count;
    const few = most('utilitarian', 40_960);
    expect(most('nash', 40_960)).toBeLessThan(40);
    expect(most('kalai-smorodinsky', 40_960)).toBeLessThan(18 + 40);
    expect(most('kalai-smorodinsky-1', 40_960)).toBeGreaterThan(112);
    expect(few).toBeLessThan(20);
  });
});

/** The most wires that are not released while a computation is queued. */
function heldAtMost(method: Method, count: number): number {
  let [held, most] = [0, 0];
  const made = (width: number): Wires => {
    held += width;
    most = Math.max(most, held);
    return { width };
  };
  queueMenu(
    {
      input: (_owner, width) => made(width),
      apply: (circuit, _inputs, copies = 1) =>
        made(circuit.outputs.reduce((sum, width) => sum + width, 0) * copies),
      slice: (wires, start, end = wires.width) => ({ width: end - start }),
      concat: (...wires) => ({ width: wires.reduce((sum, { width }) => sum + width, 0) }),
      release: (...wires) => {
        for (const { width } of wires) held -= width;
      },
    },
    method,
    count,
    () => undefined,
  );
  return most;
}

test('an old agreement of kalai-smorodinsky has one key for each chunk, a new one two', () => {
  const parts = (method: Method) => inputsOf(method, 10_000);
  const width = (method: Method) => (input: MenuInput) => inputWidth(method, input);
  expect(parts('kalai-smorodinsky-1').map(width('kalai-smorodinsky-1'))).toEqual([
    4096 * 56,
    4096 * 56,
    1808 * 56,
  ]);
  expect(parts('kalai-smorodinsky').map(width('kalai-smorodinsky'))).toEqual([
    ...[4096 * 17, 4096 * 17, 1808 * 17],
    ...[4096 * 39, 4096 * 39, 1808 * 39],
  ]);
});
