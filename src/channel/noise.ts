import NoiseState from 'noise-handshake';
import dh from 'noise-handshake/dh.js';
import { hash } from '../crypto/hash.ts';
import type { Random } from '../crypto/random.ts';
import { tags } from '../crypto/tags.ts';
import { ConnectionError, InputError } from '../errors.ts';

export interface NoiseOptions {
  readonly initiator: boolean;
  readonly prologue: Uint8Array;
  /** A pre-shared key of 32 bytes: the pattern is then XXpsk0 instead of XX. */
  readonly psk?: Uint8Array | undefined;
  /** Makes the static and then the ephemeral key: both are fresh for every session. */
  readonly random: Random;
}

/** What a finished handshake gives. */
export interface NoiseKeys {
  /** 32 bytes: this side's sending key. */
  readonly send: Uint8Array;
  /** 32 bytes: this side's receiving key. */
  readonly receive: Uint8Array;
  /** 64 bytes, the same on both sides and unique to this handshake; public. */
  readonly transcript: Uint8Array;
}

/**
 * Noise_XX_25519_ChaChaPoly_BLAKE2b, or Noise_XXpsk0_… with a pre-shared key (Noise Protocol Framework, revision 34).
 * Pure: `write` and `read` alternate for three messages. `read` throws ConnectionError `ERR_WIRE_FORMAT` on bytes that do
 * not belong to this handshake, after which the state must be thrown away.
 */
export class Noise {
  private readonly state: NoiseState;

  constructor({ initiator, prologue, psk, random }: NoiseOptions) {
    const staticKey = dh.generateKeyPair(Buffer.from(random(32)));
    this.state = new NoiseState(
      psk === undefined ? 'XX' : 'XXpsk0',
      initiator,
      staticKey,
      psk === undefined ? {} : { psk: Buffer.from(psk) },
    );
    this.state.e = dh.generateKeyPair(Buffer.from(random(32)));
    this.state.initialise(Buffer.from(prologue));
  }

  /** This side's static public key, 32 bytes. */
  get localStatic(): Uint8Array {
    return Uint8Array.from(this.state.s.publicKey);
  }

  /** The peer's static public key, 32 bytes, once its message has been read. */
  get remoteStatic(): Uint8Array {
    return Uint8Array.from(this.state.rs!);
  }

  /** The handshake hash after the messages so far, 64 bytes. */
  get transcript(): Uint8Array {
    return Uint8Array.from((this.state.digest ?? this.state.hash)!);
  }

  /** The next handshake message, with a payload. */
  write(payload: Uint8Array): Uint8Array {
    return Uint8Array.from(this.state.send(Buffer.from(payload)));
  }

  /** Takes the peer's next handshake message and gives its payload. */
  read(message: Uint8Array): Uint8Array {
    try {
      return Uint8Array.from(this.state.recv(Buffer.from(message)));
    } catch (cause) {
      throw new ConnectionError('ERR_WIRE_FORMAT', 'the handshake does not verify', {
        hint: 'the invite may be wrong or the connection tampered with',
        cause,
      });
    }
  }

  /** The keys, after the third message. Zeroes what else the handshake held. */
  finish(): NoiseKeys {
    const { tx, rx, hash: transcript } = this.state;
    if (!this.state.complete) throw new Error('the handshake is not complete');
    const keys = {
      send: Uint8Array.from(tx!),
      receive: Uint8Array.from(rx!),
      transcript: Uint8Array.from(transcript!),
    };
    tx!.fill(0);
    rx!.fill(0);
    this.destroy();
    return keys;
  }

  /** Zeroes this side's private keys. */
  destroy(): void {
    this.state.s.secretKey.fill(0);
    this.state.e?.secretKey.fill(0);
  }
}

/** The 32-byte pre-shared key of an invite's secret (at least 16 bytes). */
export function invitePsk(secret: Uint8Array): Uint8Array {
  if (secret.length < 16)
    throw new InputError('ERR_INVITE_INVALID', "an invite's secret has at least 16 bytes");
  return hash(tags.invitePsk, secret);
}
