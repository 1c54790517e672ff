import { afterEach, describe, expect, test } from 'vitest';
import type { Channel } from '../../src/link/channel.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import { message } from '../../src/link/message.ts';
import type { SecureLink } from '../../src/link/secure-link.ts';
import { rewriting, secureLinks, tcpChannelPair, testRandom } from '../support/channels.ts';

const ping = message(0xf2, 'link ping', () => ({ token: 4 }));
const blob = message(0xf3, 'link blob', (size: number) => ({ head: 2, body: size }));
const token = Uint8Array.of(1, 2, 3, 4);
const open: SecureLink[] = [];

async function links(options: Parameters<typeof secureLinks>[0] = {}) {
  const pair = await secureLinks(options);
  open.push(...pair);
  return pair;
}

afterEach(() => {
  for (const link of open.splice(0)) link.destroy();
});

const failed = (code: string) => expect.objectContaining({ code });

describe.each([
  ['memory', async () => memoryChannelPair()],
  ['TCP', tcpChannelPair],
])('secure link over %s', (_name, makeChannels) => {
  test('messages of any size, both ways at once', async () => {
    const [left, right] = await links({ channels: await makeChannels() });
    const random = testRandom(4);
    const size = 6 << 20;
    const bodies = [random(size), random(size)];
    const head = Uint8Array.of(8, 9);
    const sends = [
      left.send(blob, size, { head, body: bodies[0]! }),
      right.send(blob, size, { head, body: bodies[1]! }),
    ];
    sends.push(left.send(ping, undefined, { token }));
    const [atRight, atLeft] = await Promise.all([right.receive(blob, size), left.receive(blob, size)]);
    await Promise.all(sends);
    expect(Buffer.compare(atRight.body, bodies[0]!)).toBe(0);
    expect(Buffer.compare(atLeft.body, bodies[1]!)).toBe(0);
    expect(atLeft.head).toEqual(head);
    expect((await right.receive(ping, undefined)).token).toEqual(token);
  });

  test('an orderly close by either side, or both, is acknowledged', async () => {
    for (const closers of [[0], [1], [0, 1]]) {
      const pair = await links({ channels: await makeChannels() });
      await pair[0].send(ping, undefined, { token });
      await pair[1].receive(ping, undefined);
      await Promise.all(closers.map((index) => pair[index]!.close()));
      await Promise.all(pair.map((link) => link.close()));
      await expect(pair[0].send(ping, undefined, { token })).rejects.toThrow();
      await expect(pair[1].receive(ping, undefined)).rejects.toThrow();
    }
  });

  test('what a peer sent before it left can still be received', async () => {
    const [left, right] = await links({ channels: await makeChannels() });
    await left.send(ping, undefined, { token });
    left.flush();
    await new Promise((resolve) => setTimeout(resolve, 20));
    left.destroy();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await right.send(ping, undefined, { token }).catch(() => undefined);
    expect((await right.receive(ping, undefined)).token).toEqual(token);
    await expect(right.receive(ping, undefined)).rejects.toThrow(failed('ERR_PEER_LEFT'));
  });

  test('an abort reaches the peer, without its reason', async () => {
    const [left, right] = await links({ channels: await makeChannels() });
    const waiting = right.receive(ping, undefined);
    await left.send(blob, 3, { head: token.subarray(2), body: token.subarray(1) });
    await expect(waiting).rejects.toThrow(failed('ERR_PEER_CHEATED'));
    await expect(left.receive(ping, undefined)).rejects.toThrow(failed('ERR_PEER_ABORTED'));
  });
});

describe('secure link', () => {
  test('a message of another type or length than due ends the session on both sides', async () => {
    for (const [type, shape, fields] of [
      [ping, undefined, { token }],
      [blob, 2, { head: token.subarray(2), body: token.subarray(2) }],
    ] as const) {
      const [left, right] = await links();
      await left.send(type as never, shape as never, fields as never);
      await expect(right.receive(blob, 3)).rejects.toThrow(failed('ERR_PEER_CHEATED'));
      await expect(right.receive(blob, 3)).rejects.toThrow(failed('ERR_PEER_CHEATED'));
      await expect(left.receive(ping, undefined)).rejects.toThrow(failed('ERR_PEER_ABORTED'));
    }
  });

  test('two sides that settle between the same messages count the same, whatever has arrived since', async () => {
    for (const whole of [true, false]) {
      const received: Uint8Array[] = [];
      const [left, right] = await links({
        // Everything arrives at once, in one piece or byte by byte.
        afterHandshake: (channel) =>
          rewriting(channel, (chunk) => {
            received.push(chunk);
            if (received.length < 2) return [];
            const all = Buffer.concat(received.splice(0));
            return whole ? [all] : Array.from(all, (byte) => Uint8Array.of(byte));
          }),
      });
      const start = [left.settle(), right.settle()] as const;
      expect(start[0].sent).toBe(start[1].received);
      expect(start[0].received).toBe(start[1].sent);
      await left.send(ping, undefined, { token });
      await left.send(ping, undefined, { token });
      const first = left.settle();
      expect(first.sent - start[0].sent).toBe(2 * 11 + 21);
      await left.send(ping, undefined, { token });
      const second = left.settle();
      expect(second.sent - first.sent).toBe(11 + 21);
      await right.receive(ping, undefined);
      expect(right.settle().received).toBe(start[1].received);
      await right.receive(ping, undefined);
      expect(right.settle().received).toBe(first.sent);
      await right.receive(ping, undefined);
      expect(right.settle().received).toBe(second.sent);
    }
  });

  test('messages in a row share one record, and one flight', async () => {
    let records = 0;
    const [left, right] = await links({
      afterHandshake: (channel) =>
        rewriting(channel, (chunk) => {
          records += 1;
          return [chunk];
        }),
    });
    const before = left.stats;
    for (let index = 0; index < 50; index += 1) await left.send(ping, undefined, { token });
    for (let index = 0; index < 50; index += 1) await right.receive(ping, undefined);
    expect(records).toBe(1);
    expect(left.stats.sent - before.sent).toBe(50 * 11 + 21);
    expect(left.stats.flights).toBe(3);
    expect(right.stats.flights).toBe(3);
    expect(right.stats.received).toBe(left.stats.sent);
    await right.send(ping, undefined, { token });
    await left.receive(ping, undefined);
    expect([left.stats.flights, right.stats.flights]).toEqual([4, 4]);
  });

  test('a field of another length is our own mistake and is not sent', async () => {
    const [left] = await links();
    await expect(left.send(ping, undefined, { token: token.subarray(1) })).rejects.toThrow('has 3 bytes');
  });

  test('a small field may be reused at once', async () => {
    const [left, right] = await links();
    const own = token.slice();
    const sent = left.send(ping, undefined, { token: own });
    own.fill(0);
    await sent;
    expect((await right.receive(ping, undefined)).token).toEqual(token);
  });

  test('a peer that does not read makes the sender wait, then time out', async () => {
    const [left, right] = await links({ timeout: 100, wait: 200, channels: await tcpChannelPair() });
    const flood = async () => {
      for (;;) await left.send(blob, 1 << 20, { head: token.subarray(2), body: new Uint8Array(1 << 20) });
    };
    // The peer computes for ever: it shows that it lives, and takes nothing.
    await expect(flood()).rejects.toThrow(failed('ERR_TIMEOUT'));
    expect(right.stats.received).toBeLessThan(8 << 20);
    expect(left.stats.sent).toBeLessThan(64 << 20);
  });

  test('silence ends a receive in time, and both sides know', async () => {
    const [left, right] = await links({ timeout: 50, wait: 1_000 });
    const results = await Promise.allSettled([left.receive(ping, undefined), right.receive(ping, undefined)]);
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: /^ERR_(TIMEOUT|PEER_ABORTED)$/ } });
    }
    expect(results.map((result) => (result as PromiseRejectedResult).reason.code)).toContain('ERR_TIMEOUT');
  });

  test('a peer that is busy shows that it lives, up to the longer clock', async () => {
    const [left, right] = await links({ timeout: 60, wait: 10_000 });
    const waiting = left.receive(ping, undefined);
    await new Promise((resolve) => setTimeout(resolve, 250));
    await right.send(ping, undefined, { token });
    expect((await waiting).token).toEqual(token);
    left.begin({ timeout: 60, wait: 150 });
    await expect(left.receive(ping, undefined)).rejects.toThrow(failed('ERR_TIMEOUT'));
  });

  test('a peer that vanishes without a word times out', async () => {
    const silent = { now: false };
    const [left] = await links({
      timeout: 50,
      channels: ((pair) => [pair[0], rewriting(pair[1], (chunk) => (silent.now ? [] : [chunk]))])(
        memoryChannelPair(),
      ) as [Channel, Channel],
    });
    silent.now = true;
    await expect(left.receive(ping, undefined)).rejects.toThrow(failed('ERR_TIMEOUT'));
    const [closing] = await links({
      timeout: 50,
      afterHandshake: (channel) => rewriting(channel, () => []),
    });
    await expect(closing.close()).rejects.toThrow(failed('ERR_TIMEOUT'));
  });

  test('every way of tampering with records on the wire is noticed', async () => {
    const big = 300_000;
    const ways: Record<string, (chunk: Uint8Array, index: number) => Uint8Array[]> = {
      garbage: () => [testRandom(9)(64)],
      flipped: (chunk) => {
        chunk[chunk.length - 1]! ^= 1;
        return [chunk];
      },
      repeated: (chunk) => [chunk, chunk],
      oversized: () => [Uint8Array.of(0xff, 0xff, 0xff, 0xff)],
    };
    for (const [name, way] of Object.entries(ways)) {
      const [left, right] = await links({
        afterHandshake: (channel) => rewriting(channel, way),
        timeout: 300,
      });
      await left.send(ping, undefined, { token });
      left.flush();
      const receiving = async () => {
        await right.receive(ping, undefined);
        await right.receive(blob, big);
      };
      await expect(receiving(), name).rejects.toThrow(failed('ERR_PEER_CHEATED'));
    }
    // The first record held back until after the second.
    const held: Uint8Array[] = [];
    const [left, right] = await links({
      afterHandshake: (channel) =>
        rewriting(channel, (chunk) => {
          held.push(chunk);
          return held.length === 1 ? [] : [chunk, held[0]!];
        }),
    });
    for (let index = 0; index < 2; index += 1) {
      await left.send(ping, undefined, { token });
      left.flush();
    }
    await expect(right.receive(ping, undefined)).rejects.toThrow(failed('ERR_PEER_CHEATED'));
  });

  test('a peer that closes while more was due has left', async () => {
    const [left, right] = await links();
    const waiting = right.receive(ping, undefined);
    const closing = left.close();
    await expect(waiting).rejects.toThrow(failed('ERR_PEER_LEFT'));
    await expect(closing).rejects.toThrow(failed('ERR_PEER_LEFT'));
  });

  test('closing waits until what was sent has been taken', async () => {
    const [left, right] = await links({ timeout: 100 });
    await left.send(ping, undefined, { token });
    let closed = false;
    const closing = left.close().then(() => {
      closed = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(closed).toBe(false);
    await right.receive(ping, undefined);
    await right.close();
    await closing;
  });

  test('destroy leaves nothing pending', async () => {
    const [left, right] = await links();
    const receiving = left.receive(ping, undefined);
    left.destroy();
    await expect(receiving).rejects.toThrow(failed('ERR_CLOSED'));
    await expect(right.receive(ping, undefined)).rejects.toThrow(failed('ERR_PEER_LEFT'));
    await expect(left.close()).rejects.toThrow(failed('ERR_CLOSED'));
  });
});
