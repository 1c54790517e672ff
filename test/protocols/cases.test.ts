import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { split } from '../../protocols/split/index.ts';
import { zopa } from '../../protocols/zopa/index.ts';
import { completed, negotiateClear } from '../support/rules.ts';

interface PriceCase {
  readonly name: string;
  readonly seller: string;
  readonly buyer: string;
  readonly deal: boolean;
  readonly midpoint?: string | null;
}

const file = new URL('../../../shared/cases/prices.json', import.meta.url);
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
