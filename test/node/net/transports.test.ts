import { spawn } from 'node:child_process';
import { createConnection } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import type { Channel, Listener } from '../../../src/link/channel.ts';
import { formatEndpoint, parseEndpoint } from '../../../src/link/endpoint.ts';
import { enterRelay, listenAtRelay } from '../../../src/link/relay-client.ts';
import { encodeEntry } from '../../../src/link/relay-messages.ts';
import { dial, listenAt } from '../../../src/node/net/network.ts';
import { type RelayLimits, serveRelay } from '../../../src/node/net/relay.ts';
import { StreamChannel } from '../../../src/node/net/stream-channel.ts';
import { secureLinks, tcpChannelPair, testRandom } from '../../support/channels.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0)) await thing.close();
});

const at = (text: string) => parseEndpoint(text)!;

async function endpoints(transport: 'tcp' | 'ws') {
  const scheme = transport === 'ws' ? 'ws://' : '';
  const listener = await listenAt(at(`${scheme}127.0.0.1:0`), { backlog: 64 });
  open.push(listener);
  return { listener, endpoint: at(`${scheme}127.0.0.1:${listener.address.port}`) };
}

async function webSockets(): Promise<[Channel, Channel]> {
  const { listener, endpoint } = await endpoints('ws');
  const [left, right] = await Promise.all([dial(endpoint), listener.accept()]);
  return [left, right!];
}

async function pipes(): Promise<[Channel, Channel]> {
  const [forth, back] = [new PassThrough(), new PassThrough()];
  return [new StreamChannel(back, forth, true), new StreamChannel(forth, back, false)];
}

const room = new Uint8Array(32).fill(7);
const signal = new AbortController().signal;

async function relayed(transport: 'tcp' | 'ws', limits: Partial<RelayLimits> = {}) {
  const { listener, endpoint } = await endpoints(transport);
  const relay = serveRelay([listener], limits);
  open.push(relay);
  const dialRelay = () => dial(endpoint);
  return { relay, endpoint, dialRelay };
}

async function throughRelay(transport: 'tcp' | 'ws'): Promise<[Channel, Channel]> {
  const { dialRelay } = await relayed(transport);
  return Promise.all([
    enterRelay({ side: 'joiner', room, dial: dialRelay, signal }),
    enterRelay({ side: 'host', room, dial: dialRelay, signal }),
  ]);
}

/** Takes exactly `length` bytes from a channel. */
async function take(channel: Channel, length: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for (let have = 0; have < length; ) {
    const chunk = await channel.receive();
    if (chunk === undefined) throw new Error('ended');
    parts.push(chunk);
    have += chunk.length;
  }
  return Buffer.concat(parts);
}

describe.each<[string, () => Promise<[Channel, Channel]>]>([
  ['TCP', tcpChannelPair],
  ['a WebSocket', webSockets],
  ['a pair of streams', pipes],
  ['a relay over TCP', () => throughRelay('tcp')],
  ['a relay over WebSockets', () => throughRelay('ws')],
])('%s', (_, connect) => {
  it('carries bytes both ways, in order, more than any buffer holds', async () => {
    const [left, right] = await connect();
    expect([left.initiator, right.initiator]).toEqual([true, false]);
    const bytes = testRandom(1)(5_000_000);
    const send = async (from: Channel) => {
      for (const end of [1, 70_000, 70_001, 3_500_000, 5_000_000].entries()) {
        const begin = [0, 1, 70_000, 70_001, 3_500_000][end[0]]!;
        await from.send(bytes.slice(begin, end[1]));
      }
    };
    const [, , forth, back] = await Promise.all([
      send(left),
      send(right),
      take(right, bytes.length),
      take(left, bytes.length),
    ]);
    expect(Buffer.compare(forth, bytes)).toBe(0);
    expect(Buffer.compare(back, bytes)).toBe(0);
    await left.send(Uint8Array.of(1, 2, 3));
    await left.close();
    expect(await take(right, 3)).toEqual(Buffer.of(1, 2, 3));
    expect(await right.receive().catch(() => undefined)).toBeUndefined();
    await right.close();
    await expect(left.send(Uint8Array.of(1))).rejects.toThrowError();
  });

  it('carries a session, which ends in order', async () => {
    const [left, right] = await secureLinks({ channels: await connect() });
    await Promise.all([left.close(), right.close()]);
  });

  it('tells a side that the other has gone', async () => {
    const [left, right] = await connect();
    const waiting = right.receive();
    left.destroy();
    const end = await waiting.catch((error: unknown) => error);
    if (end !== undefined) expect(end).toMatchObject({ code: 'ERR_PEER_LEFT' });
    await expect(left.send(Uint8Array.of(1))).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    right.destroy();
  });
});

describe('endpoints', () => {
  it.each([
    'host.example:4466',
    '127.0.0.1:1',
    '[::1]:4466',
    'ws://127.0.0.1:80',
    'wss://host.example:443/a/b',
  ])('%s is written as it was read', (text) => {
    expect(formatEndpoint(at(text))).toBe(text);
  });
  it.each([
    '',
    'host',
    ':1',
    'host:',
    'host:99999',
    'host:1/path',
    'tcp://host:1',
    'ws://',
    'ws://h/\u0000',
    'a b:1',
    'ws://h?q',
  ])('%j is none', (text) => {
    expect(parseEndpoint(text)).toBeUndefined();
  });
  it('does not pretend to listen with TLS', async () => {
    await expect(listenAt(at('wss://127.0.0.1:0'))).rejects.toMatchObject({ code: 'ERR_USAGE' });
  });
});

/** What a raw connection gets back until it is closed. */
function raw(port: number, ...bytes: (string | Uint8Array)[]): Promise<Buffer> {
  return new Promise((resolve) => {
    const got: Buffer[] = [];
    const socket = createConnection({ port, host: '127.0.0.1' }, () => {
      for (const part of bytes) socket.write(part);
    });
    socket.on('data', (chunk) => got.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Buffer.concat(got)));
  });
}

describe('a listener for WebSockets', () => {
  it.each([
    ['garbage', '\u0000\u0001 nothing like HTTP\r\n\r\n'],
    ['a web page', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a request without a host', 'GET / HTTP/1.1\r\n\r\n'],
    [
      'an upgrade to something else',
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    ],
    [
      'an upgrade without a key',
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    ],
    ['a header without end', `GET / HTTP/1.1\r\nA: ${'a'.repeat(20_000)}`],
  ])('answers %s with nothing, and goes on', async (_, text) => {
    const { listener, endpoint } = await endpoints('ws');
    expect(await raw(listener.address.port, text)).toHaveLength(0);
    const [mine, theirs] = await Promise.all([dial(endpoint), listener.accept()]);
    mine.destroy();
    theirs!.destroy();
  });

  it('refuses a message longer than any that Parley sends', async () => {
    const { WebSocket } = await import('ws');
    const { listener, endpoint } = await endpoints('ws');
    const socket = new WebSocket(formatEndpoint(endpoint));
    const theirs = await listener.accept();
    socket.on('error', () => undefined);
    if (socket.readyState !== WebSocket.OPEN) await new Promise((resolve) => socket.once('open', resolve));
    socket.send(new Uint8Array((1 << 20) + 1));
    expect(await theirs!.receive().catch((error: { code: string }) => error.code)).toBe('ERR_PEER_LEFT');
  });

  it('says when nobody answers', async () => {
    const { listener, endpoint } = await endpoints('ws');
    await listener.close();
    await expect(dial(endpoint)).rejects.toMatchObject({ code: 'ERR_CONNECT' });
    await expect(dial(endpoint, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ERR_CANCELLED',
    });
  });
});

describe('standard input and output', () => {
  it('of a child are a channel', async () => {
    const child = spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'] });
    const channel = new StreamChannel(child.stdout, child.stdin, true);
    const bytes = testRandom(2)(300_000);
    const sent = channel.send(bytes.slice());
    expect(Buffer.compare(await take(channel, bytes.length), bytes)).toBe(0);
    await sent;
    await channel.close();
  });
});

describe('a relay', () => {
  const settle = () => new Promise((resolve) => setTimeout(resolve, 50));
  const enter = (
    relay: { dialRelay: () => Promise<Channel> },
    side: 'host' | 'joiner',
    name = room,
    wait = 5_000,
  ) => enterRelay({ side, room: name, dial: relay.dialRelay, signal, wait });
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'done',
      (error: { message: string }) => error.message,
    );

  it.each([
    ['garbage', new Uint8Array(41).fill(1)],
    ['another version', encodeEntry({ side: 'host', room }).with(7, 2)],
    ['a third side', encodeEntry({ side: 'host', room }).with(8, 2)],
    ['bytes before it is paired', new Uint8Array([...encodeEntry({ side: 'host', room }), 1])],
  ])('answers %s with nothing', async (_, bytes) => {
    const { endpoint, relay } = await relayed('tcp');
    expect(await raw(endpoint.port, bytes)).toHaveLength(0);
    expect(relay.stats).toEqual({ rooms: 0, pairs: 0 });
  });

  it('is entered in the same words from version to version', () => {
    const entry = encodeEntry({ side: 'joiner', room });
    expect(Buffer.from(entry).toString('hex')).toMatchInlineSnapshot(
      `"5041524c45595201010707070707070707070707070707070707070707070707070707070707070707"`,
    );
  });

  it('pairs a host with a joiner of the same room only, and forgets the room', async () => {
    const there = await relayed('tcp');
    const other = new Uint8Array(32).fill(8);
    const hosts = [enter(there, 'host'), enter(there, 'host'), enter(there, 'host', other)];
    await settle();
    expect(there.relay.stats).toEqual({ rooms: 2, pairs: 0 });
    const joined = await enter(there, 'joiner', other);
    const hosted = await hosts[2]!;
    await joined.send(Uint8Array.of(5));
    expect(await take(hosted, 1)).toEqual(Buffer.of(5));
    expect(there.relay.stats).toEqual({ rooms: 1, pairs: 1 });
    joined.destroy();
    await hosted.receive().catch(() => undefined);
    await settle();
    expect(there.relay.stats).toEqual({ rooms: 1, pairs: 0 });
    await there.relay.close();
    expect(await codeOf(hosts[0]!)).toMatch(/relay closed/);
    await codeOf(hosts[1]!);
    expect(there.relay.stats.rooms).toBe(0);
  });

  it('keeps to its limits', async () => {
    const few = await relayed('tcp', {
      rooms: 1,
      waitingInRoom: 2,
      entryTime: 100,
      waitingTime: 1_500,
      entering: 4,
      penalty: 0,
    });
    expect(await raw(few.endpoint.port, 'P')).toHaveLength(0);
    const early = Array.from({ length: 6 }, () => raw(few.endpoint.port));
    expect(await Promise.all(early)).toHaveLength(6);
    const first = codeOf(enter(few, 'host'));
    const late = [codeOf(enter(few, 'host')), codeOf(enter(few, 'host'))];
    await settle();
    expect(await first).toMatch(/relay closed/);
    expect(await codeOf(enter(few, 'host', new Uint8Array(32)))).toMatch(/full/);
    expect(await late[1]!).toMatch(/relay closed/);
    expect(await codeOf(enter(few, 'joiner', room, 50))).toMatch(/not at the relay/);
    await late[0]!;
  });

  it('ends a pair that goes over its bytes, or its time', async () => {
    const small = await relayed('tcp', { pairBytes: 1_000, pairTime: 60_000 });
    const [left, right] = await Promise.all([enter(small, 'joiner'), enter(small, 'host')]);
    await left.send(new Uint8Array(1_000));
    await take(right, 1_000);
    await right.send(new Uint8Array(1)).catch(() => undefined);
    expect(await left.receive().catch(() => undefined)).toBeUndefined();
    const short = await relayed('tcp', { pairTime: 100, pairs: 1 });
    const [one] = await Promise.all([enter(short, 'joiner'), enter(short, 'host')]);
    const third = enter(short, 'host', new Uint8Array(32));
    await settle();
    expect(await codeOf(enter(short, 'joiner', new Uint8Array(32)))).toMatch(/full/);
    expect(await one.receive().catch(() => undefined)).toBeUndefined();
    await short.relay.close();
    await codeOf(third);
  });

  it('is waited at by a host that strangers come to', async () => {
    const there = await relayed('tcp');
    const stop = new AbortController();
    const host = await listenAtRelay({
      room,
      dial: there.dialRelay,
      signal: stop.signal,
      address: { host: '127.0.0.1', port: there.endpoint.port },
    });
    for (let i = 0; i < 5; i++) {
      const channel = await enter(there, 'joiner');
      await channel.send(Uint8Array.of(i));
      const theirs = await host.accept();
      expect(await take(theirs!, 1)).toEqual(Buffer.of(i));
      if (i % 2 === 0) theirs!.destroy();
      else channel.destroy();
    }
    await host.close();
    expect(await host.accept()).toBeUndefined();
    stop.abort();
  });

  it('that is not there is an error, and so is something else in its place', async () => {
    const { listener, endpoint } = await endpoints('tcp');
    const refused = codeOf(enter({ dialRelay: () => dial(endpoint) }, 'joiner'));
    const wrong: Listener = listener;
    await (await wrong.accept())!.send(Uint8Array.of(72));
    expect(await refused).toMatch(/not a Parley relay/);
    await listener.close();
    const gone = listenAtRelay({ room, dial: () => dial(endpoint), signal, address: endpoint });
    await expect(gone).rejects.toMatchObject({ code: 'ERR_CONNECT' });
  });
});
