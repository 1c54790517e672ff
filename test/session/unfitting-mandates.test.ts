import { afterEach, describe, expect, test, vi } from 'vitest';
import { rules } from '../../protocols/registry.ts';
import { rawPublicKey } from '../../src/documents/identity.ts';
import { InputError } from '../../src/errors.ts';
import {
  defineDelegate,
  Ledger,
  type Mandate,
  memoryChannelPair,
  memoryStore,
  negotiate,
  type Terms,
} from '../../src/index.ts';
import { proveSealKey } from '../../src/seals/index.ts';
import { abstain, enterSafely } from '../../src/session/given.ts';
import type { MandateSource } from '../../src/session/mandate.ts';
import type { Session } from '../../src/session/session.ts';
import { termsOf } from '../findings/support.ts';
import { alice, bob } from '../paillier/keys.ts';
import { testRandom } from '../support/channels.ts';
import { menuMethods } from '../support/menus.ts';
import { buyer, openPair, partsOf, seller } from '../support/sessions.ts';

/*
 * B1: once the other side is there, whatever is wrong with a mandate, it sees messages of the same types and sizes as for any other
 * mandate, and gets an outcome; and the ledger counts the negotiation.
 */

const range = { min: '100', max: '1000', step: '10', unit: 'USD', decimals: 0 };
const menu = {
  issues: [
    { name: 'Price', values: ['low', 'high'] },
    { name: 'Delivery', values: ['soon', 'later', 'never'] },
  ],
};

type Unfitting = readonly [string, unknown];

const throwing = {
  get reservation(): bigint {
    throw new TypeError('unreadable');
  },
};
const nothing: readonly Unfitting[] = [
  ['null', null],
  ['undefined', undefined],
  ['a text', '450'],
  ['a number', 450n],
  ['a list', [450n]],
  ['nothing', {}],
  ['a function', { reservation: () => 450n }],
  ['an unreadable member', throwing],
  ['an abstention that is none', { abstain: false }],
  ['an abstention with a reservation', { abstain: true, reservation: 450n }],
];

const figures: readonly Unfitting[] = [
  ['above the range', 4_000n],
  ['far above the range', 10n ** 60n],
  ['below the range', -5n],
  ['just below the range', 99n],
  ['off the step', 455n],
  ['a fraction', 450.5],
  ['a fraction in a text', '450.5'],
  ['NaN', Number.NaN],
  ['no number', true],
  ['nothing', undefined],
  ['too many digits', '9'.repeat(60)],
];

function priceMandates(rounds: boolean, nearMiss: boolean): readonly Unfitting[] {
  const whole = (figure: unknown) => (rounds ? { reservations: [figure, 450n] } : { reservation: figure });
  const wish = nearMiss ? { nearMiss: 'yes' } : { nearMiss: true };
  const shapes: Unfitting[] = rounds
    ? [
        ['one reservation', { reservation: 450n }],
        ['no round', { reservations: [] }],
        ['a round too few', { reservations: [450n] }],
        ['a round too many', { reservations: [450n, 450n, 450n] }],
        ['rounds with holes', { reservations: new Array(2) }],
        ['rounds that are no list', { reservations: '450' }],
      ]
    : [['reservations of rounds', { reservations: [450n] }]];
  return [
    ...nothing,
    ...figures.map(([name, figure]): Unfitting => [name, whole(figure)]),
    ...shapes,
    ['an unknown member', { ...whole(450n), note: 'x' }],
    ['a wish that the terms do not know', { ...whole(450n), ...wish }],
    ['a menu’s', { reservation: 0.5, utilities: [1, 1, 1, 1, 1, 1] }],
  ];
}

const six = [1, 0.9, 0.5, 0.4, 0.3, 0];
const menuMandates: readonly Unfitting[] = [
  ...nothing,
  ['a utility too few', { reservation: 0.2, utilities: six.slice(1) }],
  ['a utility too many', { reservation: 0.2, utilities: [...six, 1] }],
  ['a utility above 1', { reservation: 0.2, utilities: [1.5, ...six.slice(1)] }],
  ['a utility below 0', { reservation: 0.2, utilities: [-0.5, ...six.slice(1)] }],
  ['points in place of utilities', { reservation: 20, utilities: six.map((u) => 100 * u) }],
  ['NaN', { reservation: 0.2, utilities: [Number.NaN, ...six.slice(1)] }],
  ['texts', { reservation: 0.2, utilities: six.map(String) }],
  ['holes', { reservation: 0.2, utilities: new Array(6) }],
  ['a reservation above 1', { reservation: 1.5, utilities: six }],
  ['a reservation below 0', { reservation: -1, utilities: six }],
  ['a reservation that is NaN', { reservation: Number.NaN, utilities: six }],
  ['a reservation in a text', { reservation: '0.2', utilities: six }],
  ['no reservation', { utilities: six }],
  [
    'too few weights',
    {
      reservation: 0.2,
      weights: [1],
      evaluations: [
        [1, 0],
        [1, 0.5, 0],
      ],
    },
  ],
  ['evaluations of other values', { reservation: 0.2, weights: [0.5, 0.5], evaluations: [[1, 0], [1]] }],
  ['evaluations that are no lists', { reservation: 0.2, weights: [0.5, 0.5], evaluations: [1, 1] }],
  [
    'sums above 1',
    {
      reservation: 0.2,
      weights: [5, 5],
      evaluations: [
        [1, 0],
        [1, 0.5, 0],
      ],
    },
  ],
  ['a price', { reservation: 450n }],
  [
    'ratings of another issue',
    { reservation: 0.2, ratings: { Price: { weight: 1, values: { low: 1, high: 0 } } } },
  ],
  ['ratings that are none', { reservation: 0.2, ratings: [1] }],
];

interface Case {
  readonly name: string;
  readonly terms: Partial<Terms>;
  readonly fits: Mandate;
  readonly unfitting: readonly Unfitting[];
}

const extras = [
  ['', {}],
  [' with rounds', { rounds: 2 }],
  [' with near misses', { nearMiss: '5%' }],
  [' with both', { rounds: 2, nearMiss: '5%' }],
] as const;
const priceRules = [
  ['zopa', {}],
  ['split', {}],
  ['random-split', {}],
  ['posted-price', { price: '500' }],
  ['posted-price', { price: 'random' }],
] as const;
const cases: readonly Case[] = [
  ...priceRules.flatMap(([name, members]) =>
    extras.map(([and, extra]): Case => {
      const rounds = 'rounds' in extra;
      return {
        name: `${[name, ...Object.values(members)].join(' ')}${and}`,
        terms: { range, rule: { name, ...members, ...extra } },
        fits: rounds ? { reservations: [450n, 450n] } : { reservation: 450n },
        unfitting: priceMandates(rounds, 'nearMiss' in extra),
      };
    }),
  ),
  ...menuMethods.map(
    ([method, rule]): Case => ({
      name: `menu ${method}`,
      terms: { menu, rule },
      fits: { reservation: 0.2, utilities: six },
      unfitting: menuMandates,
    }),
  ),
];

/** What a session sends from now on: each message's type, with its fields' sizes. */
function watch(session: Session): () => string[] {
  const { link } = partsOf(session);
  const send = link.send.bind(link) as (...message: unknown[]) => Promise<void>;
  let sent: string[] = [];
  link.send = (type, shape, fields) => {
    const sizes = Object.entries<Uint8Array>(fields).map(([name, bytes]) => `${name}:${bytes.length}`);
    sent.push(`${type.name} ${sizes.join(' ')}`);
    return send(type, shape, fields);
  };
  return () => {
    const taken = sent;
    sent = [];
    return taken;
  };
}

/** Two sessions that share a connection, with a ledger each, and what one of them shows the other of each negotiation. */
class Table {
  readonly ledgers: readonly [Ledger, Ledger] = [new Ledger(memoryStore()), new Ledger(memoryStore())];
  readonly side: 0 | 1;
  private sessions: readonly [Session, Session] | undefined;
  private seen: () => string[] = () => [];

  constructor(side: 0 | 1) {
    this.side = side;
  }

  async open(sealed: boolean): Promise<void> {
    const keys = [
      proveSealKey(alice, rawPublicKey(seller.publicKey)),
      proveSealKey(bob, rawPublicKey(buyer.publicKey)),
    ];
    const [left, right] = [0, 1].map((i) => ({
      ledger: this.ledgers[i]!,
      knownKeys: new Set<string>(),
      // the challenges of seals, which are random and public, have a part in sizes
      ...(sealed && { sealKey: keys[i]!, random: testRandom(70 + i) }),
    }));
    this.sessions = await openPair({ left: left!, right: right!, timeout: 30_000 });
    this.seen = watch(this.sessions[this.side]);
  }

  /** What came out at both sides, and what the other side saw. */
  async negotiate(terms: Terms, other: Mandate, own: MandateSource) {
    const results = await Promise.all(
      this.sessions!.map((session, i) =>
        session.negotiate({ terms, mandate: i === this.side ? own : () => other }),
      ),
    );
    // Not the bytes of the channel: how messages share records, and heartbeats between them, are the clock's.
    const { flights } = results[1 - this.side]!.stats;
    return { results, seen: { sent: this.seen(), flights } };
  }

  close(): void {
    for (const session of this.sessions ?? []) session.destroy();
  }
}

let tables: Table[] = [];
afterEach(() => {
  for (const table of tables) table.close();
  tables = [];
});

async function tableOf(side: 0 | 1, sealed = false): Promise<Table> {
  const table = new Table(side);
  tables.push(table);
  await table.open(sealed);
  return table;
}

const invalid = () => {
  throw new InputError('ERR_MANDATE_INVALID', 'unreadable');
};
const forbidden = (terms: Terms, mandate: Mandate): MandateSource =>
  defineDelegate({
    policy: {
      peers: 'anyone',
      subject: 'any',
      roles: 'any',
      rules: [terms.rule.name],
      options: {
        [terms.rule.name]: Object.fromEntries(
          Object.entries(terms.rule).map(([name, value]) => [name, [value as string]]),
        ),
      },
      maxDays: Number.POSITIVE_INFINITY,
      security: 'semi-honest',
      price: {
        ...{ unit: 'USD', decimals: 0 },
        min: 0n,
        max: 1n,
        range: { min: 500n, max: 500n },
        step: 1_000n,
      },
      utility: { min: 0.99, menu: 'any' },
      maxBits: 99,
      sessionsPerDay: 9,
    },
    mandate,
  });

const FULL = process.env.PARLEY_FULL !== undefined;

// Each case at one side with every other unfitting mandate, the odd ones and the even ones in turn; in full at both sides with all of them.
describe.each([0, 1] as const)('B1: at side %i', (side) => {
  test.each(cases.filter((_, i) => FULL || i % 2 === side))(
    '$name: nothing that is wrong with a mandate shows',
    async ({ terms: part, fits, unfitting, name: caseName }) => {
      const turn = (cases.findIndex(({ name }) => name === caseName) >> 1) % 2;
      const terms = termsOf(part);
      const table = await tableOf(side);
      await table.negotiate(terms, fits, () => fits);
      const { seen: expected } = await table.negotiate(terms, fits, () => fits);
      expect(expected.sent.length).toBeGreaterThan(3);
      let count = 2;
      const sources: [string, MandateSource][] = [
        ...unfitting
          .filter((_, i) => FULL || i % 2 === turn)
          .map(([name, given]): [string, MandateSource] => [name, () => given as Mandate]),
        ['an abstention', () => ({ abstain: true })],
        ['what cannot be read', invalid],
        ['what a policy forbids', forbidden(terms, fits)],
        ['what cannot be copied', forbidden(terms, { reservation: (() => 1n) as never })],
      ];
      for (const [name, source] of sources) {
        const { results, seen } = await table.negotiate(terms, fits, source);
        count++;
        expect(seen, name).toEqual(expected);
        expect(results[0]!.outcome, name).toEqual(results[1]!.outcome);
        expect(results[side]?.adjusted === undefined, name).toBe(name === 'an abstention');
        expect(results[1 - side]!.adjusted, name).toBeUndefined();
      }
      for (const ledger of table.ledgers) {
        const [{ attempts } = { attempts: [] }] = await ledger.list();
        expect(attempts).toHaveLength(count);
      }
    },
  );
});

test.each([
  ['a price', cases.find(({ name }) => name.startsWith('split with both'))!],
  ['a menu', cases.find(({ name }) => name === 'menu nash')!],
])(
  'B1: nor does it under seals, for %s',
  async (_, { terms: part, fits, unfitting }) => {
    const terms = termsOf({ ...part, security: 'malicious', seals: 'paillier' });
    const once = async (mandate: unknown) =>
      (await tableOf(1, true)).negotiate(terms, fits, () => mandate as Mandate);
    const { seen: expected } = await once(fits);
    // Every fourth in full.
    for (const [name, given] of unfitting.filter((_one, i) => i % (FULL ? 4 : 8) === 0)) {
      const { seen, results } = await once(given);
      expect(seen, name).toEqual(expected);
      expect(results[0]!.outcome, name).toEqual(results[1]!.outcome);
    }
  },
  180_000,
);

describe('what is entered', () => {
  const entered = async (part: Partial<Terms>, side: 0 | 1, given: unknown) => {
    const table = await tableOf(side);
    const other = part.menu === undefined ? { abstain: true as const } : { reservation: 0.2, utilities: six };
    const { results } = await table.negotiate(termsOf(part), other, () => given as Mandate);
    return [results[side]!.entered, results[side]!.adjusted];
  };

  test.each<[string, Partial<Terms>, 0 | 1, unknown, Mandate, RegExp | undefined]>([
    ['as given', { range }, 0, { reservation: '450' }, { reservation: 450n }, undefined],
    ['a seller off the step', { range }, 0, { reservation: 451n }, { reservation: 460n }, /higher/],
    ['a buyer off the step', { range }, 1, { reservation: 459n }, { reservation: 450n }, /lower/],
    [
      'a buyer between the last price and the end of the range',
      { range: { ...range, max: '1005' } },
      1,
      { reservation: 1_004n },
      { reservation: 1_000n },
      /highest/,
    ],
    [
      'a seller there',
      { range: { ...range, max: '1005' } },
      0,
      { reservation: 1_004n },
      { abstain: true },
      /above all prices/,
    ],
    [
      'a round in which nothing is accepted',
      { range, rule: { name: 'split', rounds: 2 } },
      1,
      { reservations: [5_000n, 5n] },
      { reservations: [1_000n, 90n] },
      /highest.*below all prices/,
    ],
    [
      'an opt-in that is none',
      { range, rule: { name: 'split', nearMiss: '5%' } },
      0,
      { reservation: 450n, nearMiss: 1 },
      { reservation: 450n },
      /near-miss/,
    ],
    [
      'an opt-in',
      { range, rule: { name: 'split', nearMiss: '5%' } },
      0,
      { reservation: 450n, nearMiss: true },
      { reservation: 450n, nearMiss: true },
      undefined,
    ],
    ['what is no mandate', { range }, 0, { reservation: 450.5 }, { abstain: true }, /no mandate/],
    [
      'a menu’s reservation below 0',
      { menu, rule: { name: 'menu' } },
      0,
      { reservation: -0.5, utilities: [1, 0, 0, 0, 0, 0] },
      { reservation: 0, utilities: [1, 0, 0, 0, 0, 0] },
      /below 0/,
    ],
    [
      'a menu’s reservation above 1',
      { menu, rule: { name: 'menu' } },
      1,
      { reservation: 1.5, utilities: six },
      { abstain: true },
      /above 1/,
    ],
    [
      'utilities that do not count',
      { menu, rule: { name: 'menu' } },
      0,
      { reservation: 1, utilities: [1, 0.6, 0.2, 0.2, 0, 0] },
      { reservation: 1, utilities: [1, 0, 0, 0, 0, 0] },
      undefined,
    ],
  ])('%s', async (_, part, side, given, expected, why) => {
    const [mandate, adjusted] = await entered(part, side, given);
    expect(mandate).toEqual(expected);
    if (why === undefined) expect(adjusted).toBeUndefined();
    else expect(adjusted).toMatch(why);
    expect(String(adjusted)).not.toMatch(/\d{2}/);
  });
});

test('a value is refused while nothing has been sent, and entered once the terms are agreed', async () => {
  const [left, right] = await openPair();
  const terms = termsOf();
  const mandate = { reservation: 4_000n };
  await expect(right.negotiate({ terms, mandate })).rejects.toMatchObject({ code: 'ERR_MANDATE_INVALID' });
  await Promise.all([left.prepare(terms), right.prepare(terms)]);
  const [, at] = await Promise.all([
    left.negotiate({ terms, mandate: { reservation: 400n } }),
    right.negotiate({ terms, mandate }),
  ]);
  expect(at).toMatchObject({ deal: true, price: 700n, entered: { reservation: 1_000n } });
  expect(at.adjusted).toMatch(/highest/);
});

test('one call for all refuses such a value before the other side hears anything', async () => {
  const [channel] = memoryChannelPair();
  const send = vi.spyOn(channel, 'send');
  const call = { channel, identity: buyer, terms: termsOf(), mandate: { reservation: 4_000n } };
  await expect(negotiate(call)).rejects.toMatchObject({ code: 'ERR_MANDATE_INVALID' });
  expect(send).not.toHaveBeenCalled();
});

test('B1: abstaining in place of a mandate goes the way of a mandate, which takes the time of one', () => {
  const bound = rules.find(({ name }) => name === 'menu')!.under({ rule: { name: 'menu' }, menu });
  const fit = vi.fn(bound.fit!);
  expect(abstain({ bound: { ...bound, fit }, party: 'b' }, testRandom(1), 'forbidden')).toEqual({
    ...{ entry: bound.enter('b', { abstain: true }, testRandom(1)), mandate: { abstain: true } },
    why: 'forbidden',
  });
  expect(fit).toHaveBeenCalledOnce();
});

test('B1: a rule whose `fit` trips over abstention enters it all the same', () => {
  const bound = rules.find(({ name }) => name === 'zopa')!.under(termsOf({ rule: { name: 'zopa' } }));
  const fit = () => {
    throw new TypeError('no');
  };
  const given = enterSafely({ bound: { ...bound, fit }, party: 'b' }, { reservation: 500n }, testRandom(1));
  expect(given).toMatchObject({ entry: bound.enter('b', { abstain: true }, testRandom(1)) });
});
