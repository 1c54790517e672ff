import { describe, expect, test } from 'vitest';
import { type MenuEntry, menuEntry, toEntry } from '../../protocols/menu/entry.ts';
import { menu } from '../../protocols/menu/index.ts';
import { countOptions, dealOn } from '../../protocols/menu/options.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { menuRules } from '../support/menus.ts';
import { accepts, completed, computeClear, expectRefused } from '../support/rules.ts';

const random = seededRandom(new Uint8Array(16).fill(3));

describe('mandates', () => {
  const terms = completed(menu, {
    rule: { name: 'menu' },
    menu: {
      issues: [
        { name: 'Price', values: ['4.37', '4.12', '3.98'] },
        { name: 'Delivery', values: ['60 days', '45 days'] },
      ],
    },
  });
  const enter = (mandate: unknown): MenuEntry => {
    const entry = menu.under(terms).enter('a', mandate, random);
    const entered = menuEntry(terms.menu!, mandate);
    expect(toEntry(entered)).toEqual(entry);
    return entered;
  };
  const utilities = [0, 0.1, 0.25, 0.5, 0.75, 1];

  test('are quantised to 1/65,535, rounding half up', () => {
    const { utilities: quantised, reservation } = enter({ reservation: 0.35, utilities });
    expect([...quantised]).toEqual([0, 6554, 16384, 32768, 49151, 65535]);
    expect(reservation).toBe(22937);
    expect([
      ...enter({ reservation: 1 + 1e-10, utilities: [-1e-10, 1 + 1e-10, 0, 0, 0, 0] }).utilities,
    ]).toEqual([0, 65535, 0, 0, 0, 0]);
  });

  test('weighted sums are added in issue order, the first issue most significant', () => {
    const weights = [0.6, 0.4];
    const evaluations = [
      [1, 0.3, 0],
      [0.2, 1],
    ];
    const expected = evaluations[0]!.flatMap((x) =>
      evaluations[1]!.map((y) => Math.floor(Math.min(0.6 * x + 0.4 * y, 1) * 65_535 + 0.5)),
    );
    expect([...enter({ reservation: 0.1, weights, evaluations }).utilities]).toEqual(expected);
  });

  const ratings = {
    Delivery: { weight: 0.4, values: { '45 days': 1, '60 days': 0.2 } },
    Price: { weight: 0.6, values: { '4.37': 1, '3.98': 0, '4.12': 0.3 } },
  };

  test('B4: ratings by name are the same in whatever order they are written, and follow the menu, whatever its order', () => {
    const evaluations = [
      [1, 0.3, 0],
      [0.2, 1],
    ];
    const inOrder = enter({ reservation: 0.1, weights: [0.6, 0.4], evaluations });
    expect(enter({ reservation: 0.1, ratings })).toEqual(inOrder);
    const { issues } = terms.menu!;
    const turned = {
      issues: issues.toReversed().map(({ name, values }) => ({ name, values: values.toReversed() })),
    };
    const rated = menuEntry(turned, { reservation: 0.1, ratings }).utilities;
    for (const [index, utility] of inOrder.utilities.entries()) {
      const { values } = dealOn(terms.menu!, index).option;
      const there = rated.findIndex(
        (_, i) =>
          JSON.stringify(Object.entries(dealOn(turned, i).option.values).sort()) ===
          JSON.stringify(Object.entries(values).sort()),
      );
      expect(Math.abs(rated[there]! - utility)).toBeLessThanOrEqual(1); // added in another order
    }
  });

  test('B4: the options of one issue are rated by their names', () => {
    const flat = completed(menu, {
      rule: { name: 'menu' },
      menu: { options: ['red', 'green', 'constructor'] },
    });
    const given = { reservation: 0.5, ratings: { green: 1, constructor: 0, red: 0.2 } };
    expect([...menuEntry(flat.menu!, given).utilities]).toEqual([13107, 65535, 0]);
    expectRefused(() => menuEntry(flat.menu!, { reservation: 0.5, ratings: { green: 1, red: 0.2 } }));
    expectRefused(() => menuEntry(terms.menu!, { reservation: 0.5, ratings: { Price: 1, Delivery: 0 } }));
  });

  test.each([
    ['an issue', { Price: ratings.Price }, 'lack the issue “Delivery”'],
    [
      'a value',
      { ...ratings, Delivery: { weight: 0.4, values: { '45 days': 0.777 } } },
      'lack the value of “Delivery” “60 days”',
    ],
    ['the weight', { ...ratings, Delivery: { values: ratings.Delivery.values } }, '“Delivery” has no weight'],
    [
      'nothing, with one issue too many',
      { ...ratings, Prise: ratings.Price },
      '“Prise”, which is no issue of the menu',
    ],
    [
      'nothing, with one value too many',
      { ...ratings, Delivery: { weight: 0.4, values: { ...ratings.Delivery.values, '9 years': 0.777 } } },
      '“9 years”, which is no value of “Delivery”',
    ],
    [
      'nothing, with a rating above 1',
      { ...ratings, Delivery: { weight: 0.4, values: { '45 days': 7.77, '60 days': 1 } } },
      'from 0 to 1',
    ],
    [
      'nothing, with a word for a rating',
      { ...ratings, Delivery: { weight: 0.4, values: { '45 days': '0.777', '60 days': 1 } } },
      'numbers',
    ],
    ['all', [], 'lack the issue “Price”'],
  ])(
    'B4: ratings by name that lack %s are refused, with what is wrong and no rating in it',
    (_, wrong, message) => {
      const mandate = { reservation: 0.1, ratings: wrong };
      expectRefused(() => menu.under(terms).enter('a', mandate, random), '0.777', '7.77');
      expect(() => menuEntry(terms.menu!, mandate)).toThrow(message);
      expect(menu.under(terms).fit!('a', mandate, random)!.entry.value).toBe(65_536n);
    },
  );

  test('abstaining accepts nothing and is of the same form', () => {
    const abstains = enter({ abstain: true });
    expect(abstains.utilities.length).toBe(6);
    expect(abstains.reservation).toBe(65_536);
    const willing = enter({ reservation: 0, utilities: utilities.map(() => 1) });
    expect(menu.under(terms).plain(toEntry(abstains), toEntry(willing))).toEqual({ deal: false });
  });

  test.each([
    ['a utility above 1', { reservation: 0.1, utilities: [0, 0, 0, 0, 0, 1.000001] }],
    ['a negative utility', { reservation: 0.1, utilities: [0, 0, 0, 0, 0, -0.000001] }],
    ['NaN', { reservation: 0.1, utilities: [0, 0, 0, 0, 0, Number.NaN] }],
    ['a NaN reservation', { reservation: Number.NaN, utilities }],
    ['a string', { reservation: 0.1, utilities: [0, 0, 0, 0, 0, '0.777'] }],
    ['a reservation as a string', { reservation: '0.777', utilities }],
    ['a reservation above 1', { reservation: 1.777, utilities }],
    ['one too few', { reservation: 0.777, utilities: utilities.slice(1) }],
    ['one too many', { reservation: 0.777, utilities: [...utilities, 0.777] }],
    ['no list', { reservation: 0.777, utilities: { length: 6 } }],
    ['a missing reservation', { utilities }],
    ['weights without evaluations', { reservation: 0.777, weights: [0.777, 0] }],
    [
      'both forms',
      {
        reservation: 0.777,
        utilities,
        weights: [1, 0],
        evaluations: [
          [1, 1, 1],
          [1, 1],
        ],
      },
    ],
    [
      'weights of other issues',
      {
        reservation: 0.1,
        weights: [1],
        evaluations: [
          [1, 1, 1],
          [1, 1],
        ],
      },
    ],
    [
      'evaluations of other values',
      {
        reservation: 0.1,
        weights: [0.5, 0.5],
        evaluations: [
          [1, 1],
          [1, 1],
        ],
      },
    ],
    [
      'a weighted sum above 1',
      {
        reservation: 0.1,
        weights: [0.777, 0.777],
        evaluations: [
          [1, 1, 1],
          [1, 1],
        ],
      },
    ],
    [
      'infinite weights',
      {
        reservation: 0.1,
        weights: [Number.POSITIVE_INFINITY, 0],
        evaluations: [
          [0, 0, 0],
          [0, 0],
        ],
      },
    ],
    ['abstain: false', { abstain: false }],
    ['a price mandate', { reservation: '777' }],
    ['null', null],
  ])('%s is refused', (_name, mandate) => {
    expectRefused(() => enter(mandate), '777', '1.000001');
  });

  test('a party whose reservation none of its own options meets gets no deal', async () => {
    const a = toEntry(enter({ reservation: 0.9, utilities: utilities.map(() => 0.8) }));
    const b = toEntry(enter({ reservation: 0, utilities }));
    for (const rule of menuRules) {
      const under = { ...terms, rule };
      expect((await computeClear(menu, under, a, b)).outcome).toEqual({ deal: false });
      expect((await computeClear(menu, under, b, a)).outcome).toEqual({ deal: false });
    }
  });
});

describe('terms', () => {
  const issue = { name: 'Price', values: ['1', '2'] };
  test('a flat list is one issue; nash is the default', () => {
    const terms = completed(menu, { rule: { name: 'menu' }, menu: { options: ['yes', 'no'] } });
    expect(terms).toEqual({
      rule: { name: 'menu', solution: 'nash' },
      menu: { issues: [{ name: 'Option', values: ['yes', 'no'] }] },
    });
    expect(completed(menu, terms)).toEqual(terms);
  });

  test.each([
    ['no menu', { rule: { name: 'menu' } }],
    ['an unknown solution', { rule: { name: 'menu', solution: 'random' }, menu: { issues: [issue] } }],
    ['a version that terms need not name', { rule: { name: 'menu', version: 1 }, menu: { issues: [issue] } }],
    ['a later version', { rule: { name: 'menu', version: 3 }, menu: { issues: [issue] } }],
    ['a version in words', { rule: { name: 'menu', version: '2' }, menu: { issues: [issue] } }],
    ['no issues', { rule: { name: 'menu' }, menu: { issues: [] } }],
    [
      'an issue without values',
      { rule: { name: 'menu' }, menu: { issues: [{ name: 'Price', values: [] }] } },
    ],
    ['two issues of one name', { rule: { name: 'menu' }, menu: { issues: [issue, issue] } }],
    [
      'two equal values',
      { rule: { name: 'menu' }, menu: { issues: [{ name: 'Price', values: ['1', '1'] }] } },
    ],
    [
      'an unsafe name',
      { rule: { name: 'menu' }, menu: { issues: [{ name: 'Pri\u001bce', values: ['1'] }] } },
    ],
    ['a reserved name', { rule: { name: 'menu' }, menu: { issues: [{ name: '__proto__', values: ['1'] }] } }],
    ['an extra member', { rule: { name: 'menu' }, menu: { issues: [issue], note: '' } }],
    ['issues and options', { rule: { name: 'menu' }, menu: { issues: [issue], options: ['1'] } }],
    ['rounds', { rule: { name: 'menu', rounds: 2 }, menu: { issues: [issue] } }],
    ['a range', { rule: { name: 'menu' }, menu: { issues: [issue] }, range: { min: '0', max: '1' } }],
    [
      'more than 400,000 options',
      {
        rule: { name: 'menu' },
        menu: {
          issues: ['a', 'b', 'c', 'd'].map((name) => ({
            name,
            values: Array.from({ length: 26 }, (_, i) => `${i}`),
          })),
        },
      },
    ],
  ])('%s is refused', (_name, terms) => {
    expect(accepts(menu, terms)).toBe(false);
  });

  test('options are numbered with the first issue most significant', () => {
    const terms = completed(menu, {
      rule: { name: 'menu' },
      menu: { issues: [issue, { name: 'Colour', values: ['red', 'green', 'blue'] }] },
    });
    expect(countOptions(terms.menu!)).toBe(6);
    expect(dealOn(terms.menu!, 4)).toEqual({
      deal: true,
      option: { index: 4, values: { Price: '2', Colour: 'green' } },
    });
  });

  test('permitted outcomes are exactly the options', () => {
    const terms = completed(menu, { rule: { name: 'menu' }, menu: { issues: [issue] } });
    const allowed = (outcome: object): boolean => menu.under(terms).permits(outcome as never);
    expect([allowed({ deal: false }), allowed(dealOn(terms.menu!, 1))]).toEqual([true, true]);
    for (const option of [
      { index: 1, values: { Price: '1' } },
      { index: 2, values: { Price: '2' } },
      { index: -1, values: { Price: '1' } },
      { index: 0.5, values: { Price: '1' } },
      { index: 0, values: {} },
      { index: 0, values: { Price: '1', Colour: 'red' } },
      { index: 0 },
      {},
    ]) {
      expect(allowed({ deal: true, option })).toBe(false);
    }
    expect([allowed({ deal: true }), allowed({ deal: true, price: '1' })]).toEqual([false, false]);
    expect([
      allowed({ deal: false, nearMiss: false }),
      allowed({ ...dealOn(terms.menu!, 1), round: 1 }),
    ]).toEqual([false, false]);
  });
});

test('quantised mandates do not depend on how the list is held', () => {
  const terms = completed(menu, { rule: { name: 'menu' }, menu: { options: ['x', 'y', 'z'] } });
  const list = [0.1, 0.2, 0.3];
  expect(menuEntry(terms.menu!, { reservation: 0, utilities: list })).toEqual(
    menuEntry(terms.menu!, { reservation: 0, utilities: Float64Array.from(list) }),
  );
});
