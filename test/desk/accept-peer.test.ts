import { connect as connectSocket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { acceptPeer } from '../../src/desk/accept-peer.ts';
import { generateIdentity } from '../../src/documents/identity.ts';
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
