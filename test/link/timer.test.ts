import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { acceptPeer } from '../../src/desk/accept-peer.ts';
import { generateIdentity } from '../../src/documents/identity.ts';
import { AcceptQueue } from '../../src/link/accept-queue.ts';
import { handshake } from '../../src/link/handshake.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import { memoryLinkPair } from '../../src/link/memory-link.ts';
import { message } from '../../src/link/message.ts';
import { PeerClock } from '../../src/link/peer-clock.ts';
import { requireTime, after as startTimer } from '../../src/link/timer.ts';
import { openSession } from '../../src/session/index.ts';
import { askMandate } from '../../src/session/mandate.ts';
import { makeSigner, secureLinks, shakeHands } from '../support/channels.ts';

/** A little more than a timer of the runtime holds, about 25 days: taken as it is, it would be 1 ms. */
const LONG = 2 ** 31;

describe('a time longer than any timer', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => vi.useRealTimers());

  it('passes in full, and can be cancelled', async () => {
    const done: number[] = [];
    startTimer(3 * LONG, () => done.push(1));
    const cancelled = startTimer(3 * LONG, () => done.push(2));
    await vi.advanceTimersByTimeAsync(2 * LONG);
    cancelled.cancel();
    await vi.advanceTimersByTimeAsync(LONG - 1);
    expect(done).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(done).toEqual([1]);
    await vi.advanceTimersByTimeAsync(4 * LONG);
    expect(done).toEqual([1]);
  });

  const ping = message(0xf4, 'timed ping', () => ({ token: 4 }));
  const never = { accept: () => new AcceptQueue().next(), address: { host: '', port: 0 } };
  it.each<[string, (time: number) => Promise<unknown>]>([
    [
      'a handshake',
      (timeout) =>
        handshake({ channel: memoryChannelPair()[0], initiator: true, identity: makeSigner(), timeout }),
    ],
    [
      'waiting for a peer',
      (wait) =>
        acceptPeer({
          listener: { ...never, close: async () => undefined },
          open: () => expect.unreachable(),
          wait,
          signal: new AbortController().signal,
          onRefused: () => undefined,
        }),
    ],
    [
      'waiting for a message',
      (timeout) =>
        new Promise((_, reject) => {
          new PeerClock({ timeout, wait: timeout }, () => 0, reject).watch('a message');
        }),
    ],
    ['a link for tests', (timeout) => memoryLinkPair({ timeout })[0].receive(ping, undefined)],
    [
      'asking for a mandate',
      (wait) =>
        askMandate(
          () => new Promise(() => {}),
          {} as never,
          wait,
          () => () => undefined,
        ),
    ],
  ])('is kept by %s', async (_, wait) => {
    let end: unknown;
    wait(LONG).catch((error: { code: string }) => {
      end = error.code;
    });
    await vi.advanceTimersByTimeAsync(LONG - 1_000);
    expect(end).toBeUndefined();
    await vi.advanceTimersByTimeAsync(2_000);
    await vi.advanceTimersByTimeAsync(10);
    expect(end).toBe('ERR_TIMEOUT');
  });
});

it('a handshake and a link have all the time that they are given', async () => {
  const [left, right] = await shakeHands({ timeout: LONG }, { timeout: LONG });
  expect([left.status, right.status]).toEqual(['fulfilled', 'fulfilled']);
  const links = await secureLinks({ timeout: LONG, wait: LONG });
  await Promise.all(links.map((link) => link.close()));
});

describe('what is no time', () => {
  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('is refused: %d', async (time) => {
    const refusal = expect.objectContaining({ code: 'ERR_USAGE' });
    expect(() => requireTime(1, time)).toThrowError(refusal);
    for (const times of [{ timeout: time }, { handshakeTimeout: time }]) {
      const [channel, other] = memoryChannelPair();
      await expect(openSession({ channel, identity: generateIdentity(), ...times })).rejects.toThrowError(
        refusal,
      );
      await expect(other.receive()).rejects.toMatchObject({ code: 'ERR_PEER_LEFT' });
    }
    const [channel] = memoryChannelPair();
    await expect(
      handshake({ channel, initiator: true, identity: makeSigner(), timeout: time }),
    ).rejects.toThrowError(refusal);
    await expect(channel.receive()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  });
});
