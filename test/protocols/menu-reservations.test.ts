import { describe, expect, test } from 'vitest';
import { menu } from '../../protocols/menu/index.ts';
import type { Mandate } from '../../protocols/rule.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { authenticatedPair } from '../engine/authenticated-pair.ts';
import { yaoPair } from '../engine/yao-pair.ts';
import { menuMethods } from '../support/menus.ts';
import { completed, computeOn } from '../support/rules.ts';

type Pair = { readonly a: Engine; readonly b: Engine };

const engines: [name: string, open: () => Pair | Promise<Pair>][] = [
  ['yao', () => yaoPair(7, 'a')],
  ['authenticated', () => authenticatedPair(7)],
];

/** Four packages; what is good for one side is bad for the other, except the last, which is middling for both. */
const offered = { options: ['all to a', 'most to a', 'most to b', 'half each'] };
const forA = [1, 0.8, 0.1, 0.5];
const forB = [0, 0.3, 0.9, 0.5];
const at = (reservation: number, utilities: number[]): Mandate => ({ reservation, utilities });

const cases: [what: string, a: Mandate, b: Mandate, index: number | undefined][] = [
  ['a joint reservation that nothing meets', at(0.6, forA), at(0.6, forB), undefined],
  ['the same reservations, one step above what an option gives', at(0.5, forA), at(0.50002, forB), undefined],
  ['reservations that one option just meets', at(0.5, forA), at(0.5, forB), 3],
  [
    'a reservation above all of its own utilities',
    at(
      1,
      forA.map((u) => u / 2),
    ),
    at(0, forB),
    undefined,
  ],
  ['the same on the other side', at(0, forA), at(1, forB), undefined],
  [
    'two negative gains, whose product is positive',
    at(0.9, [0, 0.1, 0.2, 0.3]),
    at(0.9, [0, 0, 0.1, 0.2]),
    undefined,
  ],
  ['abstention', { abstain: true }, at(0, forB), undefined],
];

describe.each(engines)('no deal under %s', (_, open) => {
  test.each(cases)('%s', async (_what, a, b, index) => {
    const random = seededRandom(new Uint8Array(16));
    for (const [method, rule] of menuMethods) {
      const terms = completed(menu, { rule, menu: offered });
      const bound = menu.under(terms);
      const entries = [bound.enter('a', a, random), bound.enter('b', b, random)] as const;
      const outcome = await computeOn(await open(), menu, terms, ...entries);
      const option = index === undefined ? undefined : { index, values: { Option: offered.options[index] } };
      expect(outcome, method).toEqual(option === undefined ? { deal: false } : { deal: true, option });
      expect(bound.plain(...entries)).toEqual(outcome);
    }
  });
});
