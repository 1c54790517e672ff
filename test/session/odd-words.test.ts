import { describe, expect, test } from 'vitest';
import { ABSTAINS } from '../../protocols/menu/entry.ts';
import { menu } from '../../protocols/menu/index.ts';
import { chooseEntered } from '../../protocols/menu/plain.ts';
import { ruleOf } from '../../protocols/registry.ts';
import type { Entry, Mandate, Rule } from '../../protocols/rule.ts';
import { zopa } from '../../protocols/zopa/index.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import type { Agreement } from '../../src/documents/agreement.ts';
import { rawPublicKey } from '../../src/documents/identity.ts';
import { completeTerms, type Terms } from '../../src/documents/terms.ts';
import type { Bits } from '../../src/engine/engine.ts';
import { VerificationError } from '../../src/errors.ts';
import { proveSealKey } from '../../src/seals/index.ts';
import { openAgreement, verifyOpenings } from '../../src/verify/openings.ts';
import { alice, bob } from '../paillier/keys.ts';
import { menuMethods } from '../support/menus.ts';
import { changed, entering, entersAs, optionOf } from '../support/rules.ts';
import { buyer, openPair, seller } from '../support/sessions.ts';

/*
 * One side's program seals and enters bits that no delegate would. The other side has the outcome that the rule makes of them; openings confirm it, or
 * name the side that entered what no mandate has, and never the other.
 */

const FULL = process.env.PARLEY_FULL !== undefined;
const keys = {
  a: proveSealKey(alice, rawPublicKey(seller.publicKey)),
  b: proveSealKey(bob, rawPublicKey(buyer.publicKey)),
};
const identities = { a: seller.publicKey, b: buyer.publicKey };
const known = { a: new Set<string>(), b: new Set<string>() };
type Side = 'a' | 'b';

function termsOf(rule: Rule, given: Partial<Terms>): Terms {
  const [a, b] = rule.roles;
  const parties = { [a]: identities.a, [b]: identities.b };
  const common = { parley: 1 as const, subject: 'used car', expires: '2999-01-01T00:00:00Z' };
  return completeTerms(
    { ...common, rule: { name: rule.name }, parties, nonce: 'AAAAAAAAAAAAAAAAAAAAAA', ...given },
    {},
    rule,
  );
}

/** One session, in which `cheater` uses a rule of its own: both results. */
async function strike(terms: Terms, mandate: Mandate, cheater: Side, own: Rule) {
  const [left, right] = await openPair({
    left: { sealKey: keys.a, knownKeys: known.a },
    right: { sealKey: keys.b, knownKeys: known.b },
  });
  const run = (session: typeof left, side: Side) =>
    side === cheater
      ? session.negotiate({ terms, mandate: { abstain: true }, rules: [own] })
      : session.negotiate({ terms, mandate });
  try {
    return await Promise.all([run(left, 'a'), run(right, 'b')]);
  } finally {
    left.destroy();
    right.destroy();
  }
}

const openingOf = (agreement: Agreement, side: Side, mandate?: Mandate) =>
  openAgreement(agreement, { identity: identities[side], sealKey: keys[side], mandate });

/** What openings show: whether they confirm the outcome, or the error's code and party. */
const shown = (agreement: Agreement, openings: readonly unknown[]) =>
  verifyOpenings(agreement, openings, { parties: 'unpinned' }).then(
    ({ confirmed }) => ({ confirmed }),
    (error) => {
      expect(error).toBeInstanceOf(VerificationError);
      return { code: error.code, party: error.party };
    },
  );

const range = { min: '0', max: '999', step: '1', unit: 'USD', decimals: 0 };

/** What both openings show once `cheater` has entered these words; the outcome is the twin's, whatever they are. */
async function afterWords(rule: Terms['rule'], cheater: Side, entry: Entry, mandate: Mandate) {
  const found = ruleOf({ rule });
  const terms = termsOf(found, { rule, range });
  const own = changed(found, () => ({ enter: () => entry }));
  const results = await strike(terms, mandate, cheater, own);
  const { agreement, outcome } = results[0]!;
  expect(results[1]!.outcome).toEqual(outcome);
  const honest = cheater === 'a' ? 'b' : 'a';
  const openings = {
    [honest]: await openingOf(agreement, honest),
    [cheater]: await openingOf(agreement, cheater),
  };
  const sealed = (side: Side) => ({ value: BigInt(openings[side]!.value) });
  expect(sealed(cheater)).toEqual(entry);
  expect(found.under(terms).plain(sealed('a'), sealed('b'))).toEqual(outcome);
  // the first at fault is named, and the honest side's comes first
  const both = await shown(agreement, [openings[honest], openings[cheater]]);
  return { outcome, both };
}

/** Words of 11 bits, the first one lowest, then the bit that opts in where there is one, then the share. */
const entered = ({ words, optIn, share = 0n }: Words): Entry => {
  const rest = optIn === undefined ? share : (share << 1n) | BigInt(optIn);
  return { value: words.reduceRight((number, word) => (number << 11n) | word, rest) };
};

interface Words {
  readonly words: readonly bigint[];
  readonly optIn?: boolean;
  readonly share?: bigint;
}

const named = (party: string) => ({ code: 'ERR_OPENING_INVALID', party });

describe('words of a price rule', () => {
  // 1,000 prices: an index has 10 bits, and the highest of a word's 11 is worth −1 to a buyer
  const cases: [string, Terms['rule'], Side, Words, Mandate, object, object][] = [
    [
      'a buyer above the grid',
      { name: 'split' },
      'b',
      { words: [1010n] },
      { reservation: 400n },
      { deal: false },
      named('buyer'),
    ],
    [
      'a price above the grid',
      { name: 'split' },
      'b',
      { words: [1015n] },
      { reservation: 999n },
      { deal: false },
      named('buyer'),
    ],
    [
      'a buyer just above the grid',
      { name: 'zopa' },
      'b',
      { words: [1024n + 1000n] },
      { reservation: 0n },
      { deal: false },
      named('buyer'),
    ],
    [
      'a buyer’s second word for a price',
      { name: 'split' },
      'b',
      { words: [1024n + 501n] },
      { reservation: 400n },
      { deal: true, price: '450' },
      named('buyer'),
    ],
    [
      'a buyer’s second word for a price, near',
      { name: 'split', nearMiss: '5%' },
      'b',
      { words: [1024n + 501n], optIn: true },
      { reservation: 501n, nearMiss: true },
      { deal: false, nearMiss: false },
      named('buyer'),
    ],
    [
      'a buyer’s first round above the grid',
      { name: 'split', rounds: 2 },
      'b',
      { words: [1010n, 500n] },
      { reservations: [400n, 400n] },
      { deal: true, price: '450', round: 2 },
      named('buyer'),
    ],
    [
      'a seller’s word with every bit',
      { name: 'zopa' },
      'a',
      { words: [2047n] },
      { reservation: 999n },
      { deal: false },
      named('seller'),
    ],
    [
      'a seller far above the grid',
      { name: 'zopa', nearMiss: '100%' },
      'a',
      { words: [1010n], optIn: true },
      { reservation: 999n, nearMiss: true },
      { deal: false, nearMiss: false },
      named('seller'),
    ],
    [
      'a buyer who abstains in one round',
      { name: 'zopa', rounds: 2 },
      'b',
      { words: [1024n, 500n] },
      { reservations: [400n, 400n] },
      { deal: true, round: 2 },
      { confirmed: true },
    ],
    [
      'a seller who abstains in one round',
      { name: 'zopa', rounds: 2 },
      'a',
      { words: [1000n, 400n] },
      { reservations: [500n, 500n] },
      { deal: true, round: 2 },
      { confirmed: true },
    ],
    [
      'an honest word',
      { name: 'split' },
      'b',
      { words: [500n] },
      { reservation: 400n },
      { deal: true, price: '450' },
      { confirmed: true },
    ],
  ];
  test.each(cases)('%s', async (_, rule, cheater, words, mandate, outcome, both) => {
    expect(await afterWords(rule, cheater, entered(words), mandate)).toEqual({ outcome, both });
  });

  test('names nobody for an opening that was changed on its way', async () => {
    const terms = termsOf(zopa, { rule: { name: 'zopa' }, range });
    const [{ agreement }] = await strike(terms, { reservation: 400n }, 'b', zopa);
    const opening = await openingOf(agreement, 'a');
    for (const value of ['401', '1010', '2048']) {
      const both = await shown(agreement, [{ ...opening, value }]);
      expect(both).toEqual({ code: 'ERR_OPENING_INVALID', party: undefined });
    }
  });

  test('a share of a drawn price beyond the last one', async () => {
    const entry = entered({ words: [999n], share: 1023n });
    const { outcome, both } = await afterWords({ name: 'posted-price', price: 'random' }, 'b', entry, {
      reservation: 0n,
    });
    expect(outcome.deal).toBe(true);
    expect(both).toEqual({ confirmed: true });
  });

  const drawn: Terms['rule'][] = [
    { name: 'zopa', nearMiss: '40%' },
    { name: 'split', sellerShare: '2/3', rounds: 3 },
    { name: 'split', grid: '7', nearMiss: '40%' },
    { name: 'random-split', rounds: 2, nearMiss: '40%' },
    { name: 'posted-price', price: '512' },
    { name: 'posted-price', price: 'random', rounds: 2 },
  ];
  test.each(drawn)(
    'any bits: %j',
    async (rule) => {
      const found = ruleOf({ rule });
      const terms = termsOf(found, { rule, range });
      const seal = found.under(terms).seal!;
      for (let seed = 1; seed <= (FULL ? 20 : 1); seed++) {
        const random = seededRandom(new Uint8Array(16).fill(seed));
        const value = random(seal.width).reduce((sum, byte) => (sum << 1n) | BigInt(byte & 1), 0n);
        const entry = { value };
        const cheater = seed % 2 === 0 ? 'a' : 'b';
        const one = () => BigInt(random(2)[0]! * 3);
        const count = rule.rounds as number | undefined;
        const bid =
          count === undefined ? { reservation: one() } : { reservations: Array.from({ length: count }, one) };
        const { both } = await afterWords(rule, cheater, entry, {
          ...bid,
          ...(rule.nearMiss !== undefined && { nearMiss: true }),
        });
        const own = seal.mandate(cheater, entry);
        expect(both).toEqual(
          own === undefined ? named(found.roles[cheater === 'a' ? 0 : 1]) : { confirmed: true },
        );
      }
    },
    120_000,
  );
});

describe('bits of a menu', () => {
  const count = 6;
  const options = {
    issues: [{ name: 'Option', values: Array.from({ length: count }, (_, i) => String(i)) }],
  };
  const honest: Mandate = { reservation: 0.25, utilities: [0, 0.3, 0.9, 0.5, 0.7, 0.1] };
  /** A rule that seals that a party abstains, and enters these bits. */
  const entersBits = (bits: Bits): Rule =>
    changed(menu, ({ seal, compute }) => ({
      seal: { ...seal!, committed: { ...seal!.committed!, inputs: () => [bits.slice()] } },
      compute: (engine, entry, release) => compute(entering(engine, bits), entry, release),
    }));

  test.each(menuMethods)(
    '%s: the outcome is the twin’s, and the opening names who entered them',
    async (method, rule) => {
      const terms = termsOf(menu, { rule, menu: options });
      const bound = menu.under(terms);
      const [width] = bound.seal!.committed!.widths;
      for (let seed = 1; seed <= (FULL ? 20 : 1); seed++) {
        const random = seededRandom(new Uint8Array(16).fill(seed));
        const bits = random(width!).map((byte) => byte & 1);
        const cheater = seed % 2 === 0 ? 'b' : 'a';
        const other = cheater === 'a' ? 'b' : 'a';
        const results = await strike(terms, honest, cheater, entersBits(bits));
        const { agreement, outcome } = results[0]!;
        expect(results[1]!.outcome).toEqual(outcome);
        const [own] = bound.seal!.committed!.inputs(bound.enter(other, honest, random));
        const [a, b] = cheater === 'a' ? [bits, own!] : [own!, bits];
        expect(optionOf(menu, terms, outcome)).toBe(chooseEntered(method, a, b));
        const theirs = await openingOf(agreement, cheater, { abstain: true });
        const ours = await openingOf(agreement, other, honest);
        expect(await shown(agreement, [ours, theirs])).toEqual(named(cheater));
      }
    },
    120_000,
  );

  test('a reservation that no mandate has', async () => {
    const terms = termsOf(menu, { menu: options });
    const abstains = menu.under(terms).enter('a', { abstain: true }, () => new Uint8Array());
    const own = changed(menu, ({ seal, compute }) => ({
      enter: () => ({ ...abstains, value: BigInt(ABSTAINS + 1) }),
      seal: entersAs(seal!, abstains),
      compute: (engine, _entry, release) => compute(engine, abstains, release),
    }));
    const { agreement, outcome } = (await strike(terms, honest, 'a', own))[1]!;
    expect(outcome).toEqual({ deal: false });
    const openings = [
      await openingOf(agreement, 'a', { abstain: true }),
      await openingOf(agreement, 'b', honest),
    ];
    expect(await shown(agreement, openings)).toEqual(named('a'));
    expect(await shown(agreement, [openings[1]])).toEqual({ confirmed: false });
  });
});
