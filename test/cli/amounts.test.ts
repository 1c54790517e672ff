import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAmount, parseAmount } from '../../protocols/price/amount.ts';
import { outcomeText, readAmount } from '../../src/cli/terminal/amounts.ts';

const usd = { unit: 'USD', decimals: 2 };

describe('a unit', () => {
  it.each(['USD', '€', 'm2', 'm²', 'USD/kg', 'Stück', '%'])('is a word behind its figure: %s', (unit) => {
    expect(formatAmount(500n, { unit, decimals: 0 })).toBe(`500 ${unit}`);
  });

  it.each(['thousand USD', 'USD; both have opened their bids', 'USD,', 'USD-and-nothing-binds-you'])(
    'B6: is in quotation marks where it could go on with the sentence, and is read with and without: %s',
    (unit) => {
      const range = { unit, decimals: 2 };
      const text = formatAmount(500n, range);
      expect(text).toBe(`5.00 “${unit}”`);
      for (const typed of [text, `5.00 ${unit}`, '5']) expect(readAmount(typed, range)).toBe(500n);
    },
  );
});

describe('amounts', () => {
  it.each([
    ['450000', usd, '4,500.00 USD'],
    ['-5', usd, '-0.05 USD'],
    ['0', usd, '0.00 USD'],
    ['18446744073709551615', { unit: '', decimals: 0 }, '18,446,744,073,709,551,615'],
    ['123', { unit: 'BTC', decimals: 8 }, '0.00000123 BTC'],
  ])('writes %s', (value, range, text) => {
    expect(formatAmount(value, range)).toBe(text);
  });

  it.each([
    ['4500', 450_000n],
    ['4,500', 450_000n],
    ['4,500.5', 450_050n],
    [' 4500.50 usd ', 450_050n],
    ['-0.01', -1n],
    ['-0', 0n],
    ['007', 700n],
  ])('reads %s', (typed, value) => {
    expect(parseAmount(typed, usd)).toBe(value);
  });

  it.each(['', 'USD', '4,50', '45,0000', '4.501', '4.', '.5', '1e3', '0x10', '4 500', 'NaN', '4500 EUR'])(
    'does not read %s',
    (typed) => {
      expect(parseAmount(typed, usd)).toBeUndefined();
    },
  );

  it('reads what it writes', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), fc.nat(18), (value, decimals) => {
        const range = { unit: 'EUR', decimals };
        expect(parseAmount(formatAmount(value, range), range)).toBe(value);
      }),
    );
  });

  it('tells outcomes', () => {
    const range = { min: '0', max: '9', step: '1', ...usd };
    const terms = { rule: { name: 'split' }, range };
    const menu = {
      rule: { name: 'menu' },
      menu: {
        issues: [
          { name: 'Price', values: ['1', '2', '3.47'] },
          { name: 'Delivery', values: ['60 days'] },
        ],
      },
    };
    expect(outcomeText({ deal: false }, terms)).toBe('no deal');
    expect(outcomeText({ deal: false, nearMiss: true }, terms)).toBe('no deal, but a near miss');
    expect(outcomeText({ deal: true }, terms)).toBe('deal');
    expect(outcomeText({ deal: true, price: '7', round: 2 }, terms)).toBe('deal at 0.07 USD in round 2');
    expect(outcomeText({ deal: true, price: '7' }, terms)).toBe('deal at 0.07 USD');
    const option = { index: 2, values: { Price: '3.47', Delivery: '60 days' } };
    expect(outcomeText({ deal: true, option }, menu)).toBe(
      'deal on option 2 (“Price”: “3.47”, “Delivery”: “60 days”)',
    );
    // such names come first in any object of JavaScript
    const numbers = [
      { name: 'Lot', values: ['x', 'y'] },
      { name: '2', values: ['z'] },
      { name: '1', values: ['w'] },
    ];
    expect(
      outcomeText(
        { deal: true, option: { index: 1, values: { Lot: 'y', 2: 'z', 1: 'w' } } },
        { rule: { name: 'menu' }, menu: { issues: numbers } },
      ),
    ).toBe('deal on option 1 (“Lot”: “y”, “2”: “z”, “1”: “w”)');
  });
});
