import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAmount } from '../../protocols/price/amount.ts';
import { readAmount } from '../../src/cli/terminal/amounts.ts';
import { currencyDigits } from '../../src/cli/terminal/currency.ts';
import { deadlineText, readDeadline } from '../../src/cli/terminal/deadline.ts';
import { Meanings } from '../../src/cli/terminal/meanings.ts';
import { amount, issue, issueText, oneOf, percent, share } from '../../src/cli/terminal/readers.ts';

const usd = { unit: 'USD', decimals: 2 };
const yen = { unit: 'JPY', decimals: 0 };
const meant = (found: unknown) => (found instanceof Meanings ? found.choices.map(({ text }) => text) : found);

describe('amounts as people write them', () => {
  it.each([
    ['$4,500', usd, 450_000n],
    ['4500$', usd, 450_000n],
    ['US$ 4,500.5', usd, 450_050n],
    ['4.500,00', usd, 450_000n],
    ['4.500.000', usd, 450_000_000n],
    ['4 500,5', usd, 450_050n],
    ['4\u202f500', usd, 450_000n],
    ['4’500.00', usd, 450_000n],
    ['4,50', usd, 450n],
    ['.5', usd, 50n],
    ['15k', usd, 1_500_000n],
    ['$4.5K', usd, 450_000n],
    ['−$5', usd, -500n],
    ['４５００', usd, 450_000n],
    ['¥4,500', yen, 4_500n],
    ['4500 yen', { ...yen, unit: 'yen' }, 4_500n],
    ['€4.500,00', { ...usd, unit: '€' }, 450_000n],
    ['12 kg', { unit: 'kg', decimals: 0 }, 12n],
  ])('%s', (typed, range, value) => {
    expect(readAmount(typed, range)).toBe(value);
  });

  it.each([
    ['4.500', usd, ['4.50 USD', '4,500.00 USD']],
    ['4.501', usd, ['4,501.00 USD']],
    ['4.500', yen, ['4,500 JPY']],
    ['4,500', { unit: 'KWD', decimals: 3 }, ['4,500.000 KWD', '4.500 KWD']],
    ['4.500k', usd, ['4,500.00 USD', '4,500,000.00 USD']],
  ])('%s is never guessed', (typed, range, texts) => {
    expect(meant(readAmount(typed, range))).toEqual(texts);
  });

  it.each([
    ['€4,500', '4,500.00 USD'],
    ['4500 EUR', '4,500.00 USD'],
    ['4500.125', '4,500.12 USD'],
    ['45,0000', '450,000.00 USD'],
    ['1,00,000', '100,000.00 USD'],
    ['about 4500', '4,500.00 USD'],
    ['plenty', '4,500.00'],
  ])('%s is answered with the nearest that is one', (typed, nearest) => {
    expect(readAmount(typed, usd)).toBeUndefined();
    expect(() => amount(usd)(typed)).toThrow(
      expect.objectContaining({ code: 'ERR_USAGE', hint: `write one like ${nearest}` }),
    );
  });

  it('what can be meant is read again as that', () => {
    const part = fc.stringMatching(/^[$-]?\d{1,3}([,.' ]\d{1,3}){0,3}[,.]?\d{0,4}k?$/);
    fc.assert(
      fc.property(part, fc.constantFrom(0, 2, 3, 8), (typed, decimals) => {
        const range = { unit: 'USD', decimals };
        const found = readAmount(typed, range);
        if (typeof found === 'bigint') expect(readAmount(formatAmount(found, range), range)).toBe(found);
        if (!(found instanceof Meanings)) return;
        for (const { value, text } of found.choices) expect(readAmount(text, range)).toBe(value);
      }),
    );
  });

  it('currencies have the digits that they have', () => {
    expect(['USD', 'jpy', '€', '¥', 'KWD'].map(currencyDigits)).toEqual([2, 0, 2, 0, 3]);
    expect(['kg', '', 'points', '%'].map(currencyDigits)).toEqual(Array(4).fill(undefined));
  });
});

describe('choices', () => {
  const read = oneOf(['zopa', 'split', 'seller', 'random-split']);
  it.each([
    ['Split', 'split'],
    ['1', 'zopa'],
    ['4', 'random-split'],
    ['RANDOM', 'random-split'],
    ['z', 'zopa'],
  ])('%s', (typed, name) => {
    expect(read(typed)).toBe(name);
  });

  it.each(['', 's', '0', '5', 'dice'])('not “%s”', (typed) => {
    expect(() => read(typed)).toThrow('none of the choices');
  });
});

describe('deadlines', () => {
  it.each([
    ['3 days', 259_200_000],
    ['2 weeks', 1_209_600_000],
    ['in 12h', 43_200_000],
    ['1.5 hours', 5_400_000],
    ['90', 90_000],
    ['2999-12-24', '2999-12-24T23:59:59Z'],
    ['24.12.2999', '2999-12-24T23:59:59Z'],
    ['12/24/2999', '2999-12-24T23:59:59Z'],
    ['2999-12-24 18:30', '2999-12-24T18:30:00Z'],
    ['2999-12-24T18:30:15Z', '2999-12-24T18:30:15Z'],
    ['2999-12-24 8:30 UTC', '2999-12-24T08:30:00Z'],
  ])('%s', (typed, deadline) => {
    expect(readDeadline(typed)).toBe(deadline);
  });

  it('03/04/2999 is asked about', () => {
    expect(meant(readDeadline('03/04/2999'))).toEqual(['2999-03-04 23:59:59', '2999-04-03 23:59:59']);
    expect(readDeadline('2999-03-04 23:59:59')).toBe('2999-03-04T23:59:59Z');
  });

  it.each([
    ['0d', 'no time at all'],
    ['0.1ms', 'no time at all'],
    ['999999 weeks', 'more than a hundred years'],
    ['3 moons', 'no unit of time'],
    ['2020-01-01', 'over already'],
    ['2999-02-30', 'not a duration or a date'],
    ['2999-13-01', 'not a duration or a date'],
    ['soon', 'not a duration or a date'],
    ['', 'not a duration or a date'],
  ])('not “%s”', (typed, why) => {
    expect(() => readDeadline(typed)).toThrow(why);
  });

  it('are told as a time and how far it is', () => {
    expect(deadlineText(259_200_000)).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d UTC, 3 days from now$/);
    expect(deadlineText(90_000)).toMatch(/, 2 minutes from now$/);
  });
});

describe('the rest', () => {
  it.each([
    ['1/2', '1/2'],
    ['0.25', '1/4'],
    ['25%', '1/4'],
    ['37,5 %', '3/8'],
    ['Half', '1/2'],
    ['0', '0/1'],
  ])('the share %s', (typed, written) => {
    expect(share(typed)).toBe(written);
  });

  it.each([
    ['5', '5%'],
    ['5 %', '5%'],
    ['0,5%', '0.5%'],
  ])('the percentage %s', (typed, written) => {
    expect(percent(typed)).toBe(written);
  });

  it('a share that is none, and a percentage that may be a share, are refused', () => {
    for (const typed of ['', '%', 'some', '.']) expect(() => share(typed)).toThrow('not a fraction');
    for (const typed of ['', '0.05', 'near']) expect(() => percent(typed)).toThrow('not a percentage');
  });

  it.each([
    ['Delivery: 45 days, 60 days', 'Delivery: 45 days; 60 days'],
    ['Days: 30,45,60', 'Days: 30; 45; 60'],
    ['Price: 4.37, 4.12,', 'Price: 4.37; 4.12'],
    ['Terms: net 30, no fee; net 60', 'Terms: net 30, no fee; net 60'],
    ['Salary: 60,000;', 'Salary: 60,000;'],
  ])('the issue %s', (typed, written) => {
    expect(issueText(issue(typed) as never)).toBe(written);
  });

  it.each([
    ['Salary: 60,000, 65,500', ['Salary: 60,000; 65,500', 'Salary: 60; 000; 65; 500']],
    ['Price: 4,12, 4,37', ['Price: 4,12; 4,37', 'Price: 4; 12; 4; 37']],
    ['Days: 100,200,300', ['Days: 100,200,300;', 'Days: 100; 200; 300']],
  ])('the commas of %s are asked about', (typed, texts) => {
    const found = issue(typed);
    expect(meant(found)).toEqual(texts);
    for (const { value, text } of (found as Meanings<unknown>).choices) expect(issue(text)).toEqual(value);
  });
});
