import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fastChoice } from '../../../protocols/menu/fast-choice.ts';
import { menu } from '../../../protocols/menu/index.ts';
import { solutions } from '../../../protocols/menu/options.ts';

describe('the fast choice', () => {
  // Few distinct values, so ties, zero gains and nothing acceptable are common.
  const value = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom(0, 65_535, 32_768, 32_767));
  const side = (count: number) =>
    fc.record({
      utilities: fc
        .array(value, { minLength: count, maxLength: count })
        .map((values) => Uint16Array.from(values)),
      reservation: fc.oneof(value, fc.constant(65_536)),
    });
  it.each(solutions)('%s: is the twin’s', (solution) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }).chain((count) => fc.tuple(side(count), side(count))),
        ([a, b]) => {
          const options = Array.from(a.utilities, (_, i) => String(i));
          const terms = menu.schema.parse({ rule: { name: 'menu', solution }, menu: { options } });
          const outcome = menu.plain(terms, a, b);
          expect(fastChoice(solution, a, b)).toBe('option' in outcome ? outcome.option.index : -1);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is what the rule offers to the leakage meter', () => {
    const terms = menu.schema.parse({ rule: { name: 'menu' }, menu: { options: ['x', 'y', 'z'] } });
    const random = (length: number) => new Uint8Array(length);
    const entry = (utilities: number[]) => menu.entry(terms, 'a', { reservation: 0.2, utilities }, random);
    const [a, b] = [entry([0.9, 0.6, 0.1]), entry([0.1, 0.5, 0.9])];
    expect(menu.choose!(terms, a, b)).toBe(1);
    expect(menu.plain(terms, a, b)).toMatchObject({ deal: true, option: { index: 1 } });
  });
});
