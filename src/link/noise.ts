import { platform } from '#platform';
import { concatBytes } from '../crypto/bytes.ts';
import { utf8 } from '../crypto/encoding.ts';
import { hash } from '../crypto/hash.ts';
import type { X25519Key } from '../crypto/platform/platform.ts';
import type { Random } from '../crypto/random.ts';
import { tags } from '../crypto/tags.ts';
import { ConnectionError, InputError } from '../errors.ts';
import { SymmetricState } from './noise-symmetric.ts';

export interface NoiseOptions {
  readonly initiator: boolean;
  readonly prologue: Uint8Array;
  /** A pre-shared key of 32 bytes: the pattern is then XXpsk0 instead of XX. */
  readonly psk?: Uint8Array | undefined;
  /** Makes the static and then the ephemeral key. Both are fresh for every session. */
  readonly random: Random;
}

/** The result of a finished handshake. */
export interface NoiseKeys {
  /** 32 bytes: this side's sending key. */
  readonly send: Uint8Array;
  /** 32 bytes: this side's receiving key. */
  readonly receive: Uint8Array;
  /** 64 bytes, the same on both sides and unique to this handshake; public. */
  readonly transcript: Uint8Array;
}

const DH = 32;
const TAG = 16;

/** A token of a message pattern (Noise Protocol Framework, revision 34, section 7.1). */
type Token = 'psk' | 'e' | 's' | 'ee' | 'es' | 'se';

/** The XX pattern (section 7.5), which XXpsk0 begins with `psk` (section 9.4). */
const XX: readonly (readonly Token[])[] = [['e'], ['e', 'ee', 's', 'es'], ['s', 'se']];
const XX_PSK0: readonly (readonly Token[])[] = [['psk', 'e'], ...XX.slice(1)];

/**
 * Noise_XX_25519_ChaChaPoly_BLAKE2b, or Noise_XXpsk0_… with a pre-shared key: the HandshakeState of section 5.3.
 * Pure: `write` and `read` alternate for three messages. Both throw ConnectionError `ERR_WIRE_FORMAT` for a message that does not belong to
 * this handshake, or a public key of small order. After an error the state must be discarded.
 */
export class Noise {
  private readonly initiator: boolean;
  private readonly psk: Uint8Array | undefined;
  private readonly pattern: readonly (readonly Token[])[];
  private readonly symmetric: SymmetricState;
  private readonly s: X25519Key;
  private readonly e: X25519Key;
  private rs: Uint8Array | undefined;
  private re: Uint8Array | undefined;
  /** Messages written and read so far. */
  private turn = 0;

  /** Initialize (section 5.3). */
  constructor({ initiator, prologue, psk, random }: NoiseOptions) {
    this.initiator = initiator;
    this.psk = psk?.slice();
    this.pattern = psk === undefined ? XX : XX_PSK0;
    const name = psk === undefined ? 'XX' : 'XXpsk0';
    this.symmetric = new SymmetricState(utf8(`Noise_${name}_25519_ChaChaPoly_BLAKE2b`));
    this.symmetric.mixHash(prologue);
    this.s = freshKey(random);
    this.e = freshKey(random);
  }

  /** This side's static public key, 32 bytes. */
  get localStatic(): Uint8Array {
    return this.s.publicKey.slice();
  }

  /** The peer's static public key, 32 bytes, once its message has been read. */
  get remoteStatic(): Uint8Array {
    return this.rs!.slice();
  }

  /** The handshake hash after the messages so far, 64 bytes. */
  get transcript(): Uint8Array {
    return this.symmetric.hash.slice();
  }

  /** WriteMessage (section 5.3): the next handshake message, with a payload. */
  write(payload: Uint8Array): Uint8Array {
    const { symmetric } = this;
    const parts: Uint8Array[] = [];
    for (const token of this.tokens()) {
      if (token === 'e') {
        parts.push(this.e.publicKey);
        this.mixEphemeral(this.e.publicKey);
      } else if (token === 's') {
        parts.push(symmetric.encryptAndHash(this.s.publicKey));
      } else {
        this.mix(token);
      }
    }
    return concatBytes(...parts, symmetric.encryptAndHash(payload));
  }

  /** ReadMessage (section 5.3): reads the peer's next handshake message and returns its payload. */
  read(message: Uint8Array): Uint8Array {
    const { symmetric } = this;
    let offset = 0;
    const take = (length: number) => {
      if (offset + length > message.length) throw malformed();
      offset += length;
      return message.slice(offset - length, offset);
    };
    for (const token of this.tokens()) {
      if (token === 'e') {
        this.re = take(DH);
        this.mixEphemeral(this.re);
      } else if (token === 's') {
        this.rs = verified(symmetric.decryptAndHash(take(DH + TAG)));
      } else {
        this.mix(token);
      }
    }
    return verified(symmetric.decryptAndHash(message.slice(offset)));
  }

  /** The keys, after the third message: Split (section 5.2). Zeroes everything else in the state. */
  finish(): NoiseKeys {
    if (this.turn !== this.pattern.length) throw new Error('the handshake is not complete');
    const [first, second] = this.symmetric.split();
    this.turn += 1;
    this.destroy();
    const [send, receive] = this.initiator ? [first, second] : [second, first];
    return { send, receive, transcript: this.transcript };
  }

  /** Zeroes every secret, or at least drops it. */
  destroy(): void {
    this.s.destroy();
    this.e.destroy();
    this.psk?.fill(0);
    this.symmetric.destroy();
  }

  private tokens(): readonly Token[] {
    const tokens = this.pattern[this.turn];
    if (tokens === undefined) throw new Error('the handshake is complete');
    this.turn += 1;
    return tokens;
  }

  /** An `e` token; with a pre-shared key it goes into the chaining key too (section 9.2). */
  private mixEphemeral(publicKey: Uint8Array): void {
    this.symmetric.mixHash(publicKey);
    if (this.psk !== undefined) this.symmetric.mixKey(publicKey);
  }

  /** In `es` and `se` the first letter is the initiator's key, the second the responder's. */
  private mix(token: Exclude<Token, 'e' | 's'>): void {
    if (token === 'psk') {
      this.symmetric.mixKeyAndHash(this.psk!);
      return;
    }
    const [own, peer] = this.initiator ? token : [token[1], token[0]];
    const secret = agree(own === 's' ? this.s : this.e, (peer === 's' ? this.rs : this.re)!);
    this.symmetric.mixKey(secret);
    secret.fill(0);
  }
}

/** GENERATE_KEYPAIR (section 4.1) from this side's own randomness. */
function freshKey(random: Random): X25519Key {
  const secret = random(DH);
  try {
    return platform.x25519(secret);
  } finally {
    secret.fill(0);
  }
}

/**
 * DH (sections 4.1 and 12.1). A public key of small order is refused, because the shared secret would be all zero. Section 12.1 leaves this
 * open; the check is that of RFC 7748, section 6.1.
 */
function agree(key: X25519Key, publicKey: Uint8Array): Uint8Array {
  const secret = key.agree(publicKey);
  if (secret === undefined) throw malformed();
  let bits = 0;
  for (const byte of secret) bits |= byte;
  if (bits === 0) throw malformed();
  return secret;
}

function verified(plaintext: Uint8Array | undefined): Uint8Array {
  if (plaintext === undefined) throw malformed();
  return plaintext;
}

function malformed(): ConnectionError {
  return new ConnectionError('ERR_WIRE_FORMAT', 'the handshake does not verify', {
    hint: 'the invite may be wrong or the connection tampered with',
  });
}

/** The 32-byte pre-shared key of an invite's secret (at least 16 bytes). */
export function invitePsk(secret: Uint8Array): Uint8Array {
  if (secret.length < 16)
    throw new InputError('ERR_INVITE_INVALID', "an invite's secret has at least 16 bytes");
  return hash(tags.invitePsk, secret);
}
