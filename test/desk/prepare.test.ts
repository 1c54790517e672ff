import { describe, expect, it, vi } from 'vitest';
import type { Mandate } from '../../protocols/rule.ts';
import { defineDelegate } from '../../src/desk/delegate.ts';
import { type HostOptions, host } from '../../src/desk/host.ts';
import { type JoinOptions, join } from '../../src/desk/join.ts';
import { memoryHome } from '../../src/desk/memory-home.ts';
import type { MandateQuestion, Person } from '../../src/desk/person.ts';
import { negotiatePinned, type PinnedOptions } from '../../src/desk/pinned.ts';
import type { Policy } from '../../src/desk/policy.ts';
import { memorySessionLog } from '../../src/desk/session-log.ts';
import { rawPublicKey } from '../../src/documents/identity.ts';
import { formatTime, type TermsDraft } from '../../src/documents/terms.ts';
import { Ledger, memoryStore } from '../../src/ledger/index.ts';
import type { Channel } from '../../src/link/channel.ts';
import type { LogLine } from '../../src/link/log.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import { proveSealKey } from '../../src/seals/index.ts';
import { openSession, type Session } from '../../src/session/index.ts';
import { alice, bob } from '../paillier/keys.ts';
import { memoryNetwork } from '../support/memory-network.ts';
import { buyer, codes, seller, tamper } from '../support/sessions.ts';

const FULL = process.env.PARLEY_FULL !== undefined;
const terms: TermsDraft = {
  parley: 1,
  subject: 'used car',
  rule: { name: 'split' },
  range: { min: '0', max: '1000', step: '1', unit: 'USD', decimals: 0 },
  parties: { seller: seller.publicKey, buyer: buyer.publicKey },
  security: 'malicious',
  seals: 'none',
  expires: '2999-01-01T00:00:00Z',
};
const low: Mandate = { reservation: 400n };
const high: Mandate = { reservation: 500n };
const keys = {
  seller: proveSealKey(alice, rawPublicKey(seller.publicKey)),
  buyer: proveSealKey(bob, rawPublicKey(buyer.publicKey)),
};
const home = (role: 'seller' | 'buyer', ledger?: Ledger) =>
  memoryHome({ identity: role === 'seller' ? seller : buyer, sealKey: keys[role], ledger });

/** Waits until an assertion holds. */
const until = (assertion: () => void) => vi.waitFor(assertion, { timeout: 20_000, interval: 10 });

/** Holds what a side sends, from `shut` on until `open`. */
function gate() {
  let passing = Promise.resolve();
  let open = () => {};
  return {
    shut() {
      passing = new Promise((resolve) => {
        open = resolve;
      });
    },
    open: () => open(),
    over: (channel: Channel): Channel => ({
      ...(channel.initiator !== undefined && { initiator: channel.initiator }),
      send: async (bytes) => {
        const copy = bytes.slice(); // the caller may use its own again
        await passing;
        return channel.send(copy);
      },
      receive: () => channel.receive(),
      close: () => channel.close(),
      destroy: () => channel.destroy(),
    }),
  };
}

/** A person whose mandate is given when the test says so. What it is told, and is asked, is listed. */
function typist(onTold: (kind: string) => void = () => undefined) {
  const seen: string[] = [];
  let give!: (mandate: Mandate) => void;
  let leave!: (error: unknown) => void;
  const answer = new Promise<Mandate>((resolve, reject) => {
    [give, leave] = [resolve, reject];
  });
  let open!: (question: MandateQuestion) => void;
  const asked = new Promise<MandateQuestion>((resolve) => {
    open = resolve;
  });
  const person: Person = {
    told(event) {
      const name =
        event.kind === 'preparing'
          ? `preparing ${event.done} ${event.asking ? 'asking' : 'given'}`
          : undefined;
      const kind = event.kind === 'phase' ? event.phase : event.kind;
      seen.push(name ?? kind);
      onTold(kind);
    },
    accepts: () => true,
    mandate(question) {
      seen.push('asked');
      open(question);
      return answer;
    },
  };
  return { person, seen, asked, give, leave };
}

/** The seller hosts and the buyer joins, by invite. */
function meeting(atHost: Partial<HostOptions>, atJoin: Partial<JoinOptions>, over = (it: Channel) => it) {
  const network = memoryNetwork();
  const options = { network, timeout: 10_000, wait: 10_000 };
  const hosting = host({ ...options, terms, home: home('seller'), ...atHost });
  const dial = async (...to: Parameters<typeof network.dial>) => over(await network.dial(...to));
  const joining = hosting.invite.then((invite) =>
    join({ ...options, home: home('buyer'), ...atJoin, network: { ...network, dial }, invite }),
  );
  joining.catch(() => undefined);
  return [hosting.result, joining] as const;
}

/** The buyer's desk, with terms and keys at hand, over a channel that it has opened. */
function pinned(channel: Channel, options: Partial<PinnedOptions>) {
  return negotiatePinned({
    home: home('buyer'),
    network: memoryNetwork(),
    terms,
    timeout: 10_000,
    wait: 10_000,
    way: { channel, initiator: true },
    ...options,
  });
}

/** The seller, by a session of its own. */
function sellerSession(channel: Channel): Promise<Session> {
  return openSession({ channel, identity: seller, peer: buyer.publicKey, sealKey: keys.seller });
}

describe('while a person is asked', () => {
  it('both sides prepare: the question is there first, and the answer may be too', async () => {
    const link = gate();
    const buying = typist((kind) => {
      if (kind === 'terms-agreed') link.shut();
    });
    const selling = typist();
    const [sold, bought] = meeting({ person: selling.person }, { person: buying.person }, link.over);
    await Promise.all([selling.asked, buying.asked]);
    buying.give(high);
    await until(() => expect(buying.seen).toContain('preparing 0 given'));
    expect([...selling.seen, ...buying.seen].filter((one) => one.startsWith('preparing 1'))).toEqual([]);
    expect(selling.seen.slice(-3)).toEqual(['terms-agreed', 'preparing 0 asking', 'asked']);
    expect(buying.seen).not.toContain('waitingForPeer');
    link.open();
    await until(() => expect(selling.seen).toContain('preparing 1 asking'));
    await until(() => expect(buying.seen).toContain('waitingForPeer'));
    expect(selling.seen).not.toContain('waitingForPeer');
    selling.give(low);
    expect((await Promise.all([sold, bought])).map(({ outcome }) => outcome)).toEqual(
      Array(2).fill({ deal: true, price: '450' }),
    );
    const end = ['bothReady', 'mandate-given', 'engaged', 'outcome-known', 'signed', 'agreementSaved'];
    const between = ['termsAccepted', 'terms-agreed', 'preparing 0 asking', 'asked'];
    expect(selling.seen.slice(selling.seen.indexOf('termsAccepted'))).toEqual([
      ...between,
      'preparing 1 asking',
      'waitingForPeer',
      ...end,
    ]);
    expect(buying.seen.slice(buying.seen.indexOf('termsAccepted'))).toEqual([
      ...between,
      'preparing 0 given',
      'preparing 1 given',
      'waitingForPeer',
      ...end,
    ]);
  });

  it('a side that has its mandate prepares too, and waits', async () => {
    const buying = typist();
    const program = typist();
    const [sold, bought] = meeting({ mandate: low, person: program.person }, { person: buying.person });
    await until(() => expect(program.seen).toContain('waitingForPeer'));
    expect(program.seen).not.toContain('asked');
    expect(program.seen).toContain('preparing 1 given');
    buying.give(high);
    expect((await sold).outcome).toEqual((await bought).outcome);
  });

  it('who leaves the question ends it at once, though the preparation is stuck', async () => {
    const link = gate();
    const buying = typist((kind) => {
      if (kind === 'terms-agreed') link.shut();
    });
    const selling = typist();
    const [sold, bought] = meeting({ person: selling.person }, { person: buying.person }, link.over);
    await Promise.all([selling.asked, buying.asked]);
    selling.leave(Object.assign(new Error('enough'), { code: 'enough' }));
    expect(await codes([sold])).toEqual(['enough']);
    expect((await buying.asked).signal.aborted).toBe(true);
    expect(await codes([bought])).toEqual(['ERR_PEER_LEFT']);
  });

  it('a peer that leaves takes the question away, and is not on record', async () => {
    for (const preparing of [true, false]) {
      const link = gate();
      const ledger = new Ledger(memoryStore());
      const leaving = new AbortController();
      const selling = typist();
      const buying = typist((kind) => {
        if (preparing && kind === 'terms-agreed') link.shut();
      });
      const [sold, bought] = meeting(
        { person: selling.person, home: home('seller', ledger) },
        { person: buying.person, signal: leaving.signal },
        link.over,
      );
      const { signal } = await selling.asked;
      await buying.asked;
      if (!preparing) await until(() => expect(selling.seen).toContain('preparing 1 asking'));
      leaving.abort();
      link.open();
      expect(await codes([bought])).toEqual(['ERR_CANCELLED']);
      expect((await codes([sold]))[0]).toMatch(/^ERR_PEER_(LEFT|ABORTED)$/);
      expect(signal.aborted).toBe(true);
      const departures = (await ledger.list()).flatMap((one) => one.departures);
      expect(departures).toEqual([]);
    }
  });

  it('a peer that declines at the prompt is not on record, though this side has its mandate', async () => {
    for (const invited of [true, false]) {
      const ledger = new Ledger(memoryStore());
      const buying = typist();
      const selling = typist();
      const atHand = { mandate: low, person: selling.person, home: home('seller', ledger) };
      const run = () => {
        if (invited) return meeting(atHand, { person: buying.person });
        const [channel, other] = memoryChannelPair();
        const way = { channel: other, initiator: false };
        return [pinned(other, { ...atHand, way }), pinned(channel, { person: buying.person })] as const;
      };
      const [sold, bought] = run();
      await buying.asked;
      await until(() => expect(selling.seen).toContain(invited ? 'waitingForPeer' : 'mandate-given'));
      buying.leave(Object.assign(new Error('enough'), { code: 'enough' }));
      expect(await codes([bought])).toEqual(['enough']);
      expect((await codes([sold]))[0]).toMatch(/^ERR_PEER_(LEFT|ABORTED)$/);
      expect((await ledger.list()).flatMap((one) => one.departures)).toEqual([]);
    }
  });

  it('the terms’ deadline ends the preparation', async () => {
    const [channel, other] = memoryChannelPair();
    const link = gate();
    const buying = typist();
    const expires = formatTime(Date.now() + 3_000);
    const bought = pinned(channel, { terms: { ...terms, expires }, person: buying.person });
    const session = await sellerSession(link.over(other));
    tamper(session, (type) => {
      if (type.name !== 'hello') link.shut();
    });
    const preparing = codes([session.prepare({ ...terms, expires })]);
    expect(await codes([bought])).toEqual(['ERR_TERMS_EXPIRED']);
    expect(buying.seen).toContain('preparing 0 asking');
    link.open();
    expect(await preparing).not.toEqual(['ok']);
  });

  it('a limit on disclosure without a ledger is refused before the peer hears anything', async () => {
    const [channel, other] = memoryChannelPair();
    const buying = typist();
    const bought = pinned(channel, { person: buying.person, maxDisclosure: 5 });
    const session = await sellerSession(other);
    const told: string[] = [];
    const preparing = codes([session.prepare(terms, { onProgress: (done) => void told.push(String(done)) })]);
    expect(await codes([bought])).toEqual(['ERR_USAGE']);
    expect(buying.seen).not.toContain('terms-agreed');
    expect(await preparing).not.toEqual(['ok']);
    expect(told).toEqual([]);
  });

  it('a peer that lies in the preparation is caught, and what was typed is not used', async () => {
    const [channel, other] = memoryChannelPair();
    const ledger = new Ledger(memoryStore());
    const buying = typist();
    const way = { channel: other, initiator: false };
    const bought = pinned(other, { person: buying.person, home: home('buyer', ledger), way });
    const session = await sellerSession(channel);
    const types: string[] = [];
    tamper(session, (type, fields) => {
      types.push(type.name);
      if (type.name === 'authenticated.equalityOpening')
        for (const bytes of Object.values(fields)) bytes[0]! ^= 1;
    });
    buying.give(high);
    const [atBuyer, atSeller] = await codes([bought, session.prepare(terms)]);
    expect(types).toContain('authenticated.equalityOpening');
    expect(atBuyer).toBe('ERR_PEER_CHEATED');
    expect(atSeller).toMatch(/^ERR_PEER_(LEFT|ABORTED)$/);
    expect(buying.seen).not.toContain('mandate-given');
    const cheats = (await ledger.list()).flatMap((one) => one.cheats);
    expect(cheats).toMatchObject([{ after: 'terms-agreed', matter: 'used car' }]);
  });

  it.each([
    ['never compares the terms', false],
    ['never prepares', true],
  ])('a peer that lives and %s holds nobody up for longer than `wait`', async (_, agrees) => {
    const [channel, other] = memoryChannelPair();
    const link = gate();
    const buying = typist();
    const bought = pinned(channel, { person: buying.person, timeout: 1_000, wait: 1_500 });
    const session = await sellerSession(link.over(other));
    if (agrees) {
      tamper(session, (type) => {
        if (type.name !== 'hello') link.shut();
      });
      session.prepare(terms).catch(() => undefined);
    }
    expect(await codes([bought])).toEqual(['ERR_TIMEOUT']);
    expect(buying.seen.includes('asked')).toBe(agrees);
    link.open();
    session.destroy();
  });

  it('one that takes longer than `timeout` is waited for, and longer than `wait` is not', async () => {
    const slow = { timeout: 1_500, wait: 20_000 };
    const [selling, buying] = [typist(), typist()];
    const first = meeting({ ...slow, person: selling.person }, { ...slow, person: buying.person });
    buying.give(high);
    await Promise.race([selling.asked, ...first]);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    selling.give(low);
    expect(await codes(first)).toEqual(['ok', 'ok']);
    const never = typist();
    const second = meeting({ mandate: low }, { person: never.person, wait: 2_000 });
    expect((await codes([second[1], second[0]]))[0]).toBe('ERR_TIMEOUT');
  });
});

const policy: Policy = {
  peers: 'anyone',
  subject: 'used car',
  roles: 'any',
  maxDays: Number.POSITIVE_INFINITY,
  rules: ['split'],
  sealed: false,
  price: { unit: 'USD', decimals: 0, min: 100n, max: 600n },
  maxBits: 10,
  sessionsPerDay: 1,
};

describe('a delegate', () => {
  it.each([
    ['that has its mandate at hand', high],
    ['that asks', () => high],
  ])('%s declines once its day is used up, and nobody prepares', async (_, mandate) => {
    const sessions = memorySessionLog();
    await sessions.take(1, 0);
    const ledger = new Ledger(memoryStore());
    const selling = typist();
    const ended = await codes(
      meeting(
        { person: selling.person, home: home('seller', ledger) },
        { mandate: defineDelegate({ policy, mandate, sessions }) },
      ),
    );
    expect(ended).toEqual(['ERR_TERMS_DECLINED', 'ERR_POLICY_SESSIONS']);
    expect(selling.seen.slice(-1)).toEqual(['termsOffered']);
    expect((await ledger.list()).flatMap((one) => one.departures)).toEqual([]);
  });

  it('with its mandate at hand has counted the negotiation before the preparation is over', async () => {
    const link = gate();
    const sessions = memorySessionLog();
    const selling = typist((kind) => {
      if (kind === 'terms-agreed') link.shut();
    });
    const leaving = new AbortController();
    const delegate = defineDelegate({ policy, mandate: high, sessions });
    const ended = meeting(
      { person: selling.person, signal: leaving.signal },
      { mandate: delegate },
      link.over,
    );
    await selling.asked;
    await vi.waitFor(async () => expect(await sessions.canTake(1, 0)).toBe(false));
    expect(selling.seen).not.toContain('preparing 1 asking');
    leaving.abort();
    link.open();
    expect(await codes(ended)).not.toContain('ok');
  });
});

it('a person that throws at once, when the session has ended, is no unhandled rejection', async () => {
  const network = memoryNetwork();
  const leaving = new AbortController();
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  const { invite, result } = host({
    network,
    terms,
    home: home('seller'),
    mandate: low,
    signal: leaving.signal,
  });
  result.catch(() => undefined);
  const ledger = new Ledger(memoryStore());
  vi.spyOn(ledger, 'dealings').mockImplementation(async () => {
    leaving.abort();
    await new Promise((resolve) => setTimeout(resolve, 200));
    return { matter: 'used car', attempts: [], alike: [], disclosedBits: 0 };
  });
  const person: Person = {
    accepts() {
      throw Object.assign(new Error('no'), { code: 'NO' });
    },
    mandate: () => high,
  };
  const joined = join({ network, home: home('buyer', ledger), invite: await invite, person });
  expect(await codes([joined])).toEqual(['NO']);
  await new Promise((resolve) => setTimeout(resolve, 50));
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

describe('what it costs', () => {
  /** Flights of a deal in all, and from the mandates on, at a side's log. */
  async function flights(
    run: (log: (line: LogLine) => void) => readonly Promise<{ readonly outcome: unknown }>[],
  ) {
    const lines: LogLine[] = [];
    const ended = await Promise.all(run((line) => lines.push(line)));
    expect(ended[0]!.outcome).toEqual({ deal: true, price: '450' });
    const at = (wanted: string) =>
      lines.flatMap((line) => (line.event === 'phase' && line.phase === wanted ? [line.flights] : []))[0]!;
    return { all: at('signed'), after: at('signed') - at('mandate-given') };
  }
  const atHand = defineDelegate({ policy, mandate: high });

  it.each([
    ['none', { all: 14, after: 6 }, 16],
    ['paillier', { all: 14, after: 6 }, 16],
  ] as const)(
    'no flight is added where the mandates are there, fewer are left where they are not; seals %s',
    async (seals, cold, invited) => {
      const agreed = { ...terms, seals };
      const keyed =
        (mandate: PinnedOptions['mandate'], person?: Person) => (log: (line: LogLine) => void) => {
          const [channel, other] = memoryChannelPair();
          const way = { channel: other, initiator: false };
          return [
            pinned(channel, { terms: agreed, mandate, person, log }),
            pinned(other, { terms: agreed, home: home('seller'), mandate: low, way }),
          ];
        };
      const asked = typist();
      asked.give(high);
      const [values, prepared] = [await flights(keyed(high)), await flights(keyed(undefined, asked.person))];
      expect(values.all).toBe(cold.all);
      expect(prepared.after).toBeLessThanOrEqual(cold.after);
      expect(prepared.after).toBeLessThan(values.after);
      const { expires: _, parties: __, ...offered } = agreed;
      const byInvite = (mandate: JoinOptions['mandate']) => (log: (line: LogLine) => void) =>
        meeting({ terms: offered, role: 'seller', mandate: low }, { terms: offered, mandate, log });
      expect((await flights(byInvite(high))).all).toBe(invited);
      if (seals === 'none') expect((await flights(byInvite(atHand))).all).toBe(invited);
    },
  );
});

describe('a desk with a peer that calls a session itself', () => {
  const ways = {
    'negotiates with a value': (session: Session) => session.negotiate({ terms, mandate: low }),
    'negotiates with a function': (session: Session) => session.negotiate({ terms, mandate: () => low }),
    'prepares, then negotiates': async (session: Session) => {
      await session.prepare(terms);
      return session.negotiate({ terms, mandate: low });
    },
  };

  it.each(
    Object.entries(ways).flatMap(([name, work]) =>
      [true, false].map((asks) => [asks ? 'that asks' : 'that has its mandate', name, work, asks] as const),
    ),
  )('%s agrees with one that %s', async (_, __, work, asks) => {
    const [channel, other] = memoryChannelPair();
    const buying = typist();
    const bought = pinned(channel, asks ? { person: buying.person } : { mandate: high });
    const session = await sellerSession(other);
    const working = work(session);
    if (asks) await buying.asked;
    buying.give(high);
    const [ours, theirs] = await Promise.all([bought, working]);
    expect(ours.outcome).toEqual({ deal: true, price: '450' });
    expect(theirs.agreement).toEqual(ours.agreement);
    session.destroy();
  });

  it('lives while that one waits for it, for longer than `timeout`', async () => {
    const [channel, other] = memoryChannelPair();
    const buying = typist();
    const network = { ...memoryNetwork(), dial: async () => channel };
    const bought = pinned(channel, {
      person: buying.person,
      timeout: 1_500,
      network,
      way: { dial: '192.0.2.7:1' },
    });
    const session = await sellerSession(other);
    const working = session.negotiate({ terms, mandate: low, timeout: 1_500 });
    await Promise.race([buying.asked, bought]);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    buying.give(high);
    expect(await codes([bought, working])).toEqual(['ok', 'ok']);
    session.destroy();
  });
});

describe('prepared or not, the outcome is the same', () => {
  const menu = { issues: [{ name: 'Colour', values: ['red', 'blue', 'green'] }] };
  const { range: _, parties: __, ...bare } = terms;
  const menuTerms = { ...bare, parties: { a: seller.publicKey, b: buyer.publicKey }, menu };
  const rated = (...utilities: number[]): Mandate => ({ reservation: 0.3, utilities }) as never;
  const cases: [TermsDraft, Mandate, Mandate][] = [
    ...['zopa', 'split', 'random-split'].map((name) => [{ ...terms, rule: { name } }, low, high] as never),
    [{ ...terms, rule: { name: 'posted-price', price: '450' } } as never, low, high],
    [{ ...terms, rule: { name: 'split' } }, high, low],
    [{ ...menuTerms, rule: { name: 'menu' } } as never, rated(0.9, 0.5, 0.1), rated(0.2, 0.6, 0.8)],
  ];
  const kinds = [
    { security: 'semi-honest', seals: 'none' },
    { security: 'malicious', seals: 'none' },
    { security: 'malicious', seals: 'paillier' },
  ] as const;
  const rows = cases.flatMap(([draft, a, b]) =>
    kinds.map((kind) => [draft.rule.name, kind.security, kind.seals, { ...draft, ...kind }, a, b] as const),
  );

  // Each rule once in the normal run, under one kind after the other.
  it.each(rows.filter((_, at) => FULL || at % 3 === Math.floor(at / 3) % 3))(
    '%s, %s, seals %s',
    async (name, _, __, draft, a, b) => {
      const outcomes = await Promise.all(
        [true, false].map(async (asks) => {
          const [channel, other] = memoryChannelPair();
          const way = { channel: other, initiator: false };
          const given = (mandate: Mandate) => (asks ? () => mandate : mandate);
          const [bought, sold] = await Promise.all([
            pinned(channel, { terms: draft, mandate: given(b) }),
            pinned(other, { terms: draft, home: home('seller'), mandate: given(a), way }),
          ]);
          expect(bought.agreement).toEqual(sold.agreement);
          return bought.outcome as { readonly deal: boolean; readonly price?: string };
        }),
      );
      if (name === 'random-split') {
        for (const { price } of outcomes)
          expect(Number(price)).toSatisfy((it: number) => it >= 400 && it <= 500);
      } else {
        expect(outcomes[0]).toEqual(outcomes[1]);
        expect(outcomes[0]!.deal).toBe(a !== high);
      }
    },
  );
});
