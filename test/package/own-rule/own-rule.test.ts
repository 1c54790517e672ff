import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectRefused, negotiateClear } from '../../support/rules.ts';
import { allocate } from './allocate.ts';
import { bounded, described, divide, mandates, terms, told } from './deal.ts';

const shared = { car: 'right', piano: 'left', bookcase: 'left', dog: 'right' };

describe('a rule whose mandate and outcome look like no other, written against the entries only', () => {
  test('is sealed, and openings confirm its outcome', async () => {
    const result = await divide();
    expect(result).toEqual({
      deal: true,
      outcome: { deal: true, gets: shared },
      seals: 'paillier',
      mandates: { left: mandates[0], right: mandates[1] },
      confirmed: true,
    });
  });

  test('is described, with what its outcome tells', async () => {
    const text = (await described()).replaceAll('\n', ' ');
    expect(text).toContain('Each side spreads up to 100 points over 4 items: car, piano, bookcase, dog.');
    expect(text).toContain('tells a side at most 4.1 bits about the other’s mandate');
    expect(await told()).toBeCloseTo(Math.log2(17), 12);
    const bound = allocate.under(terms);
    expect(bound.outcomeText({ deal: true, gets: shared })).toBe(
      'car to right, piano to left, bookcase to left, dog to right',
    );
    expect(bound.mandateText(mandates[0])).toBe('10 for car, 60 for piano, 20 for bookcase, 10 for dog');
  });

  test('keeps to a policy of its own shape', async () => {
    expect((await divide([bounded(mandates[0], 60), mandates[1]])).confirmed).toBe(true);
    expect(await divide([bounded(mandates[0], 59), mandates[1]])).toMatchObject({
      deal: false,
      mandates: { left: { abstain: true } },
    });
    await expect(divide([bounded(mandates[0], undefined), mandates[1]])).rejects.toMatchObject({
      code: 'ERR_POLICY_RANGE',
    });
  });

  test('refuses mandates of other shapes without saying what was in them', () => {
    const { enter } = allocate.under(terms);
    for (const mandate of [
      null,
      { reservation: '77' },
      { scores: { car: 77 } },
      { scores: { car: 77, piano: 77, bookcase: 0, dog: 0 } },
      { scores: { car: 7.7, piano: 0, bookcase: 0, dog: 0 } },
    ]) {
      expectRefused(() => enter('a', mandate, (length) => new Uint8Array(length)), '77', '7.7');
    }
  });

  test('its circuit gives what its twin gives, for any bits', async () => {
    const part = allocate.under(terms);
    const any = fc.bigInt({ min: 0n, max: (1n << BigInt(part.seal!.width)) - 1n });
    const scores = fc
      .array(fc.nat(25), { minLength: 4, maxLength: 4 })
      .map(([car, piano, bookcase, dog]) => ({ scores: { car, piano, bookcase, dog } }));
    await fc.assert(
      fc.asyncProperty(scores, scores, async (a, b) => {
        expect((await negotiateClear(allocate, part.terms, a, b)).deal).toBe(true);
      }),
      { numRuns: 50 },
    );
    fc.assert(
      fc.property(any, any, (a, b) => {
        expect(part.permits(part.plain({ value: a }, { value: b }))).toBe(true);
      }),
    );
  });

  test('terms that are not its own are refused, and so are other outcomes', () => {
    const part = allocate.under(terms);
    expect(part.terms.rule).toEqual({ ...terms.rule, points: 100 });
    for (const rule of [
      { ...terms.rule, items: ['car', 'car'] },
      { ...terms.rule, more: 1 },
    ]) {
      expect(() => allocate.under({ rule })).toThrow(expect.objectContaining({ code: 'ERR_TERMS_INVALID' }));
    }
    expect(() => allocate.under({ ...terms, range: { min: '0', max: '1' } })).toThrow();
    expect(part.permits({ deal: true, gets: { ...shared, dog: 'nobody' } })).toBe(false);
    expect(part.permits({ deal: true, price: '1' })).toBe(false);
  });
});
