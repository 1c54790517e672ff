import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { menu } from '../../protocols/menu/index.ts';
import { solutions } from '../../protocols/menu/options.ts';
import type { Mandate } from '../../protocols/rule.ts';
import { split } from '../../protocols/split/index.ts';
import { zopa } from '../../protocols/zopa/index.ts';
import { completed, negotiateClear, optionOf } from '../support/rules.ts';

interface PriceCase {
  readonly name: string;
  readonly seller: string;
  readonly buyer: string;
  readonly deal: boolean;
  readonly midpoint?: string | null;
}

const folder = new URL('../../../shared/cases/', import.meta.url);
const file = new URL('prices.json', folder);
const cases: PriceCase[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];

describe.skipIf(cases.length === 0)('price cases from public data', () => {
  test('give the expected deal and midpoint', async () => {
    const range = { min: '0', max: String(2n ** 32n) };
    for (const { name, seller, buyer, deal, midpoint } of cases) {
      const mandates = [{ reservation: seller }, { reservation: buyer }] as const;
      const zopaTerms = completed(zopa, { rule: { name: 'zopa' }, range });
      expect(await negotiateClear(zopa, zopaTerms, ...mandates), name).toEqual({ deal });
      const splitTerms = completed(split, { rule: { name: 'split' }, range });
      const expected = deal ? { deal, price: midpoint } : { deal };
      expect(await negotiateClear(split, splitTerms, ...mandates), name).toEqual(expected);
    }
  });
});

interface MenuCase {
  readonly menu: unknown;
  readonly mandates: readonly [Mandate, Mandate];
  readonly expected: Readonly<Record<string, number | null>>;
}

const menus = existsSync(folder) ? readdirSync(folder).filter((name) => /^menu-.*\.json$/.test(name)) : [];

describe.skipIf(menus.length === 0)('menu cases from public data', () => {
  test.each(menus)('%s', async (name) => {
    const each: MenuCase = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
    for (const solution of solutions) {
      const terms = completed(menu, { rule: { name: 'menu', solution }, menu: each.menu });
      const outcome = await negotiateClear(menu, terms, ...each.mandates);
      expect(optionOf(menu, terms, outcome) ?? null, solution).toBe(each.expected[solution]);
    }
  });
});
