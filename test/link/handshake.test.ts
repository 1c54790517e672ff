import { describe, expect, test, vi } from 'vitest';
import type { PublicKey } from '../../src/crypto/ed25519.ts';
import { toHex } from '../../src/crypto/encoding.ts';
import { isFirst } from '../../src/link/first-messages.ts';
import { handshake, WIRE_VERSION } from '../../src/link/handshake.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import { invitePsk } from '../../src/link/noise.ts';
import {
  initiatorIdentity,
  makeSigner,
  responderIdentity,
  rewriting,
  shakeHands,
  testRandom,
} from '../support/channels.ts';

const rejected = (code: string) => ({ status: 'rejected', reason: expect.objectContaining({ code }) });
const secret = new Uint8Array(16).fill(7);

describe('handshake', () => {
  test.each([{ secret: undefined }, { secret }])(
    'both sides learn the same session and each other',
    async (options) => {
      const early = new Uint8Array(32).fill(3);
      const [left, right] = await shakeHands(
        { ...options, peer: responderIdentity.publicKey },
        { ...options, peer: initiatorIdentity.publicKey, early: () => early },
      );
      if (left.status !== 'fulfilled' || right.status !== 'fulfilled') throw new Error('handshake failed');
      expect(left.value.peer).toEqual(responderIdentity.publicKey);
      expect(right.value.peer).toEqual(initiatorIdentity.publicKey);
      expect(left.value.sessionId).toEqual(right.value.sessionId);
      expect(left.value.keys.send).toEqual(right.value.keys.receive);
      expect(left.value.keys.receive).toEqual(right.value.keys.send);
      expect(left.value.early).toEqual(early);
      expect(left.value.context).toEqual(right.value.context);
      expect(left.value.sent).toBe(right.value.received);
      expect(left.value.received).toBe(right.value.sent);
    },
  );

  test('the key of an invite is zeroed on both sides, in every copy', async () => {
    const key = toHex(invitePsk(secret));
    const fill = Uint8Array.prototype.fill;
    let zeroed = 0;
    const spy = vi.spyOn(Uint8Array.prototype, 'fill').mockImplementation(function (
      this: Uint8Array,
      ...given
    ) {
      if (this.length === 32 && toHex(this) === key) zeroed += 1;
      return fill.apply(this, given);
    });
    await shakeHands({ secret }, { secret });
    spy.mockRestore();
    // What the invite's secret is hashed to, and the handshake's own copy.
    expect(zeroed).toBe(4);
  });

  test('two sessions never share keys or id', async () => {
    const ids = new Set<string>();
    for (let run = 0; run < 2; run += 1) {
      const [left] = await shakeHands();
      if (left.status !== 'fulfilled') throw new Error('handshake failed');
      for (const bytes of [left.value.sessionId, left.value.keys.send, left.value.keys.receive]) {
        ids.add(Buffer.from(bytes).toString('hex'));
      }
    }
    expect(ids.size).toBe(6);
  });

  test('another identity than the pinned one: each side says so, the other sees it leave', async () => {
    const stranger = makeSigner().publicKey;
    const [left, right] = await shakeHands({ peer: stranger });
    expect([left, right]).toEqual([rejected('ERR_PEER_IDENTITY'), rejected('ERR_PEER_LEFT')]);
    const [, pinned] = await shakeHands({}, { peer: stranger });
    expect(pinned).toEqual(rejected('ERR_PEER_IDENTITY'));
  });

  test('an identity that signs nothing valid, or a key that is not one, is refused', async () => {
    const forger = { ...makeSigner(), sign: () => new Uint8Array(64) };
    const smallOrder = { publicKey: new Uint8Array(32) as PublicKey, sign: () => new Uint8Array(64) };
    const borrowed = { publicKey: makeSigner().publicKey, sign: makeSigner().sign };
    for (const identity of [forger, smallOrder, borrowed]) {
      expect((await shakeHands({}, { identity }))[0]).toEqual(rejected('ERR_PEER_IDENTITY'));
      expect((await shakeHands({ identity }))[1]).toEqual(rejected('ERR_PEER_IDENTITY'));
    }
  });

  test('a reflected identity is refused', async () => {
    const [left] = await shakeHands({}, { identity: initiatorIdentity });
    expect(left).toEqual(rejected('ERR_PEER_IDENTITY'));
  });

  test('one side with an invite, or each with another', async () => {
    const other = new Uint8Array(16).fill(8);
    const [left, right] = await shakeHands({ secret }, { secret: other });
    expect([left, right]).toEqual([rejected('ERR_PEER_LEFT'), rejected('ERR_INVITE_REFUSED')]);
    expect((await shakeHands({ secret }))[1]).toEqual(rejected('ERR_PEER_IDENTITY'));
    expect((await shakeHands({}, { secret }))[1]).toEqual(rejected('ERR_PEER_IDENTITY'));
  });

  test('another wire version is named as such by the side that sees it', async () => {
    const pair = memoryChannelPair();
    const newer = rewriting(pair[0], (chunk, index) => {
      if (index === 0) chunk[6] = WIRE_VERSION + 1;
      return [chunk];
    });
    const [left, right] = await shakeHands({}, {}, [newer, pair[1]]);
    expect([left, right]).toEqual([rejected('ERR_PEER_LEFT'), rejected('ERR_WIRE_VERSION')]);
    const back = memoryChannelPair();
    const older = rewriting(back[1], (chunk, index) => {
      if (index === 0) chunk[6] = WIRE_VERSION - 1;
      return [chunk];
    });
    expect((await shakeHands({}, {}, [back[0], older]))[0]).toEqual(rejected('ERR_WIRE_VERSION'));
  });

  test('every changed byte on the way, in either direction, ends the handshake at the side that reads it', async () => {
    for (const side of [0, 1] as const) {
      const lengths = side === 0 ? [40, 160] : [202];
      for (const [message, length] of lengths.entries()) {
        for (let at = 0; at < length; at += 3) {
          const pair = memoryChannelPair();
          const tampered = rewriting(pair[side], (chunk, index) => {
            if (index === message) chunk[at]! ^= 0x10;
            return [chunk];
          });
          const channels = side === 0 ? ([tampered, pair[1]] as const) : ([pair[0], tampered] as const);
          // A longer length in message 2 is only noticed by waiting for the rest of it.
          const results = await shakeHands({ timeout: 30 }, { timeout: 30 }, [...channels]);
          expect(results.some((result) => result.status === 'rejected')).toBe(true);
          for (const result of results) {
            if (result.status === 'fulfilled') continue;
            expect(result.reason.code).toMatch(
              /^ERR_(WIRE_FORMAT|WIRE_VERSION|PEER_IDENTITY|PEER_LEFT|TIMEOUT)$/,
            );
          }
        }
      }
    }
  });

  test('a replayed initiator gets nowhere', async () => {
    const recorded: Uint8Array[] = [];
    const pair = memoryChannelPair();
    const recording = rewriting(pair[0], (chunk) => {
      recorded.push(chunk.slice());
      return [chunk];
    });
    await shakeHands({}, {}, [recording, pair[1]]);
    const [attacker, victim] = memoryChannelPair();
    for (const chunk of recorded) await attacker.send(chunk);
    await expect(
      handshake({ channel: victim, initiator: false, identity: responderIdentity, timeout: 1_000 }),
    ).rejects.toMatchObject({ code: 'ERR_WIRE_FORMAT' });
  });

  test('of those who hold an invite, nobody is answered twice to the same message', async () => {
    const own = secret.slice();
    const recorded: Uint8Array[] = [];
    const pair = memoryChannelPair();
    const recording = rewriting(pair[0], (chunk) => {
      recorded.push(chunk.slice());
      return [chunk];
    });
    const [left, right] = await shakeHands({ secret: own }, { secret: own }, [recording, pair[1]]);
    expect([left.status, right.status]).toEqual(['fulfilled', 'fulfilled']);
    for (const again of [own, own]) {
      const [attacker, victim] = memoryChannelPair();
      await attacker.send(recorded[0]!.slice());
      const responder = { initiator: false, identity: responderIdentity, timeout: 1_000 };
      const answering = handshake({ ...responder, channel: victim, secret: again });
      await expect(answering).rejects.toMatchObject({ code: 'ERR_REPLAYED' });
      await expect(attacker.receive()).rejects.toMatchObject({ code: 'ERR_PEER_LEFT' });
    }
    for (let i = 0; i < 2; i++) {
      expect((await shakeHands({ secret: own }, { secret: own })).map(({ status }) => status)).toEqual([
        'fulfilled',
        'fulfilled',
      ]);
    }
  });

  test('what is remembered of an invite is bounded', () => {
    const own = secret.slice();
    const key = (index: number) => new Uint8Array(new Uint32Array(8).fill(index).buffer);
    for (let index = 0; index < 4_096; index++) expect(isFirst(own, key(index))).toBe(true);
    expect(isFirst(own, key(0))).toBe(false);
    expect(isFirst(own, key(4_096))).toBe(true);
    expect(isFirst(own, key(1))).toBe(false);
    expect(isFirst(own, key(0))).toBe(true); // the oldest had to go
    expect(isFirst(secret.slice(), key(1))).toBe(true);
  });

  test.each([
    ['a web browser', 'GET / HTTP/1.1\r\nHost: example\r\n\r\n'],
    ['a TLS client', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['zeros', '\0'.repeat(100)],
  ])('%s is answered with nothing', async (_name, text) => {
    const [scanner, channel] = memoryChannelPair();
    await scanner.send(Buffer.from(text, 'latin1'));
    await expect(
      handshake({ channel, initiator: false, identity: responderIdentity, timeout: 1_000 }),
    ).rejects.toMatchObject({ code: 'ERR_WIRE_FORMAT' });
    await expect(scanner.receive()).rejects.toMatchObject({ code: 'ERR_PEER_LEFT' });
  });

  test('a peer that connects and says nothing, or hangs up, or trickles, ends in time', async () => {
    const [, silent] = memoryChannelPair();
    await expect(
      handshake({ channel: silent, initiator: false, identity: responderIdentity, timeout: 20 }),
    ).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
    const [scanner, closed] = memoryChannelPair();
    await scanner.close();
    await expect(
      handshake({ channel: closed, initiator: false, identity: responderIdentity, timeout: 1_000 }),
    ).rejects.toMatchObject({ code: 'ERR_PEER_LEFT' });
  });

  test('an AbortSignal ends it', async () => {
    const abort = new AbortController();
    const [, channel] = memoryChannelPair();
    const waiting = handshake({
      channel,
      initiator: false,
      identity: responderIdentity,
      timeout: 1_000,
      signal: abort.signal,
    });
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    const [again] = memoryChannelPair();
    await expect(
      handshake({
        channel: again,
        initiator: true,
        identity: initiatorIdentity,
        timeout: 1_000,
        signal: abort.signal,
      }),
    ).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  });

  test('the bytes on the wire', async () => {
    const written: string[] = [];
    const pair = memoryChannelPair();
    const record = (side: string) => (chunk: Uint8Array) => {
      written.push(`${side} ${Buffer.from(chunk).toString('hex')}`);
      return [chunk];
    };
    const { initiator, responder } = await import('../fixtures/wire-identities.ts');
    await shakeHands(
      { identity: initiator, random: testRandom(1) },
      { identity: responder, random: testRandom(2), early: () => new Uint8Array(32).fill(3) },
      [rewriting(pair[0], record('initiator')), rewriting(pair[1], record('responder'))],
    );
    expect(written).toMatchSnapshot();
  });
});
