import { generateKeyPairSync, sign } from 'node:crypto';
import { decodePublicKey } from '../../src/crypto/ed25519.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import type { Channel } from '../../src/link/channel.ts';
import { type Handshaken, type HandshakeOptions, handshake, type Signer } from '../../src/link/handshake.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import { SecureLink } from '../../src/link/secure-link.ts';
import { connect, listen } from '../../src/node/net/tcp.ts';

/** A fresh Ed25519 identity. */
export function makeSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url');
  return { publicKey: decodePublicKey(raw), sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)) };
}

/** Two ends of a loopback connection; the first dialled. */
export async function tcpChannelPair(): Promise<[Channel, Channel]> {
  const listener = await listen({ host: '127.0.0.1', port: 0 });
  const [left, right] = await Promise.all([connect(listener.address), listener.accept()]);
  await listener.close();
  return [left, right!];
}

/** A deterministic generator for tests. */
export function testRandom(seed: number) {
  return seededRandom(new Uint8Array(16).fill(seed));
}

export type Chunk = Uint8Array;

/**
 * A channel that passes what it sends through a function, which gives the chunks to send instead. Chunk boundaries are those
 * of the sender's writes.
 */
export function rewriting(channel: Channel, rewrite: (chunk: Chunk, index: number) => Chunk[]): Channel {
  let index = 0;
  return {
    initiator: channel.initiator,
    async send(bytes) {
      for (const chunk of rewrite(Uint8Array.from(bytes), index++)) await channel.send(chunk);
    },
    receive: () => channel.receive(),
    close: () => channel.close(),
    destroy: () => channel.destroy(),
  };
}

export const initiatorIdentity = makeSigner();
export const responderIdentity = makeSigner();

type Overrides = Partial<HandshakeOptions>;

/** Both sides of a handshake over memory, each settled. */
export function shakeHands(
  initiator: Overrides = {},
  responder: Overrides = {},
  [left, right]: [Channel, Channel] = memoryChannelPair(),
): Promise<[PromiseSettledResult<Handshaken>, PromiseSettledResult<Handshaken>]> {
  return Promise.allSettled([
    handshake({ channel: left, initiator: true, identity: initiatorIdentity, timeout: 2_000, ...initiator }),
    handshake({
      channel: right,
      initiator: false,
      identity: responderIdentity,
      timeout: 2_000,
      ...responder,
    }),
  ]);
}

/** Two secure links over a fresh handshake. `left` dialled. */
export async function secureLinks(
  options: {
    timeout?: number;
    wait?: number;
    channels?: [Channel, Channel];
    afterHandshake?: (channel: Channel) => Channel;
  } = {},
): Promise<[SecureLink, SecureLink]> {
  const {
    timeout = 2_000,
    wait = 5_000,
    channels = memoryChannelPair(),
    afterHandshake = (same) => same,
  } = options;
  const [left, right] = await shakeHands({}, {}, channels);
  if (left.status !== 'fulfilled' || right.status !== 'fulfilled') throw new Error('handshake failed');
  return [
    new SecureLink({
      channel: afterHandshake(channels[0]),
      initiator: true,
      handshaken: left.value,
      timeout,
      wait,
    }),
    new SecureLink({ channel: channels[1], initiator: false, handshaken: right.value, timeout, wait }),
  ];
}
