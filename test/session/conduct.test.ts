import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { concatBytes } from '../../src/crypto/bytes.ts';
import { defineDelegate } from '../../src/desk/delegate.ts';
import { awaitReady, offerTerms, receiveOffer } from '../../src/desk/offer.ts';
import type { Policy } from '../../src/desk/policy.ts';
import { rawPublicKey } from '../../src/documents/identity.ts';
import { type Security, termsDigest } from '../../src/documents/terms.ts';
import { LedgerError, ParleyError } from '../../src/errors.ts';
import type { CheatReport, Ledger } from '../../src/ledger/index.ts';
import type { Channel } from '../../src/link/channel.ts';
import { handshake } from '../../src/link/handshake.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import { RecordSealer, recordKey } from '../../src/link/records.ts';
import { fileLedger } from '../../src/node/store/index.ts';
import { negotiate } from '../../src/session/negotiate.ts';
import { openSession } from '../../src/session/open.ts';
import type { NegotiateOptions } from '../../src/session/options.ts';
import type { Session } from '../../src/session/session.ts';
import { rewriting } from '../support/channels.ts';
import {
  buyer,
  codes,
  openPair,
  partsOf,
  type SessionPair,
  seller,
  splitTerms,
  tamper,
} from '../support/sessions.ts';

const root = mkdtempSync(join(tmpdir(), 'parley-conduct-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let runs = 0;

const low = { reservation: 400n };
const high = { reservation: 500n };
const theSeller = rawPublicKey(seller.publicKey);
const theBuyer = rawPublicKey(buyer.publicKey);
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

async function newLedgers() {
  const name = String(runs++);
  return {
    left: await fileLedger(join(root, `${name}-left`)),
    right: await fileLedger(join(root, `${name}-right`)),
  };
}
type Ledgers = Awaited<ReturnType<typeof newLedgers>>;

const pairWith = (ledgers: Ledgers, more: SessionPair = {}) =>
  openPair({
    ...more,
    left: { ledger: ledgers.left, ...more.left },
    right: { ledger: ledgers.right, ...more.right },
  });
const both = (
  [left, right]: readonly [Session, Session],
  security: Security = 'semi-honest',
  options: Partial<NegotiateOptions> = {},
) => {
  const terms = splitTerms({ security });
  return codes([
    left.negotiate({ terms, mandate: low, timeout: 2_000, ...options }),
    right.negotiate({ terms, mandate: high, timeout: 2_000, ...options }),
  ]);
};
/** What a ledger holds about the only peer it can know. */
const conductIn = async (ledger: Ledger) => {
  const [summary] = await ledger.list();
  return { cheats: summary?.cheats ?? [], departures: summary?.departures ?? [] };
};
const spoil = (session: Session, name: string) =>
  tamper(session, (type, fields) => {
    if (type.name === name) Object.values(fields)[0]![0]! ^= 1;
  });
const kernelOf = (session: Session) => partsOf(session).setup.kernel;
const bound = (channel: Channel): Channel => ({
  initiator: channel.initiator,
  send: (bytes) => channel.send(bytes),
  receive: () => channel.receive(),
  close: () => channel.close(),
  destroy: () => channel.destroy(),
});
const report: CheatReport = { session: text(new Uint8Array(32)), after: 'connected', check: 'x' };

describe('a peer that breaks the protocol is on record at the honest side', () => {
  it.each<[string, Security, 0 | 1, string]>([
    ['engagement', 'semi-honest', 0, 'engaged'],
    ['engagement', 'semi-honest', 1, 'mandate-given'],
    ['yao outputs', 'semi-honest', 1, 'engaged'],
    ['agreement signature', 'semi-honest', 0, 'outcome-known'],
    ['agreement signature', 'semi-honest', 1, 'outcome-known'],
    ['authenticated.openedMasks', 'malicious', 0, 'mandate-given'],
    ['authenticated.openedFits', 'malicious', 1, 'mandate-given'],
    ['authenticated.gateCheck', 'malicious', 1, 'engaged'],
    ['authenticated.maskedGates', 'malicious', 0, 'mandate-given'],
    ['authenticated.openedOutputs', 'malicious', 0, 'engaged'],
    ['authenticated.openedOutputs', 'malicious', 1, 'engaged'],
  ])('%s, %s, by side %i', async (name, security, cheater, after) => {
    const ledgers = await newLedgers();
    const pair = await pairWith(ledgers);
    spoil(pair[cheater], name);
    const ended = await both(pair, security);
    expect(ended[1 - cheater]).toBe('ERR_PEER_CHEATED');
    const [own, honest] = cheater === 0 ? [ledgers.left, ledgers.right] : [ledgers.right, ledgers.left];
    const { cheats, departures } = await conductIn(honest);
    expect(departures).toEqual([]);
    expect(cheats).toEqual([
      {
        session: expect.stringMatching(/^[\w-]{43}$/),
        after,
        check: expect.stringMatching(/./),
        terms: text(termsDigest(splitTerms({ security }))),
        matter: 'used car',
        time: expect.any(String),
        forgiven: false,
      },
    ]);
    expect((await conductIn(own)).cheats).toEqual([]);
  });

  it('before a negotiation, in the exchanges of an invite', async () => {
    const ledgers = await newLedgers();
    const pair = await pairWith(ledgers);
    spoil(pair[0], 'offered terms');
    const offering = offerTerms(pair[0], splitTerms());
    expect(await codes([receiveOffer(pair[1]), offering])).toContain('ERR_PEER_CHEATED');
    const { cheats } = await conductIn(ledgers.right);
    expect(cheats).toMatchObject([{ after: 'connected', session: text(pair[1].id) }]);
    expect(cheats[0]).not.toHaveProperty('terms');
  });

  it('with its last handshake message', async () => {
    const { left: ledger } = await newLedgers();
    const [channel, other] = memoryChannelPair();
    const identity = { publicKey: theBuyer as never, sign: (bytes: Uint8Array) => buyer.sign(bytes) };
    const ended = await codes([
      openSession({ channel, identity: seller, peer: buyer.publicKey, ledger }),
      handshake({
        channel: other,
        initiator: false,
        identity,
        timeout: 2_000,
        early: () => new Uint8Array(31),
      }),
    ]);
    expect(ended[0]).toBe('ERR_PEER_CHEATED');
    const { cheats } = await conductIn(ledger);
    expect(cheats).toMatchObject([{ after: 'connected', check: 'length of the base OT point' }]);
  });

  it('right behind the last handshake message', async () => {
    const { right: ledger } = await newLedgers();
    const [channel, other] = memoryChannelPair();
    const identity = { publicKey: theSeller as never, sign: (bytes: Uint8Array) => seller.sign(bytes) };
    const held: Uint8Array[] = [];
    let sends = 0;
    const holding: Channel = {
      ...bound(channel),
      send: async (bytes) => {
        sends += 1;
        if (sends === 1) await channel.send(bytes);
        else held.push(bytes);
      },
    };
    const opening = openSession({ channel: other, identity: buyer, peer: seller.publicKey, ledger });
    const { keys, sessionId } = await handshake({
      channel: holding,
      initiator: true,
      identity,
      timeout: 2_000,
    });
    const sealer = new RecordSealer(recordKey(keys.send, sessionId));
    await channel.send(concatBytes(...held, ...(await sealer.seal(9 as never))));
    const session = await opening;
    await vi.waitFor(async () => {
      expect((await conductIn(ledger)).cheats).toMatchObject([
        { after: 'connected', check: 'kind of a record' },
      ]);
    });
    expect(() => kernelOf(session).requireAlive()).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }));
  });

  it('while nothing runs', async () => {
    const ledgers = await newLedgers();
    const [left, right] = await pairWith(ledgers);
    const { link } = partsOf(left);
    const { outbox } = link as unknown as { outbox: { signal(kind: number): Promise<void> } };
    await outbox.signal(9);
    await vi.waitFor(async () => {
      expect((await conductIn(ledgers.right)).cheats).toMatchObject([{ check: 'kind of a record' }]);
    });
    left.destroy();
    right.destroy();
  });

  it('although it leaves right after its lie', async () => {
    const ledgers = await newLedgers();
    const pair = await pairWith(ledgers);
    const { link } = partsOf(pair[0]);
    const send = link.send.bind(link) as (...message: unknown[]) => Promise<void>;
    link.send = async (type, shape, fields) => {
      if (type.name !== 'agreement signature') return send(type, shape, fields);
      const sent = send(type, shape, { signature: new Uint8Array(64) });
      link.flush();
      await sent;
      link.abort(new ParleyError('ERR_CLOSED', 'gone'));
    };
    expect((await both(pair))[1]).toBe('ERR_PEER_CHEATED');
    expect((await conductIn(ledgers.right)).cheats).toHaveLength(1);
  });
});

describe('nobody on the wire can have a peer put on record as a cheat', () => {
  type Attack = (chunk: Uint8Array, earlier: readonly Uint8Array[]) => Uint8Array[];
  const flipAt =
    (place: (length: number) => number): Attack =>
    (chunk) => {
      chunk[place(chunk.length)]! ^= 0x20;
      return [chunk];
    };
  const headed =
    (...header: number[]): Attack =>
    (chunk) => {
      chunk.set(header);
      return [chunk];
    };
  const attacks: Record<string, Attack> = {
    'a bit of the ciphertext': flipAt((length) => length >> 1),
    'a bit of the tag': flipAt((length) => length - 1),
    'a length of nothing': headed(0, 0, 0, 0),
    'a length beyond all records': headed(0xff, 0xff, 0xff, 0xff),
    'another length': headed(0, 0, 0, 5),
    'a record replayed': (chunk, earlier) => [earlier.at(-1)!, chunk],
    'a record left out': () => [],
    'a record cut short, and more': (chunk) => [
      chunk.subarray(0, chunk.length >> 1),
      new Uint8Array(chunk.length),
    ],
    'garbage in between': (chunk) => [new Uint8Array(40).fill(7), chunk],
  };

  /** One session in which a chunk of one side is attacked: what came of it, or undefined if that side sends no such chunk. */
  async function strike(attack: Attack, side: 0 | 1, index: number): Promise<string[] | undefined> {
    const ledgers = await newLedgers();
    const channels = memoryChannelPair();
    const earlier: Uint8Array[] = [];
    channels[side] = rewriting(channels[side], (chunk, at) => {
      const sent = at === index ? attack(chunk.slice(), [...earlier, chunk]) : [chunk];
      earlier.push(chunk);
      return sent;
    });
    const clocks = { timeout: 300, wait: 300 };
    const pair = await pairWith(ledgers, { channels, ...clocks }).catch(() => undefined);
    const ended = pair === undefined ? [] : await both(pair, 'semi-honest', clocks);
    for (const session of pair ?? []) session.destroy();
    for (const ledger of [ledgers.left, ledgers.right]) {
      expect((await conductIn(ledger)).cheats, `chunk ${index} of side ${side}`).toEqual([]);
    }
    return earlier.length > index ? ended : undefined;
  }

  it.each(Object.entries(attacks))('%s', async (name, attack) => {
    const noticed: boolean[] = [];
    for (const [side, index] of [
      [0, 2],
      [0, 3],
      [1, 1],
      [1, 2],
    ] as const) {
      noticed.push((await strike(attack, side, index))!.includes('ERR_PEER_CHEATED'));
    }
    // The last record of a run can be left out unnoticed until the clocks run out.
    if (name !== 'a record left out') expect(noticed).toEqual([true, true, true, true]);
  });

  it('a bit of any chunk, of the handshake or of a record', async () => {
    for (const side of [0, 1] as const) {
      let noticed = 0;
      for (let index = 0; ; index++) {
        const ended = await strike(attacks['a bit of the tag']!, side, index);
        if (ended === undefined) break;
        if (ended.includes('ERR_PEER_CHEATED')) noticed += 1;
      }
      expect(noticed).toBeGreaterThan(1);
    }
  });

  it('a stream that is cut anywhere in a record', async () => {
    for (const index of [2, 3]) {
      const ledgers = await newLedgers();
      const channels = memoryChannelPair();
      const plain = channels[0];
      channels[0] = rewriting(plain, (chunk, at) => {
        if (at < index) return [chunk];
        if (at === index) setImmediate(() => plain.destroy());
        return at === index ? [chunk.subarray(0, chunk.length - 1)] : [];
      });
      const pair = await pairWith(ledgers, { channels });
      expect((await both(pair))[1]).toBe('ERR_PEER_LEFT');
      expect((await conductIn(ledgers.right)).cheats).toEqual([]);
    }
  });

  it('one’s own records sent back', async () => {
    const ledgers = await newLedgers();
    const channels = memoryChannelPair();
    const [plain] = channels;
    const mirrored: Uint8Array[] = [];
    channels[1] = rewriting(channels[1], (chunk, at) => {
      if (at > 0) mirrored.push(chunk);
      return [chunk];
    });
    channels[0] = rewriting(plain, (chunk, at) => (at > 2 ? mirrored.splice(0) : [chunk]));
    const pair = await pairWith(ledgers, { channels, timeout: 300 });
    const ended = await both(pair, 'semi-honest', { timeout: 300, wait: 300 });
    expect(ended[1]).toMatch(/^ERR_(PEER_CHEATED|TIMEOUT|PEER_LEFT|PEER_ABORTED)$/);
    for (const ledger of [ledgers.left, ledgers.right]) {
      expect((await conductIn(ledger)).cheats).toEqual([]);
    }
  });
});

describe('after a caught cheat', () => {
  it('the peer is refused once it has proved its key, and the side that dialled shows it nothing', async () => {
    const ledgers = await newLedgers();
    await ledgers.left.cheated(theBuyer, report);
    const channels = memoryChannelPair();
    let sent = 0;
    channels[0] = rewriting(channels[0], (chunk) => {
      sent += chunk.length;
      return [chunk];
    });
    const opened = await codes([
      openSession({ channel: channels[0], identity: seller, peer: buyer.publicKey, ledger: ledgers.left }),
      openSession({ channel: channels[1], identity: buyer, peer: seller.publicKey, ledger: ledgers.right }),
    ]);
    expect(opened).toEqual(['ERR_PEER_BARRED', 'ERR_PEER_LEFT']);
    expect(sent).toBe(40); // preamble and an ephemeral key
  });

  it('it is refused by the side that listens too', async () => {
    const ledgers = await newLedgers();
    await ledgers.right.cheated(theSeller, report);
    const [left, right] = memoryChannelPair();
    const dialling = openSession({ channel: left, identity: seller, peer: buyer.publicKey });
    const listening = openSession({
      channel: right,
      identity: buyer,
      peer: seller.publicKey,
      ledger: ledgers.right,
    });
    await expect(listening).rejects.toMatchObject({ code: 'ERR_PEER_BARRED' });
    (await dialling).destroy();
  });

  it('what is already open runs nothing more, sends nothing, and asks for no mandate', async () => {
    const ledgers = await newLedgers();
    const [left, right] = await pairWith(ledgers);
    await ledgers.left.cheated(theBuyer, report);
    const { sent } = left.stats;
    const mandate = vi.fn();
    const terms = splitTerms();
    expect(await codes([left.negotiate({ terms, mandate }).catch((error) => Promise.reject(error))])).toEqual(
      ['ERR_PEER_BARRED'],
    );
    expect(await codes([left.prepare(terms)])).toEqual(['ERR_PEER_BARRED']);
    expect(await codes([awaitReady(left)])).toEqual(['ERR_PEER_BARRED']);
    expect(mandate).not.toHaveBeenCalled();
    expect(left.stats.sent).toBe(sent);
    await ledgers.left.forgive(theBuyer);
    expect(await both([left, right])).toEqual(['ok', 'ok']);
    await Promise.all([left.close(), right.close()]);
  });

  it('a real one, then a retry, then forgiveness', async () => {
    const ledgers = await newLedgers();
    const pair = await pairWith(ledgers);
    spoil(pair[1], 'engagement');
    expect(await both(pair)).toEqual(['ERR_PEER_CHEATED', 'ERR_PEER_ABORTED']);
    await expect(pairWith(ledgers)).rejects.toMatchObject({ code: 'ERR_PEER_BARRED' });
    await ledgers.left.forgive(theBuyer);
    expect(await both(await pairWith(ledgers))).toEqual(['ok', 'ok']);
  });

  it('the session’s owner may allow it', async () => {
    const ledgers = await newLedgers();
    await ledgers.left.cheated(theBuyer, report);
    const pair = await pairWith(ledgers, { left: { afterCheat: 'allow' } });
    expect(await both(pair)).toEqual(['ok', 'ok']);
  });

  const policy: Policy = {
    peers: [buyer.publicKey],
    subject: 'used car',
    roles: ['seller'],
    maxDays: Number.POSITIVE_INFINITY,
    budget: 100,
    rules: ['split'],
    security: 'semi-honest',
    price: { unit: 'USD', decimals: 0, min: 100n, max: 600n },
    maxBits: 10,
    sessionsPerDay: 2,
  };

  it.each<[string, Policy, string]>([
    ['refuses, if its policy says nothing', policy, 'ERR_PEER_BARRED'],
    ['refuses, if its policy says so', { ...policy, afterCheat: 'refuse' }, 'ERR_PEER_BARRED'],
    ['goes on, if its policy says so', { ...policy, afterCheat: 'allow' }, 'ok'],
  ])('a delegate %s', async (_, given, code) => {
    const delegate = defineDelegate({ policy: given, mandate: low });
    const terms = splitTerms();
    // In one call, the policy alone decides.
    const ledgers = await newLedgers();
    await ledgers.left.cheated(theBuyer, report);
    const [left, right] = memoryChannelPair();
    const [atSeller] = await codes([
      negotiate({
        channel: left,
        identity: seller,
        peer: buyer.publicKey,
        ledger: ledgers.left,
        terms,
        mandate: delegate,
      }),
      negotiate({ channel: right, identity: buyer, peer: seller.publicKey, terms, mandate: high }),
    ]);
    expect(atSeller).toBe(code);
    // On a session whose owner allows it, the policy still holds.
    const pair = await pairWith(ledgers, { left: { afterCheat: 'allow' } });
    const running = codes([
      pair[0].negotiate({ terms, mandate: delegate }).finally(() => pair[0].destroy()),
      pair[1].negotiate({ terms, mandate: high }),
    ]);
    expect((await running)[0]).toBe(code);
  });
});

describe('the record of a cheat', () => {
  /** One run in which the left side spoils a message: what the right side sent, and what it ended with. */
  async function caught(
    ledger: Ledger | undefined,
    mandate: { readonly reservation: bigint },
    at?: () => void,
  ) {
    const channels = memoryChannelPair();
    const sent: number[] = [];
    channels[1] = rewriting(channels[1], (chunk) => {
      sent.push(chunk.length);
      return [chunk];
    });
    const pair = await openPair({ channels, right: { ledger } });
    spoil(pair[0], 'authenticated.maskedGates');
    const terms = splitTerms({ security: 'malicious' });
    const [, result] = await Promise.allSettled([
      pair[0].negotiate({ terms, mandate: low }),
      pair[1].negotiate({ terms, mandate }),
    ]);
    at?.();
    return { sent, error: (result as PromiseRejectedResult).reason as ParleyError };
  }

  it('is written after the abort has gone, and sends nothing', async () => {
    const { right } = await newLedgers();
    let before = -1;
    const { cheated } = right;
    const counts: number[] = [];
    const channels = memoryChannelPair();
    channels[1] = rewriting(channels[1], (chunk) => {
      counts.push(chunk.length);
      return [chunk];
    });
    right.cheated = async (...args) => {
      before = counts.length;
      await cheated.call(right, ...args);
    };
    const pair = await openPair({ channels, right: { ledger: right } });
    spoil(pair[0], 'engagement');
    expect((await both(pair))[1]).toBe('ERR_PEER_CHEATED');
    expect(counts.at(before - 1)).toBe(4 + 1 + 16); // a record of its kind alone: the abort
    expect(counts.length).toBe(before);
    expect((await conductIn(right)).cheats).toHaveLength(1);
  });

  it('leaves the peer with the same bytes, whatever the mandate and whether there is a ledger', async () => {
    const traces: string[] = [];
    for (const mandate of [high, { reservation: 3n }, { abstain: true } as never]) {
      for (const ledger of [undefined, (await newLedgers()).right]) {
        const { sent, error } = await caught(ledger, mandate);
        expect(error.code).toBe('ERR_PEER_CHEATED');
        traces.push(sent.join());
      }
    }
    expect(new Set(traces).size).toBe(1);
  });

  it('that cannot be written leaves the error what it was, and says so in it', async () => {
    const { right } = await newLedgers();
    const full = new LedgerError('ERR_LEDGER_UNUSABLE', 'full');
    right.cheated = () => Promise.reject(full);
    const { error } = await caught(right, high);
    expect(error).toMatchObject({ code: 'ERR_PEER_CHEATED', unrecorded: full });
  });
});

describe('a peer that leaves', () => {
  /** One side goes, in some way, instead of sending a message. */
  type Way = 'hangs up' | 'aborts' | 'falls silent';
  const goAt = (session: Session, channel: Channel, name: string, way: Way) => {
    const { link } = partsOf(session);
    const send = link.send.bind(link) as (...message: unknown[]) => Promise<void>;
    link.send = async (type, shape, fields) => {
      if (type.name !== name) return send(type, shape, fields);
      link.flush();
      await new Promise((resolve) => setImmediate(resolve));
      if (way === 'hangs up') channel.destroy();
      if (way === 'aborts') link.abort(new ParleyError('ERR_CLOSED', 'gone'));
      if (way === 'falls silent') await new Promise(() => undefined);
    };
  };
  const cases: [Security, 0 | 1, string, string | undefined, boolean, boolean][] = [
    // The semi-honest engine's evaluator listens, the malicious one's dials.
    ['semi-honest', 1, 'hello', undefined, false, false],
    ['semi-honest', 1, 'engagement', 'mandate-given', false, false],
    ['semi-honest', 0, 'engagement', 'engaged', false, false],
    ['semi-honest', 0, 'yao decoding', 'engaged', true, false],
    ['semi-honest', 1, 'yao outputs', 'engaged', true, true],
    ['semi-honest', 1, 'agreement signature', 'outcome-known', true, true],
    ['semi-honest', 0, 'agreement signature', 'outcome-known', true, true],
    // It knows by then whether a bet of its own has failed, and who goes looks like anybody who goes.
    ['malicious', 0, 'authenticated.equalityOpening', 'mandate-given', false, false],
    ['malicious', 0, 'engagement', 'mandate-given', false, false],
    ['malicious', 1, 'engagement', 'engaged', false, false],
    ['malicious', 1, 'authenticated.openedOutputs', 'engaged', true, false],
    ['malicious', 0, 'authenticated.openedOutputs', 'engaged', true, true],
  ];
  const waysOf = ([security]: (typeof cases)[number]): Way[] =>
    security === 'malicious' ? ['hangs up'] : ['hangs up', 'aborts', 'falls silent'];
  it.each(cases.flatMap((one) => waysOf(one).map((way) => [way, ...one] as const)))(
    '%s, %s: side %i before its %s',
    async (way, security, side, name, after, engaged, shared) => {
      const ledgers = await newLedgers();
      const channels = memoryChannelPair();
      const pair = await pairWith(ledgers, { channels });
      goAt(pair[side], channels[side], name, way);
      const stays = 1 - side;
      const terms = splitTerms({ security });
      const running = pair.map((session, i) =>
        session.negotiate({ terms, mandate: [low, high][i]!, timeout: 600, wait: 600 }),
      );
      for (const one of running) one.catch(() => undefined);
      const [code] = await codes([running[stays]!]);
      expect(code).toMatch(/^ERR_(PEER_LEFT|PEER_ABORTED|TIMEOUT)$/);
      const ledger = stays === 0 ? ledgers.left : ledgers.right;
      const { cheats, departures } = await conductIn(ledger);
      expect(cheats).toEqual([]);
      const expected = { after, engaged, shared, matter: 'used car', terms: text(termsDigest(terms)) };
      expect(departures).toMatchObject(after === undefined ? [] : [expected]);
      for (const session of pair) session.destroy();
      await ledger.refuseCheater(stays === 0 ? theBuyer : theSeller);
    },
  );

  it('while it prepares is not on record: a person who declines goes in the same way', async () => {
    const ledgers = await newLedgers();
    const channels = memoryChannelPair();
    const pair = await pairWith(ledgers, { channels });
    goAt(pair[0], channels[0], 'authenticated.equalityOpening', 'hangs up');
    const terms = splitTerms({ security: 'malicious' });
    const ended = await codes(pair.map((session) => session.prepare(terms, { timeout: 600, wait: 600 })));
    expect(ended[1]).toBe('ERR_PEER_LEFT');
    expect(await conductIn(ledgers.right)).toEqual({ cheats: [], departures: [] });
  });

  it.each([
    ['before it says anything with its mandate', undefined, []],
    [
      'after that',
      'authenticated.openedOutputs',
      [{ after: 'engaged', engaged: true, shared: false, matter: 'used car' }],
    ],
  ] as const)('once both have prepared, %s', async (_, name, departures) => {
    const ledgers = await newLedgers();
    const channels = memoryChannelPair();
    const pair = await pairWith(ledgers, { channels });
    const terms = splitTerms({ security: 'malicious' });
    expect(await codes(pair.map((session) => session.prepare(terms)))).toEqual(['ok', 'ok']);
    if (name !== undefined) goAt(pair[1], channels[1], name, 'hangs up');
    const given = new Promise<void>((resolve) => {
      const onProgress = (phase: string) => phase === 'mandate-given' && resolve();
      void codes([pair[0].negotiate({ terms, mandate: low, onProgress })]);
    });
    await given;
    if (name === undefined) pair[1].destroy();
    else await codes([pair[1].negotiate({ terms, mandate: high })]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await conductIn(ledgers.left)).toMatchObject({ cheats: [], departures });
  });

  it('once both have prepared, or both have signed, has not left anything', async () => {
    for (const work of [
      (pair: readonly [Session, Session]) =>
        codes(pair.map((session) => session.prepare(splitTerms({ security: 'malicious' })))),
      (pair: readonly [Session, Session]) => both(pair),
    ]) {
      const ledgers = await newLedgers();
      const pair = await pairWith(ledgers);
      expect(await work(pair)).toEqual(['ok', 'ok']);
      pair[1].destroy();
      expect(await codes([pair[0].close()])).toEqual(['ERR_PEER_LEFT']);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await conductIn(ledgers.left)).toEqual({ cheats: [], departures: [] });
    }
  });

  it('after bytes that anyone can have changed, too', async () => {
    const ledgers = await newLedgers();
    const channels = memoryChannelPair();
    let cut = false;
    channels[0] = rewriting(channels[0], (chunk) => {
      if (cut) chunk[chunk.length - 1]! ^= 1;
      return [chunk];
    });
    const pair = await pairWith(ledgers, { channels });
    tamper(pair[0], (type) => {
      cut ||= type.name === 'agreement signature';
    });
    expect((await both(pair))[1]).toBe('ERR_PEER_CHEATED');
    const { cheats, departures } = await conductIn(ledgers.right);
    expect(cheats).toEqual([]);
    expect(departures).toMatchObject([{ after: 'outcome-known', engaged: true, shared: true }]);
  });

  it('is not this side, when it cancels', async () => {
    const ledgers = await newLedgers();
    const pair = await pairWith(ledgers);
    const cancel = new AbortController();
    const terms = splitTerms();
    const ended = await codes([
      pair[0].negotiate({ terms, mandate: low }),
      pair[1].negotiate({
        terms,
        mandate: high,
        signal: cancel.signal,
        onProgress: (phase) => phase === 'outcome-known' && cancel.abort(),
      }),
    ]);
    expect(ended[1]).toBe('ERR_CANCELLED');
    expect((await conductIn(ledgers.right)).departures).toEqual([]);
    expect((await conductIn(ledgers.left)).departures).toMatchObject([{ shared: true }]);
  });
});
