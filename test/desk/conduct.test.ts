import { describe, expect, it, vi } from 'vitest';
import type { Mandate } from '../../protocols/rule.ts';
import { defineDelegate } from '../../src/desk/delegate.ts';
import type { DeskOptions } from '../../src/desk/desk.ts';
import { type Hosting, type HostOptions, host } from '../../src/desk/host.ts';
import { parseInvite } from '../../src/desk/invite.ts';
import { type JoinOptions, join } from '../../src/desk/join.ts';
import { type MemoryHome, memoryHome } from '../../src/desk/memory-home.ts';
import type { DeskEvent, Person } from '../../src/desk/person.ts';
import { negotiatePinned } from '../../src/desk/pinned.ts';
import type { Policy } from '../../src/desk/policy.ts';
import { serializeAgreement } from '../../src/documents/agreement.ts';
import { fingerprint, generateIdentity, type Identity, rawPublicKey } from '../../src/documents/identity.ts';
import type { TermsDraft } from '../../src/documents/terms.ts';
import { InputError, LedgerError } from '../../src/errors.ts';
import { Ledger, memoryStore } from '../../src/ledger/index.ts';
import { LedgerSession } from '../../src/ledger/ledger-session.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import { proveSealKey } from '../../src/seals/index.ts';
import { alice, bob } from '../paillier/keys.ts';
import { memoryNetwork } from '../support/memory-network.ts';
import { codes } from '../support/sessions.ts';

const terms: TermsDraft = {
  parley: 1,
  subject: 'used car',
  rule: { name: 'split' },
  range: { min: '0', max: '1000', step: '1', unit: 'USD', decimals: 0 },
  security: 'semi-honest',
};
const [ana, ben] = [generateIdentity(), generateIdentity()];
const keys = {
  ana: proveSealKey(alice, rawPublicKey(ana.publicKey)),
  ben: proveSealKey(bob, rawPublicKey(ben.publicKey)),
};
const someone = { role: 'seller', mandate: { reservation: 400n } } as const;

const policy: Policy = {
  peers: 'anyone',
  subject: 'used car',
  roles: 'any',
  maxDays: Number.POSITIVE_INFINITY,
  rules: ['split'],
  security: 'semi-honest',
  price: { unit: 'USD', decimals: 0, min: 100n, max: 600n },
  maxBits: 10,
  sessionsPerDay: 1,
};
const delegate = (changes: Partial<Policy> = {}) =>
  defineDelegate({ policy: { ...policy, ...changes }, mandate: { reservation: 500n } });

/** What a delegate's policy may say of a peer that was caught, and what comes of it. */
const afterCheats = [
  ['refuses', 'refuse', 'ERR_PEER_BARRED'],
  ['goes on with', 'allow', 'ok'],
] as const;

/** A home whose ledger has it that a peer cheated. */
async function homeThatCaught(of: Identity, peer: Identity): Promise<MemoryHome> {
  const ledger = new Ledger(memoryStore());
  const session = Buffer.alloc(32).toString('base64url');
  await ledger.cheated(rawPublicKey(peer.publicKey), { session, after: 'connected', check: 'x' });
  return memoryHome({ identity: of, sealKey: of === ana ? keys.ana : keys.ben, ledger });
}

/** A home that says how often a place was kept, and given up. */
function watched(of: Identity, sealKey = of === ana ? keys.ana : keys.ben) {
  const home = memoryHome({ identity: of, sealKey });
  const places = { kept: 0, released: 0 };
  const reserveAgreement: MemoryHome['reserveAgreement'] = async () => {
    places.kept += 1;
    return {
      save: (await home.reserveAgreement())!.save,
      release: async () => {
        places.released += 1;
      },
    };
  };
  return { ...home, reserveAgreement, places };
}

function recorder(person: Person = {}): Person & { readonly events: DeskEvent[]; readonly kinds: string[] } {
  const events: DeskEvent[] = [];
  return {
    ...person,
    events,
    get kinds() {
      return events.map((event) => (event.kind === 'phase' ? event.phase : event.kind));
    },
    told: (event) => events.push(event),
  };
}

/** Ana hosts and Ben joins, in one process. */
function meeting(
  atHost: Partial<HostOptions> = {},
  atJoin: Partial<JoinOptions> = {},
): { readonly hosting: Hosting; readonly joining: Promise<Awaited<ReturnType<typeof join>>> } {
  const network = atHost.network ?? memoryNetwork();
  const options = { network, terms, timeout: 5_000, wait: 5_000 };
  const hosting = host({ ...options, home: watched(ana), ...someone, ...atHost });
  const joining = hosting.invite.then((invite) =>
    join({ ...options, home: watched(ben), mandate: { reservation: 500n }, ...atJoin, invite }),
  );
  joining.catch(() => undefined);
  return { hosting, joining };
}

describe('two programs', () => {
  it('strike a deal by invite, are told of each step, and keep the same agreement', async () => {
    const [seller, buyer] = [recorder(), recorder()];
    const homes = [watched(ana), watched(ben)] as const;
    const { hosting, joining } = meeting(
      { home: homes[0], person: seller },
      { home: homes[1], person: buyer },
    );
    const [sold, bought] = await Promise.all([hosting.result, joining]);
    expect(sold).toMatchObject({ deal: true, price: 450n, role: 'seller', confirmed: true, saved: 'memory' });
    expect(bought).toMatchObject({ deal: true, price: 450n, role: 'buyer', confirmed: true });
    expect(homes[0].agreements).toEqual([serializeAgreement(bought.agreement)]);
    expect(homes[1].agreements).toEqual(homes[0].agreements);
    expect(homes.map(({ places }) => places)).toEqual([
      { kept: 1, released: 1 },
      { kept: 1, released: 1 },
    ]);
    const computed = ['terms-agreed', 'mandate-given', 'engaged'];
    const ended = ['outcome-known', 'signed', 'agreementSaved'];
    expect(seller.kinds).toEqual([
      ...['termsChecked', 'invited', 'listening', 'connected', 'termsOffered', 'termsAccepted'],
      ...computed,
      ...ended,
    ]);
    expect(buyer.kinds).toEqual([
      ...['reachingHost', 'termsAwaited', 'connected', 'termsReceived', 'termsAccepted'],
      ...computed,
      ...ended,
    ]);
    const peer = { role: 'buyer', fingerprint: await fingerprint(ben.publicKey), name: undefined };
    expect(seller.events).toContainEqual({ kind: 'connected', peer });
    const { place } = parseInvite(await hosting.invite);
    expect(place).toEqual({
      kind: 'direct',
      endpoint: { transport: 'tcp', host: '192.0.2.7', port: 4466, path: '' },
    });
  });

  it('with new homes make what they need, and find it again', async () => {
    const [seller, buyer] = [recorder(), recorder()];
    const homes = [memoryHome(), memoryHome()] as const;
    for (const subject of ['one', 'two']) {
      const { hosting, joining } = meeting(
        { home: homes[0], person: seller, terms: { ...terms, subject } },
        { home: homes[1], person: buyer, terms: { ...terms, subject } },
      );
      await Promise.all([hosting.result, joining]);
    }
    // The terms have no seals, which only the host can know before it connects.
    expect(seller.kinds.filter((kind) => /Made$/.test(kind))).toEqual(['identityMade']);
    expect(buyer.kinds.filter((kind) => /Made$/.test(kind))).toEqual(['identityMade', 'sealKeyMade']);
    expect(homes[0].agreements).toHaveLength(2);
  });

  it('listen where they are told, at any port if the usual one is taken, and name another address', async () => {
    const placeOf = async (options: Partial<HostOptions>) => {
      const { hosting, joining } = meeting({ wait: 100, ...options });
      const text = await hosting.invite;
      await Promise.allSettled([hosting.result, joining]);
      return text.slice(text.indexOf('@') + 1);
    };
    expect(await placeOf({ network: memoryNetwork([4466]) })).toBe('192.0.2.7:5000');
    expect(await placeOf({ listen: '10.0.0.1:4470' })).toBe('192.0.2.7:4470');
    expect(await placeOf({ listen: '10.0.0.1:0', address: 'host.example:7' })).toBe('host.example:7');
    expect(await placeOf({ address: 'wss://host.example:443/p' })).toBe('wss://host.example:443/p');
    const bad = [
      { listen: 'nowhere' },
      { relay: 'x:1', listen: 'x:2' },
      { listen: 'x:4466', network: memoryNetwork([4466]) },
    ];
    for (const options of bad) {
      const [code, other] = await codes([meeting(options).hosting.result, meeting(options).hosting.invite]);
      expect(code).toMatch(/^ERR_(USAGE|CONNECT)$/);
      expect(other).toBe(code);
    }
  });

  it('meet over a connection that something else makes, which is dropped if it fails', async () => {
    for (const subject of ['used car', 'another car']) {
      const [left, right] = memoryChannelPair();
      const { hosting, joining } = meeting(
        { channel: left },
        { channel: right, terms: { ...terms, subject } },
      );
      expect(await hosting.invite).toMatch(/@stdio$/);
      const [sold] = await Promise.allSettled([hosting.result, joining]);
      expect(sold.status).toBe(subject === 'used car' ? 'fulfilled' : 'rejected');
      await expect(left.send(Uint8Array.of(1))).rejects.toThrowError();
    }
    const { hosting, joining } = meeting({ channel: memoryChannelPair()[0], wait: 300 });
    expect(await codes([joining, hosting.result])).toEqual(['ERR_USAGE', 'ERR_TIMEOUT']);
  });
});

describe('a person', () => {
  it('is asked which side it is, whether it accepts, and for its mandate', async () => {
    const asked: unknown[] = [];
    const seller: Person = {
      side: ({ roles }) => roles[0],
      mandate: async ({ check, role, leakage, party, peer }) => {
        expect(() => check({ reservation: 1_001n })).toThrowError(InputError);
        check({ reservation: 400n });
        asked.push([role, party, peer.x === ben.publicKey.x, (await leakage())!.seller!.bits > 1]);
        return { reservation: 400n };
      },
    };
    const buyer: Person = {
      accepts: ({ terms: offered, role, peer }) => {
        asked.push([offered.subject, role, peer.role, peer.key.x === ana.publicKey.x]);
        return true;
      },
      mandate: async ({ role }) => ({ reservation: role === 'buyer' ? 500n : 0n }),
    };
    const { hosting, joining } = meeting(
      { person: seller, role: undefined, mandate: undefined },
      { person: buyer, terms: undefined, mandate: undefined },
    );
    expect((await hosting.result).outcome).toEqual({ deal: true, price: '450' });
    await joining;
    expect(asked).toEqual([
      ['used car', 'buyer', 'seller', true],
      ['seller', 'a', true, true],
    ]);
  });

  it('that is missing where it would be asked is noticed before anything is made or sent', async () => {
    const home = memoryHome();
    const network = {
      ...memoryNetwork(),
      dial: () => expect.unreachable(),
      listen: () => expect.unreachable(),
    };
    const { invite } = meeting().hosting;
    const desk = { home, network };
    const mandate = { reservation: 500n };
    expect(
      await codes([
        host({ ...desk, terms, role: 'seller' }).result,
        join({ ...desk, invite: await invite, mandate }),
        join({ ...desk, invite: await invite, terms }),
        join({ ...desk, invite: await invite, mandate, person: { accepts: () => true, expect: absent } }),
      ]),
    ).toEqual(['ERR_USAGE', 'ERR_USAGE', 'ERR_USAGE', 'ERR_USAGE']);
    expect(await home.identity()).toBeUndefined();
    expect(await codes([host({ ...desk, terms, mandate }).result])).toEqual(['ERR_USAGE']);
    expect(await codes([host({ ...desk, terms, mandate, person: { side: () => 'broker' } }).result])).toEqual(
      ['ERR_USAGE'],
    );
  });

  it('whose screen fails, and who answers too late, hold nothing up', async () => {
    const broken: Person = {
      told() {
        throw new Error('the screen is gone');
      },
    };
    const later: Person = { told: async () => Promise.reject(new Error('the screen is gone')) };
    const first = meeting({ person: broken }, { person: later });
    expect((await first.hosting.result).confirmed).toBe(true);
    await first.joining;
    const never: Person = { accepts: () => new Promise(() => {}) };
    const second = meeting({}, { person: never, terms: undefined, wait: 300 });
    expect((await codes([second.joining, second.hosting.result]))[0]).toBe('ERR_TIMEOUT');
  });

  it('who is reading when the host leaves is told at once, even if nothing is read', async () => {
    const leaving = new AbortController();
    const never: Person = {
      accepts: () => {
        leaving.abort();
        return new Promise(() => {});
      },
    };
    const { hosting, joining } = meeting({ signal: leaving.signal }, { person: never, terms: undefined });
    const [atHost, atJoin] = await codes([hosting.result, joining]);
    expect([atHost, atJoin]).toEqual(['ERR_CANCELLED', expect.stringMatching(/^ERR_PEER_(LEFT|ABORTED)$/)]);
  });
});

function absent(): never {
  throw new InputError('ERR_USAGE', 'nobody is there');
}

describe('terms', () => {
  it.each<[string, Partial<JoinOptions>, string]>([
    ['that a person declines', { terms: undefined, person: { accepts: () => false } }, 'ERR_TERMS_DECLINED'],
    ['that are not those expected', { terms: { ...terms, subject: 'boat' } }, 'ERR_TERMS_DECLINED'],
  ])('%s lead nowhere, and both know it', async (_, atJoin, code) => {
    const homes = [watched(ana), watched(ben)] as const;
    const { hosting, joining } = meeting({ home: homes[0] }, { home: homes[1], ...atJoin });
    expect(await codes([joining, hosting.result])).toEqual([code, 'ERR_TERMS_DECLINED']);
    for (const { places, agreements } of homes) {
      expect(places).toEqual({ kept: 1, released: 1 });
      expect(agreements).toEqual([]);
    }
  });

  it.each<[string, JoinOptions['mandate'], bigint | undefined]>([
    ['in a file', { reservation: 1_001n }, 700n],
    ['of a function', () => ({ reservation: -1n }), undefined],
    ['that cannot be read', () => null as never, undefined],
    [
      'of a delegate beyond its policy',
      defineDelegate({ policy, mandate: { reservation: 601n } }),
      undefined,
    ],
  ])('that cannot hold the mandate %s: the host sees nothing of it', async (_, mandate, price) => {
    const [seller, buyer] = [recorder(), recorder({ accepts: () => true })];
    const { hosting, joining } = meeting({ person: seller }, { terms: undefined, person: buyer, mandate });
    const [sold, bought] = await Promise.all([hosting.result, joining]);
    expect(sold).toMatchObject(price === undefined ? { deal: false } : { deal: true, price });
    expect(sold.adjusted).toBeUndefined();
    expect(bought.adjusted).toMatch(/\w/);
    expect(seller.kinds).toContain('signed');
  });

  it('under which an outcome of an earlier session waits: nobody is asked, and its bid is entered again', async () => {
    const homes = [ana, ben].map((of) =>
      memoryHome({
        identity: of,
        sealKey: of === ana ? keys.ana : keys.ben,
        ledger: new Ledger(memoryStore()),
      }),
    );
    const meet = (limit: () => Mandate) => {
      const person = { accepts: () => true, mandate: limit };
      const sealed = { terms: { ...terms, security: 'malicious' as const }, wait: 60_000, timeout: 60_000 };
      const atJoin = { ...sealed, home: homes[1]!, terms: undefined, person, mandate: undefined };
      const { hosting, joining } = meeting({ ...sealed, home: homes[0]! }, atJoin);
      return Promise.all([hosting.result, joining]);
    };
    const { agreed } = LedgerSession.prototype;
    LedgerSession.prototype.agreed = () => Promise.reject(new LedgerError('ERR_LEDGER_UNUSABLE', 'full'));
    try {
      await meet(() => ({ reservation: 500n }));
    } finally {
      LedgerSession.prototype.agreed = agreed;
    }
    const [, bought] = await meet(() => expect.unreachable('the buyer was asked'));
    expect(bought).toMatchObject({ price: 450n, entered: { reservation: 500n } });
    expect(bought).not.toHaveProperty('unrecorded');
    expect(bought.adjusted).toMatch(/an earlier session/);
  }, 120_000);

  it('under which an outcome on a menu waits: another one may come of it, so a delegate counts it', async () => {
    const menu = { issues: [{ name: 'Option', values: ['one', 'two', 'three'] }] };
    const { range: _, ...rest } = terms;
    const offered = { ...rest, rule: { name: 'menu' }, menu, security: 'malicious' as const, attempts: 3 };
    const mandate = { reservation: 0.5, utilities: [0.6, 0.7, 0.8] };
    const rates: Policy = { ...policy, rules: ['menu'], utility: { min: 0, menu }, attempts: 3, maxBits: 2 };
    const buying = defineDelegate({ policy: { ...rates, sessionsPerDay: 9 }, mandate });
    const homes = [ana, ben].map((of) =>
      memoryHome({
        identity: of,
        sealKey: of === ana ? keys.ana : keys.ben,
        ledger: new Ledger(memoryStore()),
      }),
    );
    const meet = () => {
      const patient = { terms: offered, wait: 60_000, timeout: 60_000 };
      const atHost = { ...patient, home: homes[0]!, role: 'a', mandate };
      const { hosting, joining } = meeting(atHost, { ...patient, home: homes[1]!, mandate: buying });
      return codes([hosting.result, joining]);
    };
    const { agreed } = LedgerSession.prototype;
    LedgerSession.prototype.agreed = () => Promise.reject(new LedgerError('ERR_LEDGER_UNUSABLE', 'full'));
    try {
      expect(await meet()).toEqual(['ok', 'ok']);
    } finally {
      LedgerSession.prototype.agreed = agreed;
    }
    expect(await meet()).toEqual(['ERR_TERMS_DECLINED', 'ERR_POLICY_BUDGET']);
  }, 120_000);

  it.each<[string, Partial<JoinOptions>]>([
    ['the terms that are expected', { mandate: { reservation: 1_001n } }],
    ['any terms', { terms: undefined, person: { accepts: () => true }, mandate: [400n] as never }],
  ])('a mandate that does not fit %s is refused before the host is called', async (_, atJoin) => {
    const network = memoryNetwork();
    const dial = vi.fn(network.dial);
    const { hosting, joining } = meeting(
      { network, wait: 300 },
      { ...atJoin, network: { ...network, dial } },
    );
    expect(await codes([joining])).toEqual(['ERR_MANDATE_INVALID']);
    expect(dial).not.toHaveBeenCalled();
    await hosting.result.catch(() => undefined);
  });

  it.each<[string, Partial<HostOptions>, string]>([
    ['with a nonce', { terms: { ...terms, nonce: 'AAAAAAAAAAAAAAAAAAAAAA' } }, 'ERR_TERMS_INVALID'],
    ['that have expired', { terms: { ...terms, expires: '2020-01-01T00:00:00Z' } }, 'ERR_TERMS_EXPIRED'],
    ['of an unknown rule', { terms: { ...terms, rule: { name: 'dice' } } }, 'ERR_TERMS_INVALID'],
    ['that the mandate does not fit', { mandate: { reservation: 1_001n } }, 'ERR_MANDATE_INVALID'],
    ['between two others', { terms: { ...terms, parties: others() } }, 'ERR_USAGE'],
    [
      'with another role for this key',
      { terms: { ...terms, parties: { buyer: ana.publicKey } } },
      'ERR_USAGE',
    ],
  ])('%s are not offered', async (_, atHost, code) => {
    const { hosting } = meeting(atHost);
    expect(await codes([hosting.result, hosting.invite])).toEqual([code, code]);
  });
});

function others() {
  return { seller: generateIdentity().publicKey, buyer: generateIdentity().publicKey };
}

describe('a delegate', () => {
  it('accepts by its policy, and enters its mandate by it', async () => {
    const { hosting, joining } = meeting({}, { terms: undefined, mandate: delegate() });
    expect((await hosting.result).outcome).toEqual({ deal: true, price: '450' });
    await joining;
  });

  it.each<[string, Partial<Policy>, string]>([
    ['another rule', { rules: ['zopa'] }, 'ERR_POLICY_RULE'],
    ['another peer', { peers: [ben.publicKey] }, 'ERR_POLICY_PEER'],
    ['too many bits', { maxBits: 1 }, 'ERR_POLICY_DISCLOSURE'],
  ])('declines %s, also where the terms are expected', async (_, changes, code) => {
    for (const expected of [undefined, terms]) {
      const { hosting, joining } = meeting({}, { terms: expected, mandate: delegate(changes) });
      expect(await codes([joining, hosting.result])).toEqual([code, 'ERR_TERMS_DECLINED']);
    }
  });

  it.each(afterCheats)(
    'that joins %s a host that was caught, as its policy says',
    async (_, afterCheat, code) => {
      const home = await homeThatCaught(ben, ana);
      const { hosting, joining } = meeting({ wait: 2_000 }, { home, mandate: delegate({ afterCheat }) });
      const [atJoin] = await codes([joining, hosting.result]);
      expect(atJoin).toBe(code);
    },
  );

  it.each(afterCheats)(
    'that hosts %s a guest that was caught, as its policy says',
    async (_, afterCheat, code) => {
      const home = await homeThatCaught(ana, ben);
      const { hosting, joining } = meeting(
        { home, mandate: delegate({ afterCheat }), wait: 2_000 },
        { mandate: { reservation: 600n } },
      );
      const [atHost] = await codes([hosting.result, joining]);
      expect(atHost).toBe(code);
    },
  );

  it('that hosts offers nothing to a peer that its policy does not allow', async () => {
    const seller = recorder();
    const refusing = delegate({ peers: [generateIdentity().publicKey] });
    const { hosting, joining } = meeting({ person: seller, mandate: refusing });
    const [atHost, atJoin] = await codes([hosting.result, joining]);
    expect(atHost).toBe('ERR_POLICY_PEER');
    expect(atJoin).toMatch(/^ERR_PEER_(LEFT|ABORTED)$/);
    expect(seller.kinds).not.toContain('termsOffered');
  });
});

describe('a stranger', () => {
  it('is refused and reported, and ends nothing', async () => {
    const network = memoryNetwork();
    const seller = recorder();
    const hosting = host({ network, terms, home: watched(ana), ...someone, person: seller });
    const { place } = parseInvite(await hosting.invite);
    if (place.kind === 'stdio') expect.unreachable();
    for (let i = 0; i < 2; i++) {
      const channel = await network.dial(place.endpoint);
      await channel.send(new TextEncoder().encode('GET / HTTP/1.0\r\n\r\n'));
      expect(await channel.receive().catch(() => undefined)).toBeUndefined();
    }
    const invite = await hosting.invite;
    await join({ network, terms, home: watched(ben), mandate: { reservation: 500n }, invite });
    expect((await hosting.result).confirmed).toBe(true);
    const counts = seller.events.flatMap((event) => (event.kind === 'strangerRefused' ? [event.count] : []));
    expect(counts).toEqual([1, 2]);
  });

  it('under a known name is not taken for the peer, whatever anybody says', async () => {
    const other = generateIdentity().publicKey;
    const [seller, buyer] = [recorder(), recorder()];
    const home = memoryHome({ identity: ana, sealKey: keys.ana, peers: { ben: other } });
    const { hosting, joining } = meeting({ home, name: 'ben', person: seller });
    const [atHost, atJoin] = await codes([hosting.result, joining]);
    expect(atHost).toBe('ERR_PEER_IDENTITY');
    expect(atJoin).toMatch(/^ERR_(PEER_LEFT|INVITE_REFUSED|CONNECT)$/);
    expect(seller.events).toContainEqual(
      expect.objectContaining({ kind: 'keyChanged', name: 'ben', known: await fingerprint(other) }),
    );
    const changed = memoryHome({ identity: ben, sealKey: keys.ben, peers: { ana: other } });
    const second = meeting({}, { home: changed, name: 'ana', person: buyer, network: noNetwork() });
    expect(await codes([second.joining])).toEqual(['ERR_PEER_IDENTITY']);
    expect(buyer.kinds).toEqual(['keyChanged']);
  });

  it('becomes known by the name that it is given, once the terms are accepted', async () => {
    const homes = [
      memoryHome({ identity: ana, sealKey: keys.ana }),
      memoryHome({ identity: ben, sealKey: keys.ben }),
    ] as const;
    const { hosting, joining } = meeting({ home: homes[0], name: 'ben' }, { home: homes[1], name: 'ana' });
    await Promise.all([hosting.result, joining]);
    expect((await homes[0].peers.find('ben'))!.key).toEqual(ben.publicKey);
    expect((await homes[1].peers.find('ana'))!.key).toEqual(ana.publicKey);
    expect(await codes([meeting({ name: '../ben' }).hosting.result])).toEqual(['ERR_USAGE']);
  });
});

function noNetwork(): DeskOptions['network'] {
  return { ...memoryNetwork(), dial: () => expect.unreachable() };
}

describe('what goes wrong late', () => {
  it('an agreement that cannot be saved is in the result, and the session still ends in order', async () => {
    const home: MemoryHome = {
      ...memoryHome({ identity: ana, sealKey: keys.ana }),
      reserveAgreement: async () => ({
        save: async () => {
          throw new Error('the disk is full');
        },
        release: async () => undefined,
      }),
    };
    const { hosting, joining } = meeting({ home });
    const [sold, bought] = await Promise.all([hosting.result, joining]);
    expect(sold).toMatchObject({ saved: undefined, confirmed: true, unsaved: { code: 'ERR_FILE' } });
    expect(sold.agreement).toEqual(bought.agreement);
    expect(bought.confirmed).toBe(true);
  });

  it('the engagement of a peer that leaves is kept', async () => {
    let signatures = 0;
    const leaving = new AbortController();
    const leaver: Identity = {
      publicKey: ben.publicKey,
      sign(bytes) {
        signatures += 1; // the handshake, the engagement, the agreement
        if (signatures === 3) leaving.abort();
        return ben.sign(bytes);
      },
    };
    const seller = recorder();
    const home = watched(ana);
    const { hosting, joining } = meeting(
      { home, person: seller },
      { home: watched(leaver, keys.ben), signal: leaving.signal },
    );
    const [atHost] = await codes([hosting.result, joining]);
    expect(atHost).toMatch(/^ERR_PEER_(LEFT|ABORTED)$/);
    expect(home.engagements).toHaveLength(1);
    expect(seller.events.at(-1)).toEqual({ kind: 'engagementSaved', place: 'memory' });
    expect(home.places).toEqual({ kept: 1, released: 1 });
    expect(await hosting.result.catch((error: { engagement: string }) => error.engagement)).toBe(
      home.engagements[0],
    );
  });

  it.each([
    ...['invited', 'connected', 'termsOffered', 'termsAccepted'],
    ...['terms-agreed', 'preparing', 'waitingForPeer', 'mandate-given'],
  ])('cancelled after %s: it ends, and leaves nothing behind', async (when) => {
    const controller = new AbortController();
    const home = watched(ana);
    const seller = recorder();
    const told = (event: DeskEvent) => {
      seller.told!(event);
      if (seller.kinds.at(-1) === when) controller.abort(new Error('enough'));
    };
    const mandate = () => someone.mandate; // one that is asked for, so that both prepare
    const { hosting, joining } = meeting({ home, person: { told }, mandate, signal: controller.signal });
    const [atHost, atJoin] = await codes([hosting.result, joining]);
    expect(atHost).toBe('ERR_CANCELLED');
    expect(atJoin).toMatch(/^ERR_(PEER_LEFT|PEER_ABORTED|CONNECT|INVITE_REFUSED)$/);
    expect(home.places).toEqual({ kept: 1, released: 1 });
    expect(home.agreements).toEqual([]);
  });

  it('cancelled before it begins, nothing is made', async () => {
    const home = memoryHome();
    const { hosting } = meeting({ home, signal: AbortSignal.abort() });
    expect(await codes([hosting.result, hosting.invite])).toEqual(['ERR_CANCELLED', 'ERR_CANCELLED']);
    expect(await home.identity()).toBeUndefined();
  });
});

describe('with terms and keys at hand', () => {
  const expires = '2999-01-01T00:00:00Z';
  const pair = async (changes: Partial<Parameters<typeof negotiatePinned>[0]> = {}) => {
    const network = memoryNetwork();
    const seller = recorder();
    const options = { network, terms: { ...terms, expires }, timeout: 5_000, wait: 2_000 };
    const listening = new Promise<void>((resolve) => {
      const told = (event: DeskEvent) => {
        seller.told!(event);
        if (event.kind === 'listening') resolve();
      };
      const hosting = negotiatePinned({
        ...options,
        home: watched(ana),
        person: { told },
        ...someone,
        peer: ben.publicKey,
        way: { listen: undefined },
      });
      hosted = hosting;
      hosting.catch(() => resolve());
    });
    await listening;
    const joined = negotiatePinned({
      ...options,
      home: watched(ben),
      role: 'buyer',
      peer: await fingerprint(ana.publicKey),
      mandate: () => ({ reservation: 500n }),
      way: { dial: '192.0.2.7:4466' },
      ...changes,
    });
    return { seller, results: [hosted, joined] as const };
  };
  let hosted: ReturnType<typeof negotiatePinned>;

  it.each(afterCheats)(
    'a delegate %s a peer that was caught, as its policy says',
    async (_, afterCheat, code) => {
      const home = await homeThatCaught(ben, ana);
      const [atBuyer] = await codes(
        [...(await pair({ home, mandate: delegate({ afterCheat }) })).results].reverse(),
      );
      expect(atBuyer).toBe(code);
    },
  );

  it('the same desk strikes the deal, without an offer', async () => {
    const { seller, results } = await pair();
    const [sold, bought] = await Promise.all(results);
    expect(sold.agreement).toEqual(bought.agreement);
    expect(seller.kinds.slice(0, 4)).toEqual(['termsChecked', 'listening', 'connected', 'terms-agreed']);
    expect(seller.events).toContainEqual(
      expect.objectContaining({
        kind: 'listening',
        awaited: { role: 'buyer', fingerprint: await fingerprint(ben.publicKey), name: undefined },
      }),
    );
  });

  it('the wrong peer is refused by both, and the host goes on waiting', async () => {
    const { results } = await pair({ peer: generateIdentity().publicKey });
    expect(await codes(results)).toEqual(['ERR_TIMEOUT', 'ERR_PEER_IDENTITY']);
  });

  it.each<[string, object, string]>([
    ['nobody named', { peer: undefined }, 'ERR_USAGE'],
    ['this side itself named', { peer: ben.publicKey }, 'ERR_USAGE'],
    ['no role', { role: undefined }, 'ERR_USAGE'],
    ['no deadline', { terms }, 'ERR_TERMS_INVALID'],
    [
      'another peer than the terms name',
      { terms: { ...terms, expires, parties: { seller: generateIdentity().publicKey } } },
      'ERR_USAGE',
    ],
  ])('%s: nothing is sent', async (_, changes, code) => {
    const options = {
      home: watched(ben),
      network: noNetwork(),
      terms: { ...terms, expires },
      role: 'buyer',
      peer: await fingerprint(ana.publicKey),
      mandate: { reservation: 500n },
      way: { dial: '192.0.2.7:4466' },
      ...changes,
    };
    expect(await codes([negotiatePinned(options)])).toEqual([code]);
  });
});
