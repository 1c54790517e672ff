import { concatBytes } from '../../src/crypto/bytes.ts';
import { decodeBase64url } from '../../src/crypto/encoding.ts';
import { hash } from '../../src/crypto/hash.ts';
import type { Random } from '../../src/crypto/random.ts';
import { tags } from '../../src/crypto/tags.ts';
import { rawPublicKey } from '../../src/documents/identity.ts';
import type { Channel } from '../../src/link/channel.ts';
import { handshake as shakeHands } from '../../src/link/handshake.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import { invitePsk } from '../../src/link/noise.ts';
import { recordKey } from '../../src/link/records.ts';
import { people } from './people.ts';
import { hex, type Maker, type Members, seeded } from './shape.ts';

export const handshake: Maker = {
  about:
    'Handshakes without and with an invite: all keys, every byte that is sent, and what both sides derive.',
  make: async () => ({
    handshakes: [await handshakeWith(undefined), await handshakeWith(seeded(50)(16))],
  }),
};

async function handshakeWith(secret: Uint8Array | undefined): Promise<Members> {
  const sent: Uint8Array[] = [];
  const [left, right] = memoryChannelPair().map((channel) => recording(channel, sent));
  const keys = { initiator: noiseKeys(seeded(51)), responder: noiseKeys(seeded(52)) };
  const early = seeded(53)(32);
  const common = { secret, timeout: 600_000 };
  const [initiator, responder] = [people.seller(), people.buyer()];
  const signer = (of: typeof initiator) => ({
    publicKey: rawPublicKey(of.publicKey),
    sign: (bytes: Uint8Array) => of.sign(bytes),
  });
  const [own] = await Promise.all([
    shakeHands({
      ...{ ...common, channel: left!, initiator: true },
      ...{ identity: signer(initiator), random: oneByOne(keys.initiator) },
    }),
    shakeHands({
      ...{ ...common, channel: right!, initiator: false, early: () => early },
      ...{ identity: signer(responder), random: oneByOne(keys.responder) },
    }),
  ]);
  const { keys: derived, sessionId, context } = own;
  return {
    ...(secret !== undefined && { secret: hex(secret), psk: hex(invitePsk(secret)) }),
    initiator: sideOf(initiator.exportPrivate().d, keys.initiator),
    responder: { ...sideOf(responder.exportPrivate().d, keys.responder), early: hex(early) },
    messages: sent.map(hex),
    context: hex(context),
    transcript: hex(derived.transcript),
    sessionId: hex(sessionId),
    baseSid: hex(hash(tags.earlyBaseOt, context)),
    recordKeys: {
      initiator: hex(recordKey(derived.send, sessionId)),
      responder: hex(recordKey(derived.receive, sessionId)),
    },
  };
}

/** Static and ephemeral secret keys, as X25519 clamps them (RFC 7748, section 5). */
function noiseKeys(random: Random): readonly [Uint8Array, Uint8Array] {
  return [clamped(random(32)), clamped(random(32))];
}

/** A secret X25519 key in the form in which it is used: five bits of it have no other consequence. */
export function clamped(drawn: Uint8Array): Uint8Array {
  const key = drawn.slice();
  key[0]! &= 248;
  key[31] = (key[31]! & 127) | 64;
  return key;
}

function sideOf(seed: string, [fixed, ephemeral]: readonly [Uint8Array, Uint8Array]): Members {
  return { seed: hex(decodeBase64url(seed)!), static: hex(fixed), ephemeral: hex(ephemeral) };
}

/** A generator that gives these, one after another. Copies, since keys are zeroed. */
function oneByOne(values: readonly Uint8Array[]): Random {
  const stream = concatBytes(...values);
  let at = 0;
  return (length) => {
    at += length;
    return stream.slice(at - length, at);
  };
}

/** A channel that keeps a copy of each message, in the order of both sides. */
function recording(channel: Channel, sent: Uint8Array[]): Channel {
  return {
    initiator: channel.initiator,
    send(bytes) {
      sent.push(bytes.slice());
      return channel.send(bytes);
    },
    receive: () => channel.receive(),
    close: () => channel.close(),
    destroy: () => channel.destroy(),
  };
}
