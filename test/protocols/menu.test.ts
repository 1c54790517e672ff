import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { optionWidth } from '../../protocols/menu/circuits.ts';
import { type MenuEntry, menuEntry } from '../../protocols/menu/entry.ts';
import { menu } from '../../protocols/menu/index.ts';
import { encodedLog, exactRoundedLog, logTable } from '../../protocols/menu/log-table.ts';
import { encodedLogOf } from '../../protocols/menu/maxima.ts';
import { countOptions, dealOn, menuOf, solutions } from '../../protocols/menu/options.ts';
import { countAnds, queueMenu } from '../../protocols/menu/stream.ts';
import type { Mandate, RuleTerms } from '../../protocols/rule.ts';
import { bigintToBits, bitsToBigint } from '../../src/circuit/bits.ts';
import { CircuitBuilder } from '../../src/circuit/builder.ts';
import { evaluateCircuit } from '../../src/circuit/evaluate.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { clearEngines } from '../../src/engine/clear.ts';
import { completed, computeClear, expectRefused, noRelease } from '../support/rules.ts';

const random = seededRandom(new Uint8Array(16).fill(3));

function flat(options: number, solution: string): RuleTerms {
  const names = Array.from({ length: options }, (_, i) => `option ${i}`);
  return completed(menu, { rule: { name: 'menu', solution }, menu: { options: names } });
}

/** Definitions once more, in rationals and independent of the twin's tricks: larger is better, lexicographically. */
function reference(solution: string, a: MenuEntry, b: MenuEntry): number | undefined {
  const gains = Array.from(
    a.utilities,
    (u, i) => [u - a.reservation, b.utilities[i]! - b.reservation] as const,
  );
  const joint = gains.map(([x, y], i) => ({ x, y, i })).filter(({ x, y }) => x >= 0 && y >= 0);
  const most = (side: 'x' | 'y') => Math.max(...joint.map((each) => each[side]));
  const ratio = (gain: number, largest: number): [bigint, bigint] =>
    largest === 0 ? [1n, 1n] : [BigInt(gain), BigInt(largest)];
  const compare = (p: [bigint, bigint], q: [bigint, bigint]) => Number(p[0] * q[1] - q[0] * p[1]);
  const score = ({ x, y }: { x: number; y: number }): [bigint, bigint] => {
    if (solution === 'nash') return [BigInt(x) * BigInt(y), 1n];
    if (solution === 'utilitarian') return [BigInt(x + y), 1n];
    if (solution === 'egalitarian') return [BigInt(Math.min(x, y)), 1n];
    const [p, q] = [ratio(x, most('x')), ratio(y, most('y'))];
    return compare(p, q) < 0 ? p : q;
  };
  joint.sort((p, q) => compare(score(q), score(p)) || q.x + q.y - p.x - p.y || p.i - q.i);
  return joint[0]?.i;
}

const entry = (options: number, steps: fc.Arbitrary<number>): fc.Arbitrary<MenuEntry> =>
  fc.record({
    utilities: fc
      .array(steps, { minLength: options, maxLength: options })
      .map((list) => Uint16Array.from(list)),
    reservation: fc.oneof({ weight: 12, arbitrary: steps }, { weight: 1, arbitrary: fc.constant(65_536) }),
  });
/** Few different values, so that ties and zeros abound; or any. */
const coarse = fc.oneof(
  fc.integer({ min: 0, max: 5 }),
  fc.integer({ min: 0, max: 30 }).map((n) => n * 12),
);
const fine = fc.oneof(fc.integer({ min: 0, max: 65_535 }), fc.integer({ min: 65_500, max: 65_535 }), coarse);

describe.each(solutions)('%s', (solution) => {
  test('compute and the twin choose what the definition says', async () => {
    const setting = fc
      .tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom(coarse, fine))
      .chain(([options, steps]) => fc.tuple(entry(options, steps), entry(options, steps)));
    let deals = 0;
    await fc.assert(
      fc.asyncProperty(setting, async ([a, b]) => {
        const terms = flat(a.utilities.length, solution);
        const index = reference(solution, a, b);
        const expected = index === undefined ? { deal: false } : dealOn(menuOf(terms), index);
        expect(menu.plain(terms, a, b)).toEqual(expected);
        const { outcome, ands } = await computeClear(menu, terms, a, b);
        expect(outcome).toEqual(expected);
        expect(ands).toBe(menu.ands(terms));
        expect(menu.permits(terms, outcome)).toBe(true);
        if (outcome.deal) deals++;
      }),
      { numRuns: 150 },
    );
    expect(deals).toBeGreaterThan(50);
  });

  const large = { nash: [4097], 'kalai-smorodinsky': [8193], egalitarian: [], utilitarian: [] };
  const more = process.env.PARLEY_FULL ? [4095, 4096, 4097, 4112, 12_289] : large[solution];

  test.each([1, 2, 15, 16, 17, 255, 256, 257, 273, ...more])('%i options', async (options) => {
    const terms = flat(options, solution);
    const draw = (party: number): MenuEntry => {
      const bytes = random(2 * options);
      const utilities = new Uint16Array(options);
      // two options that tie at the far end, better than all others
      for (let i = 0; i < options; i++) utilities[i] = (bytes[2 * i]! << 7) + bytes[2 * i + 1]!;
      for (const i of [options - 1, Math.max(0, options - 2)]) utilities[i] = 65_000 + party;
      return { utilities, reservation: 20_000 };
    };
    const [a, b] = [draw(0), draw(1)];
    const { outcome } = await computeClear(menu, terms, a, b);
    expect(outcome).toEqual(dealOn(menuOf(terms), Math.max(0, options - 2)));
    expect(menu.plain(terms, a, b)).toEqual(outcome);
  });
});

test.each(solutions)(
  '%s: whatever bits one side enters, it never gets an option that the other refuses',
  async (solution) => {
    const options = 20;
    const width = optionWidth(solution);
    const honest = entry(options, coarse);
    const bits = fc.uint8Array({ minLength: options * width, maxLength: options * width, max: 1 });
    let deals = 0;
    await fc.assert(
      fc.asyncProperty(
        honest,
        bits,
        fc.constantFrom('a' as const, 'b' as const),
        async (mandate, cheating, cheater) => {
          const terms = flat(options, solution);
          const engines = clearEngines();
          const cheat = async () => {
            const engine = engines[cheater];
            const outcome = queueMenu(engine, solution, options, (party, start, end) =>
              party === cheater ? cheating.subarray(start * width, end * width) : undefined,
            );
            return engine.reveal(outcome, 'both', noRelease);
          };
          const other = cheater === 'a' ? 'b' : 'a';
          const [outcome] = await Promise.all([
            menu.compute(engines[other], terms, mandate, noRelease),
            cheat(),
          ]);
          if (!('option' in outcome)) return;
          deals++;
          expect(mandate.utilities[outcome.option.index]).toBeGreaterThanOrEqual(mandate.reservation);
          expect(cheating[outcome.option.index * width + width - 1]).toBe(1);
        },
      ),
      { numRuns: 60 },
    );
    expect(deals).toBeGreaterThan(20);
  },
);

test('AND gates an option, at most', () => {
  const each = (solution: (typeof solutions)[number], options = 15_625) =>
    countAnds(solution, options) / options;
  expect(each('utilitarian')).toBeLessThanOrEqual(54);
  expect(each('egalitarian')).toBeLessThanOrEqual(104);
  expect(each('nash')).toBeLessThanOrEqual(174);
  expect(each('kalai-smorodinsky', 576)).toBeLessThanOrEqual(401);
  expect(each('kalai-smorodinsky')).toBeLessThanOrEqual(324);
});

describe('the logarithm table', () => {
  const table = logTable();

  test('is completely additive', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 1, max: 65_535 }), (a, b) => {
        fc.pre(a * b <= 65_535);
        expect(table[a * b]).toBe(table[a]! + table[b]!);
      }),
    );
    for (let a = 1; a <= 255; a++)
      for (let b = 1; a * b <= 65_535; b++) expect(table[a * b] === table[a]! + table[b]!).toBe(true);
  });

  test('is round(2^34 · log₂ p) at every prime', () => {
    let primes = 0;
    for (let n = 2; n <= 65_535; n++) {
      let isPrime = true;
      for (let d = 2; isPrime && d * d <= n; d++) isPrime = n % d !== 0;
      if (!isPrime) continue;
      primes++;
      if (BigInt(table[n]!) !== exactRoundedLog(BigInt(n))) expect.fail(`f(${n}) is wrong`);
      if (primes % 50 === 0) expect(exactRoundedLog(BigInt(n), 512n)).toBe(exactRoundedLog(BigInt(n)));
    }
    expect(primes).toBe(6542);
    expect([table[1], table[2]]).toEqual([0, 2 ** 34]);
  });

  test('orders every two products: the errors of any four entries stay below the smallest gap between logarithms', () => {
    let [least, most] = [0, 0];
    for (let n = 1; n <= 65_535; n++) {
      const error = table[n]! - 2 ** 34 * Math.log2(n);
      least = Math.min(least, error);
      most = Math.max(most, error);
    }
    // each difference above is exact to 2^−13: Math.log2 to within 2 units in the last place, and 2^38 < its result
    const spread = 2 * (most - least) + 2 ** -10;
    const smallestGap = 2 ** 34 / (65_535 ** 2 * Math.LN2);
    expect(spread).toBeLessThan(4.85);
    expect(smallestGap).toBeGreaterThan(5.77);
    expect(spread).toBeLessThan(smallestGap);
  });

  test('orders near-equal and equal products of the largest gains', () => {
    const products: [product: number, log: number][] = [];
    for (let a = 65_535; a > 65_235; a--)
      for (let b = a; b > 65_235; b--) products.push([a * b, table[a]! + table[b]!]);
    products.sort(([p], [q]) => p - q);
    for (let i = 1; i < products.length; i++) {
      const [[p, f], [q, g]] = [products[i - 1]!, products[i]!];
      expect(p === q ? f === g : f < g).toBe(true);
    }
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 65_535 }), { minLength: 4, maxLength: 4 }),
        ([a, b, c, d]) => {
          const logs = table[a!]! + table[b!]! - table[c!]! - table[d!]!;
          expect(Math.sign(logs)).toBe(Math.sign(a! * b! - c! * d!));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('as entered: nothing below every something, and a sum of two with a zero below every one without', () => {
    expect(encodedLog(0)).toBe(0);
    expect(encodedLog(1)).toBe(2 ** 38);
    let before = encodedLog(0);
    for (let n = 1; n <= 65_535; n++) {
      const log = encodedLog(n);
      expect(log > before && log < 2 ** 39).toBe(true);
      before = log;
    }
    expect(2 * encodedLog(1)).toBeGreaterThan(encodedLog(65_535));
  });
});

test('the logarithm of a secret gain, looked up', () => {
  const c = new CircuitBuilder();
  c.output(encodedLogOf(c, c.input(16)));
  const circuit = c.build();
  expect(circuit.ands).toBeLessThan(2300);
  const gains = [
    0,
    1,
    2,
    3,
    255,
    256,
    32_767,
    32_768,
    65_535,
    ...Array.from(random(30), (byte, i) => byte << (i % 9)),
  ];
  for (const gain of gains) {
    const bits = evaluateCircuit(circuit, [bigintToBits(BigInt(gain), 16)]);
    expect(bitsToBigint(bits)).toBe(BigInt(encodedLog(gain)));
  }
});

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
  const enter = (mandate: unknown): MenuEntry => menu.entry(terms, 'a', mandate as Mandate, random);
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

  test('abstaining accepts nothing and is of the same form', () => {
    const abstains = enter({ abstain: true });
    expect(abstains.utilities.length).toBe(6);
    expect(abstains.reservation).toBe(65_536);
    expect(menu.plain(terms, abstains, enter({ reservation: 0, utilities: utilities.map(() => 1) }))).toEqual(
      { deal: false },
    );
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
    const a = enter({ reservation: 0.9, utilities: utilities.map(() => 0.8) });
    const b = enter({ reservation: 0, utilities });
    for (const solution of solutions) {
      const under = { ...terms, rule: { name: 'menu', solution } };
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
    expect(menu.schema.safeParse(terms).success).toBe(false);
  });

  test('options are numbered with the first issue most significant', () => {
    const terms = completed(menu, {
      rule: { name: 'menu' },
      menu: { issues: [issue, { name: 'Colour', values: ['red', 'green', 'blue'] }] },
    });
    expect(countOptions(menuOf(terms))).toBe(6);
    expect(dealOn(menuOf(terms), 4)).toEqual({
      deal: true,
      option: { index: 4, values: { Price: '2', Colour: 'green' } },
    });
  });

  test('permitted outcomes are exactly the options', () => {
    const terms = completed(menu, { rule: { name: 'menu' }, menu: { issues: [issue] } });
    const allowed = (outcome: object): boolean => menu.permits(terms, outcome as never);
    expect([allowed({ deal: false }), allowed(dealOn(menuOf(terms), 1))]).toEqual([true, true]);
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
      allowed({ ...dealOn(menuOf(terms), 1), round: 1 }),
    ]).toEqual([false, false]);
  });
});

test('quantised mandates do not depend on how the list is held', () => {
  const terms = flat(3, 'nash');
  const list = [0.1, 0.2, 0.3];
  expect(menuEntry(menuOf(terms), { reservation: 0, utilities: list })).toEqual(
    menuEntry(menuOf(terms), { reservation: 0, utilities: Float64Array.from(list) as unknown as number[] }),
  );
});
