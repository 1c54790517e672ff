import { createConnection } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { AcceptQueue } from '../../../src/link/accept-queue.ts';
import type { Channel } from '../../../src/link/channel.ts';
import { parseIpAddress, scopeOf, subscriberOf } from '../../../src/link/ip-address.ts';
import { memoryChannelPair } from '../../../src/link/memory.ts';
import { encodeEntry, type RelaySide, relayStatus } from '../../../src/link/relay-messages.ts';
import { listenAt } from '../../../src/node/net/network.ts';
import { type RelayLimits, serveRelay } from '../../../src/node/net/relay.ts';
import { Addresses } from '../../../src/node/net/relay-addresses.ts';

const { waiting, paired, full } = relayStatus;
const closing: (() => Promise<void>)[] = [];
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(async () => {
  vi.useRealTimers();
  for (const close of closing.splice(0)) await close();
});

/** A relay to which connections come from addresses that the test makes up. */
function relay(limits: Partial<RelayLimits> = {}) {
  const queue = new AcceptQueue();
  const there = serveRelay(
    [
      {
        address: { host: '', port: 0 },
        accept: () => queue.next(),
        close: async () => queue.close(),
      },
    ],
    limits,
  );
  closing.push(() => there.close());
  const connect = async (remote: string | undefined): Promise<Channel> => {
    const [near, far] = memoryChannelPair();
    queue.add({
      initiator: false,
      remote,
      send: (bytes) => far.send(bytes),
      receive: () => far.receive(),
      close: () => far.close(),
      destroy: () => far.destroy(),
    });
    return near;
  };
  /** Enters a room; gives the connection and the relay's first word, undefined where it has none. */
  const enter = async (remote: string | undefined, side: RelaySide, room: number) => {
    const channel = await connect(remote);
    await channel.send(encodeEntry({ side, room: new Uint8Array(32).fill(room) }));
    const [word] = (await channel.receive().catch(() => undefined)) ?? [];
    return { channel, word };
  };
  return { there, connect, enter };
}

const isOpen = async (channel: Channel) => {
  let open = true;
  channel.receive().then(
    (bytes) => {
      open = bytes !== undefined;
    },
    () => {
      open = false;
    },
  );
  await vi.advanceTimersByTimeAsync(1);
  return open;
};

describe('a relay', () => {
  it('ends a pair that carries nothing, and not one that does', async () => {
    const { there, enter } = relay();
    const pairs = await Promise.all(
      [1, 2].map(async (room) => [
        await enter(`192.0.2.${room}`, 'host', room),
        await enter(`192.0.2.${room}`, 'joiner', room),
      ]),
    );
    expect(pairs.flat().map(({ word }) => word)).toEqual([waiting, paired, waiting, paired]);
    const [, [host, joiner]] = pairs;
    expect(await host!.channel.receive()).toEqual(Uint8Array.of(paired));
    for (let turn = 0; turn < 6; turn++) {
      await vi.advanceTimersByTimeAsync(50_000);
      const [from, to] = turn % 2 === 0 ? [host!, joiner!] : [joiner!, host!];
      await from.channel.send(Uint8Array.of(turn));
      expect(await to.channel.receive()).toEqual(Uint8Array.of(turn));
    }
    expect(there.stats).toEqual({ rooms: 0, pairs: 1 });
    expect(await isOpen(joiner!.channel)).toBe(true);
    await vi.advanceTimersByTimeAsync(121_000);
    expect(there.stats).toEqual({ rooms: 0, pairs: 0 });
  });

  it('cannot be held by the idle sockets of one address', async () => {
    const { there, enter } = relay();
    const words: unknown[] = [];
    for (let i = 0; i < 128; i++) {
      for (const side of ['host', 'joiner'] as const) {
        words.push((await enter(`2001:db8:0:1::${i.toString(16)}`, side, i)).word);
        await vi.advanceTimersByTimeAsync(40_000 / 256);
      }
    }
    expect(there.stats.pairs).toBe(16);
    expect(words.filter((word) => word === full).length).toBeGreaterThan(100);
    const host = await enter('2001:db8:0:2::1', 'host', 200);
    const joiner = await enter('192.0.2.1', 'joiner', 200);
    expect([host.word, joiner.word]).toEqual([waiting, paired]);
  });

  it('lets one address wait in so many rooms, and no more', async () => {
    const { enter } = relay({ byAddress: { entering: 9, waiting: 3, paired: 9 }, penalty: 0 });
    const words = [];
    for (let room = 0; room < 4; room++) words.push((await enter('192.0.2.1', 'host', room)).word);
    expect(words).toEqual([waiting, waiting, waiting, full]);
    expect((await enter('192.0.2.2', 'host', 9)).word).toBe(waiting);
    const joiner = await enter('192.0.2.3', 'joiner', 0);
    expect(joiner.word).toBe(paired);
    expect((await enter('192.0.2.1', 'host', 4)).word).toBe(waiting); // its first has been paired
  });

  it('reads the room of so many connections of one address at a time', async () => {
    const { connect, enter } = relay({ byAddress: { entering: 2, waiting: 9, paired: 9 } });
    const silent = [await connect('192.0.2.1'), await connect('192.0.2.1'), await connect('192.0.2.1')];
    expect(await Promise.all(silent.map(isOpen))).toEqual([true, true, false]);
    expect((await enter('192.0.2.1', 'host', 1)).word).toBeUndefined();
    expect((await enter('192.0.2.2', 'host', 1)).word).toBe(waiting);
    await vi.advanceTimersByTimeAsync(5_000);
    expect((await enter('192.0.2.1', 'host', 2)).word).toBe(waiting);
  });

  it('refuses whoever was refused for a while, longer each time, and nobody else', async () => {
    const { enter } = relay({ rooms: 1 });
    const first = await enter('192.0.2.1', 'host', 1);
    expect((await enter('192.0.2.2', 'host', 2)).word).toBe(full);
    first.channel.destroy();
    await vi.advanceTimersByTimeAsync(500);
    expect((await enter('192.0.2.2', 'host', 2)).word).toBe(full); // there is room, but not for this one
    await vi.advanceTimersByTimeAsync(1_500);
    expect((await enter('192.0.2.2', 'host', 2)).word).toBe(full);
    const other = await enter('192.0.2.3', 'host', 3);
    expect(other.word).toBe(waiting);
    other.channel.destroy();
    await vi.advanceTimersByTimeAsync(4_001);
    expect((await enter('192.0.2.2', 'host', 2)).word).toBe(waiting);
  });

  it('has no limit by address where there are no addresses', async () => {
    const { enter } = relay({ byAddress: { entering: 1, waiting: 1, paired: 1 } });
    const words = [];
    for (let room = 0; room < 3; room++) words.push((await enter(undefined, 'host', room)).word);
    expect(words).toEqual([waiting, waiting, waiting]);
  });
});

describe('what is known of addresses', () => {
  it('is bounded', () => {
    const addresses = new Addresses({ waiting: 1 }, 60_000);
    for (let i = 0; i < 4_097; i++) addresses.refuse(`10.0.${i >> 8}.${i & 255}`);
    expect(addresses.isRefused('10.0.0.0')).toBe(false);
    expect(addresses.isRefused('10.0.0.1')).toBe(true);
  });

  it('frees a place once', () => {
    const addresses = new Addresses({ waiting: 2 }, 0);
    const leave = addresses.take('waiting', '192.0.2.1')!;
    addresses.take('waiting', '::ffff:192.0.2.1');
    leave();
    leave();
    expect(addresses.take('waiting', '192.0.2.1')).toBeDefined();
    expect(addresses.take('waiting', '192.0.2.1')).toBeUndefined();
  });
});

describe('an address', () => {
  it.each([
    ['192.0.2.1', 'anywhere', '192.0.2.1'],
    ['10.1.2.3', 'network', '10.1.2.3'],
    ['172.16.0.1', 'network', '172.16.0.1'],
    ['172.32.0.1', 'anywhere', '172.32.0.1'],
    ['192.168.1.5', 'network', '192.168.1.5'],
    ['100.64.0.1', 'network', '100.64.0.1'],
    ['100.128.0.1', 'anywhere', '100.128.0.1'],
    ['169.254.1.1', 'network', '169.254.1.1'],
    ['127.0.0.1', 'machine', '127.0.0.1'],
    ['::1', 'machine', '0.0.0.0.0.0.0.0/64'],
    ['0:0:0:0:0:0:0:1', 'machine', '0.0.0.0.0.0.0.0/64'],
    ['::ffff:192.168.1.5', 'network', '192.168.1.5'],
    ['fd00::1', 'network', '253.0.0.0.0.0.0.0/64'],
    ['fe80::1%eth0', 'network', '254.128.0.0.0.0.0.0/64'],
    ['2001:db8:0:1:2:3:4:5', 'anywhere', '32.1.13.184.0.0.0.1/64'],
    ['2001:DB8:0:1::', 'anywhere', '32.1.13.184.0.0.0.1/64'],
    ['localhost', 'machine', 'localhost'],
    ['printer.local', 'network', 'printer.local'],
    ['10.example', 'anywhere', '10.example'],
  ])('%s reaches from %s', (host, scope, subscriber) => {
    expect(scopeOf(host)).toBe(scope);
    expect(subscriberOf(host)).toBe(subscriber);
  });

  it.each([
    '',
    ':',
    '1.2.3',
    '1.2.3.256',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '::12345',
    'g::1',
    '1:2:3:4:5:6:7:8::',
    '1.2.3.4::1',
  ])('%j is none', (text) => {
    expect(parseIpAddress(text)).toBeUndefined();
  });
});

describe('a listener', () => {
  beforeEach(() => vi.useRealTimers());

  it('knows where a connection comes from', async () => {
    const listener = await listenAt({ transport: 'tcp', host: '127.0.0.1', port: 0, path: '' });
    closing.push(() => listener.close());
    const socket = createConnection(listener.address.port, '127.0.0.1');
    expect((await listener.accept())!.remote).toBe('127.0.0.1');
    socket.destroy();
  });

  it.each([
    ['198.51.100.1, 203.0.113.9', true, '203.0.113.9'],
    ['nobody', true, '127.0.0.1'],
    [undefined, true, '127.0.0.1'],
    ['203.0.113.9', false, '127.0.0.1'],
  ])('believes %s of a WebSocket behind a proxy (%s) only', async (named, behindProxy, remote) => {
    const endpoint = { transport: 'ws', host: '127.0.0.1', port: 0, path: '/' } as const;
    const listener = await listenAt(endpoint, { behindProxy });
    closing.push(() => listener.close());
    const headers = named === undefined ? {} : { 'X-Forwarded-For': named };
    const socket = new WebSocket(`ws://127.0.0.1:${listener.address.port}`, { headers });
    socket.on('error', () => undefined); // left before it was answered
    expect((await listener.accept())!.remote).toBe(remote);
    socket.terminate();
  });
});
