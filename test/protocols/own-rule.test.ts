import { expect, test } from 'vitest';
import { priceRule } from '../../protocols/price/rule.ts';
import { splitModel } from '../../protocols/split/leakage.ts';
import { addModulo } from '../../src/circuit/gadgets/arithmetic.ts';
import { extend } from '../../src/circuit/gadgets/word.ts';
import { completed, negotiateClear } from '../support/rules.ts';

// the example of protocols/README.md
const middle = priceRule({
  name: 'middle',
  pricing: () => ({
    key: '',
    price: (c, { seller, surplus }) => ({
      index: addModulo(c, seller, extend(surplus.slice(1), seller.length)),
    }),
    plainPrice: (seller, buyer) => seller + (buyer - seller) / 2n,
  }),
  priceModel: splitModel,
  describe: () => ({
    outcome: ['The price is halfway between the two.'],
    incentives: ['Each side gains by shading.'],
  }),
});

test('a price rule of one’s own', async () => {
  const terms = completed(middle, { rule: { name: 'middle' }, range: { min: '0', max: '999' } });
  const deal = (seller: string, buyer: string) =>
    negotiateClear(middle, terms, { reservation: seller }, { reservation: buyer });
  expect(await deal('100', '201')).toEqual({ deal: true, price: '150' });
  expect(await deal('201', '100')).toEqual({ deal: false });
});
