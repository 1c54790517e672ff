import { expect, test } from 'vitest';
import { menu } from '../../protocols/menu/index.ts';
import { outcomeWidth } from '../../protocols/menu/stream.ts';
import { rules } from '../../protocols/registry.ts';
import { unpackBits } from '../../src/circuit/bits.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { menuMethods } from '../support/menus.ts';
import { completed } from '../support/rules.ts';

/*
 * What a rule reads from opened bits is compared with what it computes wherever tests compute (`computeOn`). Here are the widths, and bits that no computation gives.
 */

const bitsFrom = (seed: number, width: number) =>
  unpackBits(seededRandom(new Uint8Array(16).fill(seed))(Math.ceil(width / 8)), width);
const ranges = [1n, 2n, 1000n, (1n << 64n) - 1n].map((count) => ({
  min: '-10',
  max: String(-10n + 5n * (count - 1n)),
  step: '5',
}));
const members: object[] = [
  { name: 'zopa' },
  { name: 'split' },
  { name: 'random-split' },
  { name: 'posted-price', price: 'random' },
  { name: 'posted-price', price: '-10' },
];
const extras = [{}, { nearMiss: '100%' }, { rounds: 3 }, { rounds: 2, nearMiss: '100%' }];
const settings = members.flatMap((rule) =>
  ranges.flatMap((range) => extras.map((extra) => ({ rule: { ...rule, ...extra }, range }))),
);

test('every built-in rule reads its outcome from opened bits', () => {
  for (const rule of rules) {
    const terms =
      rule.name === 'menu' ? { rule: { name: 'menu' }, menu: { options: ['A', 'B'] } } : undefined;
    const some = terms ?? settings.find((each) => (each.rule as { name: string }).name === rule.name)!;
    const bound = rule.under(some);
    expect(bound.outcomeWidth).toBeGreaterThan(0);
    expect(bound.readOutcome!(new Uint8Array(bound.outcomeWidth!))).toEqual({ deal: false });
  }
});

test('price rules say how many bits their circuit gives', () => {
  let compared = 0;
  for (const terms of settings) {
    const rule = rules.find(({ name }) => name === (terms.rule as { name: string }).name)!;
    let bound: ReturnType<typeof rule.under>;
    try {
      bound = rule.under(terms);
    } catch {
      continue; // a near miss on a single price
    }
    expect(bound.outcomeWidth, JSON.stringify(terms)).toBe(bound.circuits()[0]!.circuit.outputWires.length);
    compared += 1;
  }
  expect(compared).toBeGreaterThan(50);
});

test.each(menuMethods)('menus by %s say how many bits are opened', (_method, rule) => {
  for (const count of [1, 2, 15, 16, 17, 256, 257]) {
    const options = Array.from({ length: count }, (_, i) => String(i));
    const terms = completed(menu, { rule, menu: { options } });
    const circuits = menu.under(terms).circuits();
    expect(menu.under(terms).outcomeWidth).toBe(circuits.at(-1)!.circuit.outputWires.length);
  }
});

test('a menu’s index has a position for each level, also over several chunks', () => {
  expect([1, 16, 17, 256, 257, 4096, 4097, 65_536, 65_537].map(outcomeWidth)).toEqual([
    5, 5, 9, 9, 13, 13, 17, 17, 21,
  ]);
});

test('bits that no computation gives are read without an error, as what the rule does not permit', () => {
  for (const terms of settings.slice(0, 8)) {
    const rule = rules.find(({ name }) => name === (terms.rule as { name: string }).name)!;
    const bound = rule.under(terms);
    for (let seed = 0; seed < 20; seed++) {
      const outcome = bound.readOutcome!(bitsFrom(seed, bound.outcomeWidth!));
      expect(typeof bound.permits(outcome)).toBe('boolean');
    }
  }
  const three = menu.under({ rule: { name: 'menu' }, menu: { options: ['A', 'B', 'C'] } });
  expect(three.permits(three.readOutcome!(Uint8Array.of(1, 0, 1, 0, 0)))).toBe(true);
  expect(three.permits(three.readOutcome!(Uint8Array.of(1, 1, 1, 0, 0)))).toBe(false);
});
