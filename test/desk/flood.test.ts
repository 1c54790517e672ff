import { createConnection, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { acceptPeer } from '../../src/desk/accept-peer.ts';
import { fingerprint, generateIdentity } from '../../src/documents/identity.ts';
import type { Channel } from '../../src/link/channel.ts';
import { parseEndpoint } from '../../src/link/endpoint.ts';
import { WIRE_VERSION } from '../../src/link/handshake.ts';
import { dial, listenAt } from '../../src/node/net/network.ts';
import { openSession } from '../../src/session/index.ts';

const [host, peer] = [generateIdentity(), generateIdentity()];
const secret = new Uint8Array(16).fill(9);
/** Message 1 of somebody without the invite: preamble with the invite's mark, then what only looks like Noise. */
const forged = Buffer.concat([Buffer.from('PARLEY'), Buffer.of(WIRE_VERSION, 1), Buffer.alloc(48, 5)]);
const COUNT = process.env.PARLEY_FULL ? 10_000 : 600;

/** A host that waits for who holds the invite. */
async function waiting(transport: '' | 'ws://') {
  const listener = await listenAt(parseEndpoint(`${transport}127.0.0.1:0`)!, { backlog: 128 });
  const refused: unknown[] = [];
  const accepted = acceptPeer({
    listener,
    wait: 100_000,
    signal: new AbortController().signal,
    invited: true,
    open: (channel, signal) =>
      openSession({ channel, initiator: false, identity: host, secret, handshakeTimeout: 5_000, signal }),
    onRefused: (error) => refused.push(error),
  });
  return { accepted, refused, port: listener.address.port };
}

/** A channel on which everything that is sent takes a while to leave. */
function slow(channel: Channel, milliseconds: number): Channel {
  return {
    initiator: true,
    async send(bytes) {
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      return channel.send(bytes);
    },
    receive: () => channel.receive(),
    close: () => channel.close(),
    destroy: () => channel.destroy(),
  };
}

describe.each(['', 'ws://'] as const)('a flood of strangers (%s)', (transport) => {
  it('is answered with nothing, and the one with the invite is served meanwhile', async () => {
    const { accepted, refused, port } = await waiting(transport);
    const open = new Set<Socket>();
    let [answered, over, flooding] = [0, 0, true];
    const stranger = (kind: number) => {
      const socket = createConnection({ host: '127.0.0.1', port });
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        answered += bytes.length;
      });
      socket.on('close', () => {
        over += 1;
        open.delete(socket);
      });
      if (kind === 0) socket.write(forged);
      if (kind === 1) socket.write('GET / HTTP/1.1\r\n\r\n');
      if (kind === 2) socket.end();
    };
    let made = 0;
    const flood = async () => {
      for (; made < COUNT || flooding; made++) {
        stranger(made % 4);
        if (made % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
        while (open.size > 250) await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const flooded = flood();
    while (made < COUNT / 2) await new Promise((resolve) => setTimeout(resolve, 5));
    // Message 3 comes a while after message 1, and many strangers in between.
    const channel = await dial(parseEndpoint(`${transport}127.0.0.1:${port}`)!);
    const expected = await fingerprint(host.publicKey);
    const theirs = await openSession({
      channel: slow(channel, 150),
      identity: peer,
      secret,
      accept: async (key) => (await fingerprint(key)) === expected,
    });
    const ours = await accepted;
    flooding = false;
    expect(ours.peer).toEqual(peer.publicKey);
    await flooded;
    expect(made).toBeGreaterThanOrEqual(COUNT);
    if (transport === '') expect(refused.length).toBeGreaterThan(100);
    expect(answered).toBe(0);
    expect(ours.id).toEqual(theirs.id);
    ours.destroy();
    theirs.destroy();
    for (let tries = 0; over < made && tries < 3_000; tries++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(over).toBe(made);
  }, 110_000);
});
