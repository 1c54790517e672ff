import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toEntry } from '../../../protocols/menu/entry.ts';
import { fastChoice } from '../../../protocols/menu/fast-choice.ts';
import { menu } from '../../../protocols/menu/index.ts';
import { menuMethods } from '../../support/menus.ts';
import { optionOf } from '../../support/rules.ts';

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
  it.each(menuMethods)('%s: is the twin’s', (method, rule) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }).chain((count) => fc.tuple(side(count), side(count))),
        ([a, b]) => {
          const options = Array.from(a.utilities, (_, i) => String(i));
          const bound = menu.under({ rule, menu: { options } });
          const [entryA, entryB] = [toEntry(a), toEntry(b)];
          const index = optionOf(menu, bound.terms, bound.plain(entryA, entryB)) ?? -1;
          expect(fastChoice(method, a, b)).toBe(index);
          expect(bound.leakage).toMatchObject({ by: 'choices' });
          if (bound.leakage?.by === 'choices')
            expect([...bound.leakage.choices([entryA], [entryB])]).toEqual([index]);
        },
      ),
      { numRuns: 500 },
    );
  });
});
