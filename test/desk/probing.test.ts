import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { rules } from '../../protocols/registry.ts';
import { seededRandom, systemRandom } from '../../src/crypto/random.ts';
import { type Delegate, defineDelegate } from '../../src/desk/delegate.ts';
import type { Policy } from '../../src/desk/policy.ts';
import { generateIdentity, type LocalIdentity, rawPublicKey } from '../../src/documents/identity.ts';
import type { OutcomeJson } from '../../src/documents/rule.ts';
import { formatTime, type Terms } from '../../src/documents/terms.ts';
import { Ledger, memoryStore, questionDigest } from '../../src/ledger/index.ts';
import { proveSealKey } from '../../src/seals/index.ts';
import { abstain, abstainsBecause, enterSafely } from '../../src/session/given.ts';
import { agreementSignature } from '../../src/session/messages.ts';
import { negotiateOn, termsOf } from '../findings/support.ts';
import { alice, bob } from '../paillier/keys.ts';
import { changed } from '../support/rules.ts';
import { buyer, openPair, seller, tamper } from '../support/sessions.ts';

const LONG = process.env.PARLEY_FULL !== undefined;
/** Milliseconds for a test, on a machine that has more to do. */
const PATIENCE = LONG ? 900_000 : 180_000;
/** Sessions under one identity, and again so many under a new one each: enough for every way to ask in every shell, and in full for many more. */
const SESSIONS = LONG ? 500 : 98;
/** Limits that the buyer may have: 0 to LIMITS − 1. */
const LIMITS = LONG ? 32n : 16n;

/** What a peer asks: terms, and what it enters itself. */
interface Question {
  readonly changes: Partial<Terms>;
  readonly reservation: bigint;
}
/** What a peer sees of a session: an outcome, or that it was stopped. */
type Seen = OutcomeJson | 'stopped';
/** One negotiation, with the peer that has this identity. */
type Ask = (terms: Terms, asker: LocalIdentity, reservation: bigint) => Promise<Seen>;

const price = { unit: 'USD', decimals: 0 };
const range = (min: bigint, max: bigint, step = 1n) => ({
  range: { min: String(min), max: String(max), step: String(step), ...price },
});
const wide = range(0n, 1n << 40n);
const grid = range(0n, LIMITS - 1n);

/** Ways to ask whether the limit is `at` or more. There is a deal exactly if it is. */
const ways: readonly ((at: bigint) => Question)[] = [
  (at) => ({ changes: { rule: { name: 'posted-price', price: String(at) }, ...wide }, reservation: 0n }),
  (at) => ({ changes: { rule: { name: 'zopa' }, ...grid }, reservation: at }),
  (at) => ({ changes: { rule: { name: 'zopa', nearMiss: '100%' }, ...grid }, reservation: at }),
  (at) => ({ changes: { rule: { name: 'split', sellerShare: '0/1' }, ...range(0n, at) }, reservation: at }),
  (at) => ({ changes: { rule: { name: 'split' }, ...range(0n, at, at) }, reservation: at }),
  (at) => ({ changes: { rule: { name: 'split', grid: String(at) }, ...range(0n, at) }, reservation: at }),
  (at) => ({ changes: { rule: { name: 'random-split' }, ...range(at, at) }, reservation: at }),
];
/** What else there is in terms to vary. */
const shells: readonly ((number: number) => Partial<Terms>)[] = [
  () => ({}),
  (number) => ({ matter: `m${number}` }),
  (number) => ({ matter: `m${number}`, attempts: 1_000 }),
  (number) => ({ subject: `used car ${number}` }),
  () => ({ attempts: 1_000, expires: '9999-12-31T23:59:59Z' }),
  () => ({ security: 'malicious' }),
  () => ({ security: 'malicious', seals: 'paillier' }),
];

/** Searches for the limit, each question by the answers before. What it has seen, and the limits that are left. */
async function attack(ask: Ask, askers: readonly LocalIdentity[]): Promise<{ seen: string; left: bigint }> {
  const seen: string[] = [];
  let [low, high] = [0n, LIMITS - 1n];
  for (const [number, asker] of askers.entries()) {
    if (low === high) break;
    const at = (low + high + 1n) / 2n;
    const { changes, reservation } = ways[number % ways.length]!(at);
    const shell = shells[Math.floor(number / ways.length) % shells.length]!(number);
    const parties = { seller: asker.publicKey, buyer: buyer.publicKey };
    const saw = await ask(termsOf({ parties, ...changes, ...shell }), asker, reservation);
    seen.push(JSON.stringify(saw));
    if (saw === 'stopped') continue;
    if (saw.deal) low = at;
    else high = at - 1n;
  }
  return { seen: seen.join(), left: high - low + 1n };
}

/** A session in which the cryptography is left out: what a delegate admits and gives, what the ledger lets go, and the rule. */
function withoutCryptography(delegate: Delegate, random = systemRandom): Ask {
  const ledger = new Ledger(memoryStore());
  return async (terms, asker, reservation) => {
    const rule = rules.find(({ name }) => name === terms.rule.name)!;
    const bound = rule.under(terms);
    const peer = asker.publicKey;
    const about = { terms, peer, role: 'buyer' };
    try {
      await delegate.admit(about);
    } catch {
      return 'stopped';
    }
    const session = await ledger.begin(rawPublicKey(peer), terms.matter ?? terms.subject);
    try {
      const question = questionDigest(terms);
      const digests = { question, own: question, peer: systemRandom(32), session: systemRandom(32) };
      const { capacityBits: bits } = bound;
      const limits = {
        rule: rule.name,
        attempts: terms.attempts,
        bits,
        shown: true,
        maxDisclosure: undefined,
      };
      session.admit(digests, limits);
      const side = { bound, party: 'b' } as const;
      const own = await Promise.resolve(
        delegate({ ...about, leakage: async () => undefined, signal: AbortSignal.timeout(60_000) }),
      ).then(
        (mandate) => enterSafely(side, mandate, random),
        (error: unknown) => {
          const why = abstainsBecause(error);
          if (why === undefined) throw error;
          return abstain(side, random, why);
        },
      );
      await session.sealed(null);
      await session.released();
      await session.agreed(systemRandom(32));
      const theirs = enterSafely({ bound, party: 'a' }, { reservation }, random);
      return bound.plain(theirs.entry, own.entry);
    } catch {
      return 'stopped';
    } finally {
      await session.end();
    }
  };
}

/** The same over a session, semi-honest; every other time the peer leaves once it knows the outcome, before it signs. */
function inSessions(delegate: Delegate): Ask {
  let number = 0;
  return async (terms, asker, reservation) => {
    const leaving = new AbortController();
    const leaves = number++ % 2 === 1;
    let seen: Seen = 'stopped';
    const rule = changed(rules.find(({ name }) => name === terms.rule.name)!, ({ compute }) => ({
      async compute(...given) {
        seen = await compute(...given);
        return seen;
      },
    }));
    const asks = {
      mandate: () => ({ reservation }),
      rules: [rule],
      signal: leaving.signal,
      onProgress: (phase: string) => leaves && phase === 'outcome-known' && leaving.abort(),
    };
    const pair = { left: { identity: asker }, right: { peer: asker.publicKey }, timeout: 30_000 };
    await negotiateOn(terms, asks, { mandate: delegate }, pair);
    return seen;
  };
}

/** A policy that allows all there is, but for what all outcomes may tell. */
const open = (budget: number): Policy => ({
  peers: 'anyone',
  subject: 'any',
  matter: 'any',
  roles: 'any',
  rules: ['zopa', 'posted-price', 'split', 'random-split'],
  options: {
    zopa: { nearMiss: ['100%'] },
    'posted-price': { price: { min: 0n, max: LIMITS } },
    split: { sellerShare: ['0/1'], grid: { min: 1n, max: LIMITS } },
  },
  attempts: 1_000,
  maxDays: Number.POSITIVE_INFINITY,
  security: 'semi-honest',
  sealed: false,
  price: { ...price, min: 0n, max: LIMITS, range: { min: 0n, max: 0n }, step: LIMITS },
  maxBits: 20,
  budget,
  sessionsPerDay: 10_000,
});

let strangers: LocalIdentity[];
beforeAll(() => {
  strangers = Array.from({ length: SESSIONS }, () => generateIdentity());
});
const oneAsker = () => Array.from({ length: SESSIONS }, () => seller);
const askers = () => [...oneAsker(), ...strangers];

/** How many different things the attack sees, over all limits: log₂ of that is what it learns. */
async function told(
  policy: Policy,
  who: readonly LocalIdentity[],
  through: (delegate: Delegate) => Ask,
  count = LIMITS,
): Promise<{ views: number; left: bigint }> {
  const views = new Set<string>();
  let least = LIMITS;
  for (let limit = 0n; limit < LIMITS; limit += LIMITS / count) {
    const delegate = defineDelegate({ policy, mandate: { reservation: limit } });
    const { seen, left } = await attack(through(delegate), who);
    views.add(seen);
    if (left < least) least = left;
  }
  return { views: views.size, left: least };
}

describe('B2, B3: a hostile peer with all of the terms to vary learns no more than the budget', () => {
  test(
    'B2: it would learn every limit if there were none',
    async () => {
      expect(await told(open(1_000), askers(), withoutCryptography)).toEqual({
        views: Number(LIMITS),
        left: 1n,
      });
    },
    PATIENCE,
  );

  test.each([1, 2.6])(
    `B2: in ${SESSIONS} sessions under one identity and ${SESSIONS} under a new one each, with %s bits`,
    async (budget) => {
      const { views } = await told(open(budget), askers(), withoutCryptography, LONG ? LIMITS : 8n);
      expect(views).toBeGreaterThan(1);
      expect(Math.log2(views)).toBeLessThanOrEqual(budget);
    },
    PATIENCE,
  );

  test(
    'B2: over sessions, and when it leaves before it signs',
    async () => {
      const who = [...oneAsker().slice(0, LONG ? 60 : 8), ...strangers.slice(0, LONG ? 60 : 8)];
      const { views } = await told(open(2), who, inSessions, LONG ? 8n : 4n);
      expect(views).toBeGreaterThan(1);
      expect(Math.log2(views)).toBeLessThanOrEqual(2);
    },
    PATIENCE,
  );
});

describe('B3: the delegate of the README', () => {
  const source = readFileSync(new URL('../../examples/delegate.ts', import.meta.url), 'utf8');
  const written = /policy: (\{.*?\n {2}\}),/s.exec(source)![1]!;
  const policy: Policy = new Function('read', `return ${written}`)(() => seller.publicKey);
  const [lowest, highest] = [400_000n, 520_000n];
  const meant = {
    rule: { name: 'random-split' },
    range: { min: '0', max: '1000000', step: '1', unit: 'USD', decimals: 2 },
    security: 'malicious',
    seals: 'paillier',
    expires: formatTime(Date.now() + 86_400_000),
  } as const;

  test(
    'admits nothing that an attacker varies',
    async () => {
      const delegate = defineDelegate({ policy, mandate: { reservation: highest } });
      const about = (changes: Partial<Terms>, peer = seller.publicKey) =>
        delegate.admit({ terms: termsOf({ ...meant, ...changes }), peer, role: 'buyer' });
      await about({});
      for (const [number, stranger] of strangers.entries()) {
        const { changes } = ways[number % ways.length]!(487_313n);
        const { unit, decimals } = meant.range;
        const varied = { ...changes, range: { ...changes.range!, unit, decimals } };
        const shell = shells[1 + (number % (shells.length - 2))]!(number);
        for (const terms of [
          varied,
          { ...varied, ...shell },
          shell.security ? { seals: 'none' as const } : shell,
        ]) {
          await expect(about(terms)).rejects.toMatchObject({ name: 'PolicyError' });
        }
        const parties = { seller: stranger.publicKey, buyer: buyer.publicKey };
        await expect(about({ parties }, stranger.publicKey)).rejects.toMatchObject({
          code: 'ERR_POLICY_PEER',
        });
      }
    },
    PATIENCE,
  );

  test.each([
    ['as it is', policy],
    ['towards anyone', { ...policy, peers: 'anyone' as const, sessionsPerDay: 10_000 }],
  ])(
    'tells no more than its budget, %s',
    async (_, given) => {
      const limits = Array.from({ length: LONG ? 20 : 6 }, (_, i) => highest - (BigInt(i) ** 4n % 120_001n));
      // The same draws in every run: the mean over a few limits is now and then above the budget by chance.
      const random = seededRandom(new Uint8Array(16).fill(9));
      let named = 0;
      for (const limit of limits) {
        const delegate = defineDelegate({ policy: given, mandate: { reservation: limit } });
        const ask = withoutCryptography(delegate, random);
        let outcomes = 0;
        /** What each answer has made of how likely the limits are: no deal rules out those from `low` on; a price those below it. */
        const likely = new Float64Array(Number(highest - lowest) + 1).fill(1);
        let low = lowest;
        for (const asker of askers()) {
          const parties = { seller: asker.publicKey, buyer: buyer.publicKey };
          const saw = await ask(termsOf({ ...meant, parties }), asker, low);
          if (saw === 'stopped') continue;
          outcomes += 1;
          const shown = saw.deal ? BigInt(saw.price as string) : undefined;
          for (const index of likely.keys()) {
            const at = lowest + BigInt(index);
            if (shown === undefined) likely[index]! *= at < low ? 1 : 0;
            else likely[index]! *= at < shown ? 0 : 1 / Number(at - low + 1n);
          }
          if (shown !== undefined) low = shown;
        }
        expect(outcomes).toBeLessThanOrEqual(given.peers === 'anyone' ? 3 : 1);
        named += Math.max(...likely) / likely.reduce((sum, one) => sum + one, 0);
      }
      // By how much its chance of naming the limit has grown.
      const bits = Math.log2((named / limits.length) * Number(highest - lowest + 1n));
      expect(bits).toBeLessThanOrEqual(given.budget!);
    },
    PATIENCE,
  );
});

test('B2: a budget that is used up keeps nobody from finishing what it was used for', async () => {
  const both = {
    left: {
      sealKey: proveSealKey(alice, rawPublicKey(seller.publicKey)),
      knownKeys: new Set<string>(),
      ledger: new Ledger(memoryStore()),
    },
    right: {
      sealKey: proveSealKey(bob, rawPublicKey(buyer.publicKey)),
      knownKeys: new Set<string>(),
      ledger: new Ledger(memoryStore()),
      afterCheat: 'allow' as const,
    },
  };
  const terms = termsOf({ security: 'malicious', seals: 'paillier' });
  const policy = {
    ...open(10),
    maxBits: 10,
    afterCheat: 'allow' as const,
    price: { ...open(0).price!, max: 500n },
  };
  const delegate = defineDelegate({ policy, mandate: { reservation: 500n } });
  const [left, right] = await openPair(both);
  tamper(left, (type, fields) => {
    if (type.id === agreementSignature.id) fields.signature![0]! ^= 1;
  });
  await Promise.allSettled([
    left.negotiate({ terms, mandate: { reservation: 400n } }),
    right.negotiate({ terms, mandate: delegate }),
  ]);
  right.destroy();
  const asks = { mandate: { reservation: 400n } };
  const other = termsOf({ ...terms, matter: 'another' });
  expect((await negotiateOn(other, asks, { mandate: delegate }, both)).ended[1]).toBe('ERR_POLICY_BUDGET');
  expect(await negotiateOn(terms, asks, { mandate: delegate }, both)).toMatchObject({
    ended: ['ok', 'ok'],
    outcome: { price: '450' },
  });
});
