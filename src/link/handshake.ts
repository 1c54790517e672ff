import { concatBytes, equalBytes } from '../crypto/bytes.ts';
import {
  decodePublicKey,
  PUBLIC_KEY_LENGTH,
  type PublicKey,
  SIGNATURE_LENGTH,
  verifySignature,
} from '../crypto/ed25519.ts';
import { hash } from '../crypto/hash.ts';
import { type Random, systemRandom } from '../crypto/random.ts';
import { tags } from '../crypto/tags.ts';
import { turn } from '../crypto/turns.ts';
import { ConnectionError, IdentityError, InputError, ParleyError, TimeoutError } from '../errors.ts';
import type { Channel } from './channel.ts';
import { isFirst } from './first-messages.ts';
import { invitePsk, Noise, type NoiseKeys } from './noise.ts';
import { ChannelReader } from './reader.ts';
import { after, requireTime } from './timer.ts';

/** The version of everything on the wire. Two versions never talk to each other. */
export const WIRE_VERSION = 3;
/** The most bytes of `early` that a responder can send. */
export const MAX_EARLY = 16_384;

const MAGIC = new TextEncoder().encode('PARLEY');
const PREAMBLE_LENGTH = MAGIC.length + 2;
const PROOF_LENGTH = PUBLIC_KEY_LENGTH + SIGNATURE_LENGTH;
/** Noise message lengths without payload: e; e, s and two tags; s and two tags. */
const KEY = 32;
const TAG = 16;

/** Proves a party's identity in the handshake: an Ed25519 key, and a function that signs with it (64 bytes). */
export interface Signer {
  readonly publicKey: PublicKey;
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

export interface HandshakeOptions {
  readonly channel: Channel;
  /** Whether this side dialled. */
  readonly initiator: boolean;
  readonly identity: Signer;
  /** The only key the peer may have, if known. */
  readonly peer?: PublicKey | undefined;
  /**
   * Decides whether this is the right peer. Called once the peer has proved its key and, at the side that dialled, before this side shows its own key.
   */
  readonly accept?: ((peer: PublicKey) => boolean | Promise<boolean>) | undefined;
  /**
   * An invite's secret (at least 16 bytes), the same on both sides. A responder must give the same array each time that it waits for the holder; then
   * it never answers the same message 1 twice.
   */
  readonly secret?: Uint8Array | undefined;
  /**
   * Makes the responder's bytes for the layer above, sent along with its identity; at most 16 KiB. `context` (64 bytes) is the
   * handshake hash after message 1.
   */
  readonly early?: ((context: Uint8Array) => Uint8Array) | undefined;
  /** Milliseconds for the whole handshake. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
  readonly random?: Random | undefined;
}

/** An authenticated connection, before its first record. */
export interface Handshaken {
  readonly keys: NoiseKeys;
  readonly peer: PublicKey;
  /** 32 bytes, the same on both sides, and unique. */
  readonly sessionId: Uint8Array;
  /** At the initiator, the responder's `early`. */
  readonly early: Uint8Array;
  /** The context that `early` was made with: the same on both sides. An attacker cannot choose it if one side is honest. */
  readonly context: Uint8Array;
  /** Bytes of the first record that arrived with the last handshake message. */
  readonly rest: Uint8Array;
  readonly sent: number;
  readonly received: number;
}

/**
 * Noise XX (or XXpsk0) over a channel. Message 1 and 2 follow an 8-byte preamble: "PARLEY", the wire version, and whether an
 * invite is in use; message 2 follows its length (2 bytes). The payloads of messages 2 and 3 are the sender's Ed25519 key,
 * its signature over (tag, side, own Noise static key, handshake hash so far), and `early` in message 2. The
 * hash covers the prologue and every byte before, so a signature belongs to one handshake only.
 *
 * Throws ConnectionError `ERR_WIRE_FORMAT` or `ERR_WIRE_VERSION`, at the responder also `ERR_INVITE_REFUSED` and `ERR_REPLAYED`, IdentityError
 * `ERR_PEER_IDENTITY`, PeerLeftError, TimeoutError. In each case the channel is destroyed, and the message that failed gets no answer.
 */
export async function handshake(options: HandshakeOptions): Promise<Handshaken> {
  const { channel, timeout, signal } = options;
  try {
    requireTime(timeout);
  } catch (error) {
    channel.destroy();
    throw error;
  }
  let stopped: ParleyError | undefined;
  const stop = (error: ParleyError) => {
    stopped ??= error;
    channel.destroy();
  };
  const onAbort = () =>
    stop(new ParleyError('ERR_CANCELLED', 'the session was cancelled', { cause: signal?.reason }));
  const timer = after(timeout, () =>
    stop(new TimeoutError('the other side did not finish the handshake in time')),
  );
  signal?.addEventListener('abort', onAbort, { once: true });
  const run = new Run(options);
  try {
    if (signal?.aborted) onAbort();
    if (stopped !== undefined) throw stopped;
    const done = await (options.initiator ? run.initiate() : run.respond());
    if (stopped !== undefined) {
      done.keys.send.fill(0);
      done.keys.receive.fill(0);
      throw stopped;
    }
    return done;
  } catch (error) {
    channel.destroy();
    throw stopped ?? error;
  } finally {
    run.noise.destroy();
    timer.cancel();
    signal?.removeEventListener('abort', onAbort);
  }
}

class Run {
  readonly noise: Noise;
  private readonly options: HandshakeOptions;
  private readonly reader: ChannelReader;
  private readonly preamble: Uint8Array;
  private sent = 0;

  constructor(options: HandshakeOptions) {
    this.options = options;
    this.reader = new ChannelReader(options.channel);
    this.preamble = concatBytes(MAGIC, Uint8Array.of(WIRE_VERSION, options.secret === undefined ? 0 : 1));
    const psk = options.secret === undefined ? undefined : invitePsk(options.secret);
    this.noise = new Noise({
      initiator: options.initiator,
      prologue: concatBytes(new TextEncoder().encode(tags.noisePrologue), this.preamble),
      psk,
      random: options.random ?? systemRandom,
    });
    psk?.fill(0);
  }

  async initiate(): Promise<Handshaken> {
    await this.send(this.preamble, this.noise.write(new Uint8Array(0)));
    await this.readPreamble();
    const [high, low] = await this.read(2);
    const earlyLength = high! * 256 + low! - (2 * KEY + 2 * TAG + PROOF_LENGTH);
    if (earlyLength < 0 || earlyLength > MAX_EARLY) throw malformed();
    const message = await this.read(high! * 256 + low!);
    const before = this.noise.transcript;
    const payload = this.noise.read(message);
    const peer = await this.verify(payload.subarray(0, PROOF_LENGTH), before);
    await this.send(this.noise.write(await this.proof()));
    return this.done(peer, payload.slice(PROOF_LENGTH), before);
  }

  async respond(): Promise<Handshaken> {
    await this.readPreamble();
    this.readFirst(await this.read(KEY + (this.options.secret === undefined ? 0 : TAG)));
    const context = this.noise.transcript;
    const early = this.options.early?.(context) ?? new Uint8Array(0);
    if (early.length > MAX_EARLY) throw new Error('too many early bytes');
    const message = this.noise.write(concatBytes(await this.proof(), early));
    const length = Uint8Array.of(message.length >> 8, message.length & 0xff);
    await this.send(this.preamble, length, message);
    const last = await this.read(KEY + 2 * TAG + PROOF_LENGTH);
    const before = this.noise.transcript;
    return this.done(await this.verify(this.noise.read(last), before), new Uint8Array(0), context);
  }

  /** Reads message 1. With a secret, a message that no holder made, or that has come before, gets no answer. */
  private readFirst(message: Uint8Array): void {
    const { secret } = this.options;
    try {
      this.noise.read(message);
    } catch (error) {
      throw secret === undefined ? error : otherInvite(error);
    }
    if (secret === undefined || isFirst(secret, message.subarray(0, KEY))) return;
    throw new ConnectionError('ERR_REPLAYED', 'somebody repeated what another side had sent');
  }

  /** The identity key, and its signature over the data to which the next message commits. */
  private async proof(): Promise<Uint8Array> {
    const { identity, initiator } = this.options;
    const statement = identityStatement(initiator, this.noise.localStatic, this.noise.transcript);
    const signature = await identity.sign(statement);
    if (signature.length !== SIGNATURE_LENGTH) throw new Error('an Ed25519 signature has 64 bytes');
    return concatBytes(identity.publicKey, signature);
  }

  /** Checks the peer's proof, made over the handshake hash before its message. */
  private async verify(proof: Uint8Array, transcript: Uint8Array): Promise<PublicKey> {
    const { initiator, peer, identity, accept } = this.options;
    const key = decodePeerKey(proof.subarray(0, PUBLIC_KEY_LENGTH));
    const statement = identityStatement(!initiator, this.noise.remoteStatic, transcript);
    if (!verifySignature(key, statement, proof.subarray(PUBLIC_KEY_LENGTH))) {
      throw new IdentityError('the other side does not prove its identity', 'someone may be in between');
    }
    if (equalBytes(key, identity.publicKey)) {
      throw new IdentityError('the other side has the same key as this one', 'each party needs its own key');
    }
    if ((peer !== undefined && !equalBytes(key, peer)) || (await accept?.(key)) === false) {
      throw new IdentityError('the other side is not who was expected', 'check whose key you were given');
    }
    return key;
  }

  private done(peer: PublicKey, early: Uint8Array, context: Uint8Array): Handshaken {
    const keys = this.noise.finish();
    return {
      keys,
      peer,
      sessionId: hash(tags.sessionId, keys.transcript),
      early,
      context,
      rest: this.reader.takeRest(),
      sent: this.sent,
      received: this.reader.received,
    };
  }

  private async readPreamble(): Promise<void> {
    const theirs = await this.read(PREAMBLE_LENGTH);
    if (!equalBytes(theirs.subarray(0, MAGIC.length), MAGIC)) {
      throw this.options.initiator ? malformed() : somethingElse();
    }
    const [version, invited] = theirs.subarray(MAGIC.length);
    if (version !== WIRE_VERSION) {
      throw new ConnectionError(
        'ERR_WIRE_VERSION',
        `the other side speaks version ${version}, not ${WIRE_VERSION}`,
      );
    }
    if (invited !== this.preamble[PREAMBLE_LENGTH - 1]) {
      throw new IdentityError(
        'one side uses an invite and the other does not',
        'use the same invite on both sides',
      );
    }
  }

  /** The next `length` bytes, once this side has its turn to compute. */
  private async read(length: number): Promise<Uint8Array> {
    const bytes = await this.reader.exactly(length);
    await turn();
    return bytes;
  }

  private send(...parts: Uint8Array[]): Promise<void> {
    const bytes = concatBytes(...parts);
    this.sent += bytes.length;
    return this.options.channel.send(bytes);
  }
}

function identityStatement(initiator: boolean, staticKey: Uint8Array, transcript: Uint8Array): Uint8Array {
  return hash(tags.identityProof, initiator ? 'initiator' : 'responder', staticKey, transcript);
}

function decodePeerKey(bytes: Uint8Array): PublicKey {
  try {
    return decodePublicKey(bytes);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new IdentityError("the other side's key is not a valid Ed25519 key");
  }
}

function otherInvite(cause: unknown): ConnectionError {
  return new ConnectionError('ERR_INVITE_REFUSED', 'who connected has another invite than this one', {
    hint: 'it may be an older one: send the new invite',
    cause,
  });
}

function somethingElse(): ConnectionError {
  return new ConnectionError('ERR_WIRE_FORMAT', 'what connected does not speak Parley', {
    hint: 'something else has come to this port',
  });
}

function malformed(): ConnectionError {
  return new ConnectionError('ERR_WIRE_FORMAT', 'what answers there is not Parley');
}
