import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { menu } from '../../protocols/menu/index.ts';
import { MENU_VERSION, solutions } from '../../protocols/menu/options.ts';
import { rules } from '../../protocols/registry.ts';
import type { Mandate } from '../../protocols/rule.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { authenticatedPair } from '../engine/authenticated-pair.ts';
import { yaoPair } from '../engine/yao-pair.ts';
import { menuMethods } from '../support/menus.ts';
import { completed, computeOn, optionOf } from '../support/rules.ts';

type Pair = { readonly a: Engine; readonly b: Engine };

const engines: [name: string, open: (seed: number) => Pair | Promise<Pair>][] = [
  ['yao, a garbles', (seed) => yaoPair(seed, 'a')],
  ['yao, b garbles', (seed) => yaoPair(seed, 'b')],
  ['authenticated', (seed) => authenticatedPair(seed)],
];

const small = { min: '0', max: '1000', step: '5' };
const wide = { min: '0', max: String(2n ** 64n - 1n) };
const abstain = { abstain: true } as const;
const reservations = (s: bigint, b: bigint): [Mandate, Mandate] => [{ reservation: s }, { reservation: b }];
const rounds: [Mandate, Mandate] = [
  { reservations: ['900', '500', '350'], nearMiss: true },
  { reservations: ['100', '300', '400'], nearMiss: true },
];
const apart: [Mandate, Mandate] = [
  { reservations: ['900', '800', '520'], nearMiss: true },
  { reservations: ['100', '300', '500'], nearMiss: true },
];

const cases: [rule: object, range: object, mandates: readonly [Mandate, Mandate]][] = [
  [{ name: 'zopa' }, small, reservations(400n, 405n)],
  [{ name: 'zopa' }, small, reservations(405n, 400n)],
  [{ name: 'zopa' }, small, [abstain, { reservation: 1000n }]],
  [{ name: 'split' }, wide, reservations(2n ** 63n + 12345n, 2n ** 64n - 2n)],
  [{ name: 'split' }, wide, reservations(2n ** 64n - 1n, 2n ** 64n - 1n)],
  [{ name: 'split' }, wide, [{ reservation: 0n }, abstain]],
  [{ name: 'split', sellerShare: '1/3' }, small, reservations(5n, 990n)],
  [{ name: 'split', grid: '100' }, small, reservations(260n, 690n)],
  [{ name: 'split', rounds: 3, nearMiss: '2%' }, small, rounds],
  [{ name: 'split', rounds: 3, nearMiss: '2%' }, small, apart],
  [{ name: 'random-split' }, small, reservations(400n, 900n)],
  [{ name: 'posted-price', price: '500' }, small, reservations(400n, 505n)],
  [{ name: 'posted-price', price: 'random' }, small, reservations(100n, 900n)],
];

describe.each(engines)('%s', (_name, open) => {
  test.each(cases)('%j', async (rule, range, mandates) => {
    const found = rules.find(({ name }) => name === (rule as { name: string }).name)!;
    const terms = completed(found, { rule, range });
    const random = seededRandom(new Uint8Array(16).fill(9));
    const bound = found.under(terms);
    const [a, b] = mandates.map((mandate, i) => bound.enter(i === 0 ? 'a' : 'b', mandate, random));
    expect(await computeOn(await open(4), found, terms, a!, b!)).toEqual(bound.plain(a!, b!));
  });

  test.each(menuMethods)('a menu of 300 options, %s', async (_method, rule) => {
    const options = Array.from({ length: 300 }, (_, i) => `${i}`);
    const terms = completed(menu, { rule, menu: { options } });
    const random = seededRandom(new Uint8Array(16).fill(5));
    const draw = (): Mandate => ({
      reservation: 0.4,
      utilities: Array.from(random(300), (byte) => byte / 255),
    });
    const bound = menu.under(terms);
    const [a, b] = [bound.enter('a', draw(), random), bound.enter('b', draw(), random)];
    const outcome = await computeOn(await open(5), menu, terms, a, b);
    expect(outcome.deal).toBe(true);
    expect(outcome).toEqual(bound.plain(a, b));
  });
});

const folder = new URL('../../../shared/cases/', import.meta.url);
const files = existsSync(folder) ? readdirSync(folder).filter((name) => /^menu-.*\.json$/.test(name)) : [];
/** Every case in the full suite, else every ninth. */
const chosen = files.filter((_, i) => process.env.PARLEY_FULL || i % 9 === 0);

describe.skipIf(chosen.length === 0)('menu cases from public data', () => {
  test.each(chosen)('%s, under all engines', async (name) => {
    const each = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
    const random = seededRandom(new Uint8Array(16));
    for (const solution of solutions) {
      const rule = { name: 'menu', solution, version: MENU_VERSION };
      const terms = completed(menu, { rule, menu: each.menu });
      const [a, b] = [0, 1].map((i) =>
        menu.under(terms).enter(i === 0 ? 'a' : 'b', each.mandates[i], random),
      );
      for (const [, open] of engines) {
        const outcome = await computeOn(await open(6), menu, terms, a!, b!);
        expect(optionOf(menu, terms, outcome) ?? null).toBe(each.expected[solution]);
      }
    }
  });
});
