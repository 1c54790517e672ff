import { connect as connectSocket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { acceptPeer } from '../../src/desk/accept-peer.ts';
import { generateIdentity } from '../../src/documents/identity.ts';
import type { Channel } from '../../src/link/channel.ts';
import { connect, listen } from '../../src/node/net/tcp.ts';
import { openSession } from '../../src/session/index.ts';

const HOST = '127.0.0.1';
const [host, peer] = [generateIdentity(), generateIdentity()];

async function waiting(options: { readonly wait?: number; readonly signal?: AbortSignal } = {}) {
  const listener = await listen({ host: HOST, port: 0, backlog: 128 });
  const refused: unknown[] = [];
  const accepted = acceptPeer({
    listener,
    wait: options.wait ?? 20_000,
    signal: options.signal ?? new AbortController().signal,
    open: (channel, signal) =>
      openSession({
        channel,
        initiator: false,
        identity: host,
        peer: peer.publicKey,
        handshakeTimeout: 5_000,
        signal,
      }),
    onRefused: (error) => refused.push(error),
  });
  accepted.catch(() => undefined);
  return { accepted, refused, port: listener.address.port };
}

async function join(port: number) {
  const channel = await connect({ host: HOST, port });
  return openSession({ channel, initiator: true, identity: peer, peer: host.publicKey });
}

describe('acceptPeer', () => {
  it('serves the peer through a flood of connections that are not it', async () => {
    const { accepted, refused, port } = await waiting({ wait: 90_000 });
    const flood = process.env.PARLEY_FULL ? 10_000 : 300;
    let closed = 0;
    const sockets = new Set<ReturnType<typeof connectSocket>>();
    const garbage = async (index: number) => {
      const socket = connectSocket(port, HOST).on('error', () => undefined);
      sockets.add(socket);
      socket.on('connect', () => {
        if (index % 3 === 0) socket.end();
        if (index % 3 === 1) socket.write('GET / HTTP/1.0\r\n\r\n');
      });
      socket.resume().on('close', () => {
        closed += 1;
        sockets.delete(socket);
      });
      await new Promise((resolve) => setTimeout(resolve, 1));
    };
    for (let index = 0; index < flood; index++) await garbage(index);
    const theirs = await join(port);
    const ours = await accepted;
    expect(ours.peer).toEqual(peer.publicKey);
    expect(ours.id).toEqual(theirs.id);
    expect(refused.length).toBeGreaterThan(flood / 3);
    await Promise.all([ours.close(), theirs.close()]);
    while (sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(closed).toBe(flood);
  }, 100_000);

  it('refuses a stranger and goes on waiting', async () => {
    const { accepted, refused, port } = await waiting();
    const channel = await connect({ host: HOST, port });
    const stranger = await openSession({ channel, initiator: true, identity: generateIdentity() });
    await new Promise((resolve) => stranger.onFailure(resolve));
    const theirs = await join(port);
    expect((await accepted).id).toEqual(theirs.id);
    expect(refused).toEqual([expect.objectContaining({ code: 'ERR_PEER_IDENTITY' })]);
    theirs.destroy();
    (await accepted).destroy();
  });

  it('ends when nobody comes, and when it is told to', async () => {
    const nobody = await waiting({ wait: 50 });
    await expect(nobody.accepted).rejects.toThrowError(expect.objectContaining({ code: 'ERR_TIMEOUT' }));
    await expect(connect({ host: HOST, port: nobody.port })).rejects.toThrowError(
      expect.objectContaining({ code: 'ERR_CONNECT' }),
    );
    const controller = new AbortController();
    const stopped = await waiting({ signal: controller.signal });
    controller.abort(new Error('stop'));
    await expect(stopped.accepted).rejects.toThrowError('stop');
  });
});

describe('acceptPeer, for who holds an invite', () => {
  const secret = new Uint8Array(16).fill(9);

  /** What an observer sees of an attempt that gets no further than its first message. */
  async function firstMessage(): Promise<Uint8Array> {
    let seen: Uint8Array | undefined;
    const tap: Channel = {
      initiator: true,
      async send(bytes) {
        seen = bytes.slice();
      },
      receive: async () => undefined,
      close: async () => undefined,
      destroy: () => undefined,
    };
    await expect(openSession({ channel: tap, identity: peer, secret })).rejects.toThrow();
    return seen!;
  }

  it('serves the guest although somebody repeats its first message as often as there are places', async () => {
    const listener = await listen({ host: HOST, port: 0, backlog: 128 });
    const refused: unknown[] = [];
    const accepted = acceptPeer({
      listener,
      wait: 60_000,
      signal: new AbortController().signal,
      invited: true,
      open: (channel, signal) =>
        openSession({ channel, initiator: false, identity: host, secret, handshakeTimeout: 30_000, signal }),
      onRefused: (error) => refused.push(error),
    });
    const bytes = await firstMessage();
    let answered = 0;
    const dropped: Promise<void>[] = [];
    const sockets: ReturnType<typeof connectSocket>[] = [];
    for (let index = 0; index < 128; index++) {
      const socket = connectSocket(listener.address.port, HOST).on('error', () => undefined);
      sockets.push(socket);
      const over = new Promise<void>((resolve) => {
        socket.once('data', () => {
          answered += 1;
          resolve();
        });
        socket.once('close', () => resolve());
      });
      dropped.push(over);
      socket.once('connect', () => socket.write(bytes));
    }
    await Promise.all(dropped);
    expect(answered).toBe(1); // whoever came first, as the guest's own message would have been
    const channel = await connect({ host: HOST, port: listener.address.port });
    const theirs = await openSession({ channel, initiator: true, identity: peer, secret });
    const ours = await accepted;
    expect(ours.id).toEqual(theirs.id);
    expect(refused).toEqual([]);
    for (const socket of sockets) socket.destroy();
    for (const session of [ours, theirs]) session.destroy();
  }, 60_000);
});
