import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { gainsOf, type MenuEntry, menuEntry } from '../../protocols/menu/entry.ts';
import { fastChoice } from '../../protocols/menu/fast-choice.ts';
import { menu } from '../../protocols/menu/index.ts';
import type { Mandate } from '../../protocols/rule.ts';
import { split } from '../../protocols/split/index.ts';
import { zopa } from '../../protocols/zopa/index.ts';
import { menuRules } from '../support/menus.ts';
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
    for (const rule of menuRules) {
      const terms = completed(menu, { rule, menu: each.menu });
      const outcome = await negotiateClear(menu, terms, ...each.mandates);
      expect(optionOf(menu, terms, outcome) ?? null, JSON.stringify(rule)).toBe(each.expected[rule.solution]);
    }
  });

  // The expected options were made when ties still went to the larger sum. No product is reached twice among them.
  test('nash chooses the same by number as by sum, or one of two options with the same product', () => {
    const moved = menus.filter((name) => {
      const each: MenuCase = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
      const terms = completed(menu, { rule: { name: 'menu' }, menu: each.menu });
      const [a, b] = each.mandates.map((mandate) => menuEntry(terms.menu!, mandate)) as [
        MenuEntry,
        MenuEntry,
      ];
      const [bySum, byNumber] = [fastChoice('nash-1', a, b), fastChoice('nash', a, b)];
      if (bySum === byNumber) return false;
      const [gainsOfA, gainsOfB] = [gainsOf(a).gains, gainsOf(b).gains];
      const product = (option: number) => gainsOfA[option]! * gainsOfB[option]!;
      expect(product(byNumber), name).toBe(product(bySum));
      expect(product(byNumber), name).toBeGreaterThan(0);
      return true;
    });
    expect(moved).toEqual([]);
  });
});
