import { describe, expect, test } from 'vitest';
import { rules } from '../../protocols/registry.ts';
import type { Entry, Rule } from '../../protocols/rule.ts';
import { defineDelegate } from '../../src/desk/delegate.ts';
import { negotiatePinned } from '../../src/desk/pinned.ts';
import type { Policy } from '../../src/desk/policy.ts';
import { memorySessionLog, type SessionLog } from '../../src/desk/session-log.ts';
import { type Identity, rawPublicKey } from '../../src/documents/identity.ts';
import { formatTime, type Terms } from '../../src/documents/terms.ts';
import { Ledger, memoryStore } from '../../src/ledger/index.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import { proveSealKey } from '../../src/seals/index.ts';
import { openSession } from '../../src/session/open.ts';
import type { Phase } from '../../src/session/options.ts';
import { negotiateOn, type Side, termsOf } from '../findings/support.ts';
import { alice, bob } from '../paillier/keys.ts';
import { bela, buyerCertificate, cleo, delegationOf, listFor } from '../support/delegations.ts';
import { homeOf } from '../support/homes.ts';
import { memoryNetwork } from '../support/memory-network.ts';
import { changed, entersAs } from '../support/rules.ts';
import { buyer, codes, seller } from '../support/sessions.ts';

const keys = {
  left: {
    sealKey: proveSealKey(alice, rawPublicKey(seller.publicKey)),
    knownKeys: new Set<string>(),
    afterCheat: 'allow' as const,
  },
  right: { sealKey: proveSealKey(bob, rawPublicKey(buyer.publicKey)), knownKeys: new Set<string>() },
};
const ruleOf = (name: string): Rule => rules.find((one) => one.name === name)!;
const sealed = (changes: Partial<Terms>): Terms =>
  termsOf({
    security: 'malicious',
    seals: 'paillier',
    expires: formatTime(Date.now() + 86_400_000),
    ...changes,
  });

describe('a price that is drawn, asked for twice by one bid', () => {
  const [lowest, limit] = [400_000n, 487_313n];
  const range = { min: '0', max: '1000000', step: '1', unit: 'USD', decimals: 2 };
  const rule = { name: 'random-split' };
  const terms = sealed({ rule, range, attempts: 2 });
  const policy: Policy = {
    peers: [seller.publicKey],
    subject: 'used car',
    roles: ['buyer'],
    rules: ['random-split'],
    price: { unit: 'USD', decimals: 2, min: lowest, max: 520_000n },
    attempts: 2,
    maxBits: 20,
    budget: 40,
    sessionsPerDay: 5,
  };
  const word = 21n;
  const share = 60n;

  /** A seller that chooses its share of the randomness: a half apart, by the buyer's old share, the prices are half a zone apart. */
  async function zone(
    right: Side,
  ): Promise<{ readonly named: bigint | undefined; readonly ended: string[] }> {
    const both = { left: keys.left, right: { ...keys.right, ledger: new Ledger(memoryStore()) } };
    const prices: bigint[] = [];
    const ended: string[] = [];
    for (const chosen of [0n, 1n << (share - 1n)]) {
      const enter = (): Entry => ({ value: lowest | (chosen << word) });
      const own = changed(ruleOf('random-split'), () => ({ enter, fit: () => ({ entry: enter() }) }));
      const came = await negotiateOn(terms, { mandate: { reservation: lowest }, rules: [own] }, right, both);
      if (came.outcome?.deal) prices.push(BigInt(came.outcome.price as string));
      ended.push(came.ended[1]!);
    }
    const [one, other] = prices;
    if (one === undefined || other === undefined) return { named: undefined, ended };
    return { named: lowest + 2n * (one < other ? other - one : one - other) - 1n, ended };
  }

  test('tells the limit, and counts as much', async () => {
    const delegate = defineDelegate({ policy, mandate: { reservation: limit } });
    const { named, ended } = await zone({ mandate: delegate });
    expect(ended).toEqual(['ok', 'ok']);
    expect(Number(named! - limit)).toBeCloseTo(0, -0.7); // within 2
  }, 120_000);

  test('is not let through by a budget for a single one', async () => {
    const delegate = defineDelegate({ policy: { ...policy, budget: 20 }, mandate: { reservation: limit } });
    expect(await zone({ mandate: delegate })).toEqual({
      named: undefined,
      ended: ['ok', 'ERR_POLICY_BUDGET'],
    });
    const few = defineDelegate({ policy: { ...policy, maxBits: 4 }, mandate: { reservation: limit } });
    const request = { terms, peer: seller.publicKey, role: 'buyer' };
    await expect(few.admit(request)).rejects.toMatchObject({ code: 'ERR_POLICY_DISCLOSURE' });
    const once = sealed({ rule, range });
    await expect(few.admit({ ...request, terms: once })).resolves.toBeUndefined();
  }, 120_000);

  test('is not let through by the ledger past a limit on disclosure', async () => {
    const bid = { mandate: { reservation: limit }, maxDisclosure: 20 };
    expect(await zone(bid)).toEqual({ named: undefined, ended: ['ok', 'ERR_DISCLOSURE_LIMIT'] });
  }, 120_000);
});

test('an outcome that waits for agreement is finished by a delegate that has nothing left', async () => {
  const range = { min: '0', max: '1000', step: '1', unit: 'USD', decimals: 0 };
  const terms = sealed({ rule: { name: 'split' }, range });
  const policy: Policy = {
    peers: [seller.publicKey],
    subject: 'used car',
    roles: ['buyer'],
    rules: ['split'],
    price: { unit: 'USD', decimals: 0, min: 100n, max: 600n },
    maxBits: 10,
    sessionsPerDay: 1,
  };
  const delegate = defineDelegate({ policy, mandate: { reservation: 500n } });
  const both = {
    left: { ...keys.left, ledger: new Ledger(memoryStore()) },
    right: { ...keys.right, ledger: new Ledger(memoryStore()) },
  };
  const leaving = new AbortController();
  const mandate = { reservation: 400n };
  const leaves: Side = {
    mandate,
    signal: leaving.signal,
    onProgress: (phase) => phase === 'outcome-known' && leaving.abort(),
  };
  expect((await negotiateOn(terms, leaves, { mandate: delegate }, both)).ended[1]).not.toBe('ok');
  expect((await negotiateOn(terms, { mandate }, { mandate: delegate }, both)).ended).toEqual(['ok', 'ok']);
  const about = { terms, peer: seller.publicKey, role: 'buyer' };
  await expect(delegate.admit(about)).rejects.toMatchObject({ code: 'ERR_POLICY_SESSIONS' });
}, 120_000);

describe('a menu whose seal has to be entered again', () => {
  const menu = { issues: [{ name: 'Option', values: ['0', '1', '2', '3', '4'] }] };
  const utilities = [0.9, 0.1, 0.6, 0.2, 0.7];
  const terms = sealed({ rule: { name: 'menu', solution: 'utilitarian' }, menu, attempts: 10 });
  const policy: Policy = {
    peers: [seller.publicKey],
    subject: 'used car',
    roles: ['b'],
    rules: ['menu'],
    options: { menu: { solution: ['utilitarian'] } },
    utility: { min: 0, menu },
    attempts: 10,
    maxBits: 3,
    sessionsPerDay: 10,
  };

  /** A peer that wants one option each time, under one seal, and leaves once it knows whether the delegate accepts that. */
  async function probe(budget: number, sessions: SessionLog, most = 10) {
    const delegate = defineDelegate({
      policy: { ...policy, budget, sessionsPerDay: most },
      mandate: { reservation: 0.5, utilities },
      sessions,
    });
    const both = {
      left: { ...keys.left, ledger: new Ledger(memoryStore()) },
      right: { ...keys.right, ledger: new Ledger(memoryStore()) },
    };
    const seen: boolean[] = [];
    const ended: string[] = [];
    for (const wanted of utilities.keys()) {
      const leaving = new AbortController();
      const own = changed(ruleOf('menu'), ({ seal, enter, compute }) => {
        const only = { reservation: 1, utilities: utilities.map((_, option) => Number(option === wanted)) };
        const entry = enter('a', only, (length) => new Uint8Array(length));
        return {
          seal: entersAs(seal!, entry),
          async compute(engine, _, release) {
            const outcome = await compute(engine, entry, release);
            seen.push(outcome.deal);
            return outcome;
          },
        };
      });
      const asks: Side = {
        mandate: { reservation: 1, utilities: [1, 1, 1, 1, 1] },
        rules: [own],
        signal: leaving.signal,
        onProgress: (phase) => phase === 'outcome-known' && leaving.abort(),
      };
      ended.push((await negotiateOn(terms, asks, { mandate: delegate }, both)).ended[1]!);
    }
    return { seen, ended: new Set(ended) };
  }

  test('tells another outcome each time, and each counts', async () => {
    const accepted = utilities.map((utility) => utility >= 0.5);
    expect((await probe(15, memorySessionLog())).seen).toEqual(accepted);
    const spent = await probe(6, memorySessionLog());
    expect(spent.seen).toEqual(accepted.slice(0, 2));
    expect(spent.ended).toContain('ERR_POLICY_BUDGET');
  }, 120_000);

  test('is one of the negotiations of a day', async () => {
    const { seen, ended } = await probe(15, memorySessionLog(), 1);
    expect(seen).toHaveLength(1);
    expect(ended).toContain('ERR_POLICY_SESSIONS');
  }, 120_000);
});

describe('at a desk, a bid that has to be entered again', () => {
  const range = { min: '0', max: '1000', step: '1', unit: 'USD', decimals: 0 };
  const policy: Policy = {
    peers: [bela.publicKey],
    represented: true,
    subject: 'used car',
    roles: ['seller'],
    rules: ['split'],
    price: { unit: 'USD', decimals: 0, min: 100n, max: 600n },
    maxBits: 10,
    sessionsPerDay: 1,
  };

  /** A seller with such a policy, and how it ends with a buyer that acts for a principal and may leave once it knows the outcome. */
  function shop(changes: Partial<Policy> = {}) {
    const ledgers = [new Ledger(memoryStore()), new Ledger(memoryStore())] as const;
    const home = homeOf(seller, 'host', { ledger: ledgers[0] });
    const mandate = defineDelegate({ policy: { ...policy, ...changes }, mandate: { reservation: 400n } });
    return async (principal: Identity, { leaves = false, lists = false } = {}) => {
      const certificate = buyerCertificate({ principal: principal.publicKey });
      const list = lists ? await listFor(certificate, {}, principal) : undefined;
      const { documents, digest } = await delegationOf(certificate, [principal], list);
      const terms = sealed({ rule: { name: 'split' }, range, mandates: { buyer: digest } });
      const [left, right] = memoryChannelPair();
      const way = { channel: left, initiator: true };
      const sold = negotiatePinned({ home, network: memoryNetwork(), terms, mandate, way });
      sold.catch(() => undefined); // awaited below
      const session = await openSession({
        ...{ channel: right, identity: buyer, peer: seller.publicKey },
        ...{ ...keys.right, ledger: ledgers[1], delegation: documents },
      });
      const onProgress = (phase: Phase) => leaves && phase === 'outcome-known' && session.destroy();
      const bought = session.negotiate({ terms, mandate: { reservation: 500n }, onProgress });
      const [ended] = await codes([sold, bought]);
      session.destroy();
      return ended;
    };
  }

  test('is entered for nobody whom the policy does not name, and counts nothing', async () => {
    const sell = shop();
    expect(await sell(bela, { leaves: true })).toBe('ERR_PEER_LEFT');
    expect(await sell(cleo)).toBe('ERR_POLICY_PEER');
    expect(await sell(bela)).toBe('ok'); // with none of the day's negotiations left
  }, 120_000);

  test('is not entered without the list of revocations that the policy asks for', async () => {
    const sell = shop({ revocations: true });
    expect(await sell(bela, { leaves: true, lists: true })).toBe('ERR_PEER_LEFT');
    expect(await sell(bela)).toBe('ERR_POLICY_PEER');
    expect(await sell(bela, { lists: true })).toBe('ok');
  }, 120_000);
});
