import { concatBytes, equalBytes } from '../crypto/bytes.ts';
import {
  add,
  isPoint,
  isScalar,
  multiply,
  multiplyAdd,
  multiplyBase,
  type Point,
  randomScalar,
  type Scalar,
  scalarFromHash,
} from '../crypto/group.ts';
import { hash } from '../crypto/hash.ts';
import type { Random } from '../crypto/random.ts';
import { tags } from '../crypto/tags.ts';
import { InputError } from '../errors.ts';
import { decrypt, type Opened, type Place } from './encryption.ts';

/** Bytes of a proof of possession. */
export const POSSESSION_LENGTH = 64;

/** The arbiter's escrow key. libsodium has to be loaded. */
export class EscrowKey {
  /** h. */
  readonly publicKey: Point;
  readonly #secret: Scalar;

  private constructor(secret: Scalar) {
    this.#secret = secret;
    this.publicKey = multiplyBase(secret);
  }

  static generate(random: Random): EscrowKey {
    return new EscrowKey(randomScalar(random));
  }

  /** The key of 32 bytes that `exportSecret` gave. Throws InputError `ERR_KEY_INVALID`, without the bytes. */
  static fromBytes(secret: Uint8Array): EscrowKey {
    if (!isScalar(secret) || equalBytes(secret, new Uint8Array(32))) {
      throw new InputError('ERR_KEY_INVALID', 'the escrow key is not a scalar of 32 bytes');
    }
    return new EscrowKey(secret.slice() as Scalar);
  }

  /** What a ciphertext holds at its place; undefined if it is not a valid one for this key and place. */
  decrypt(place: Place, ciphertext: Uint8Array): Opened | undefined {
    return decrypt(this.#secret, place, ciphertext);
  }

  /** A Schnorr proof, 64 bytes, that this key belongs to the holder of the identity (its raw Ed25519 key). */
  provePossession(identity: Uint8Array, random: Random): Uint8Array {
    const nonce = randomScalar(random);
    const commitment = multiplyBase(nonce);
    const answer = multiplyAdd(challengeOf(identity, this.publicKey, commitment), this.#secret, nonce);
    nonce.fill(0);
    return concatBytes(commitment, answer);
  }

  /** 32 bytes, the caller's to zero. */
  exportSecret(): Uint8Array {
    return this.#secret.slice();
  }

  /** Zeroes the key. */
  destroy(): void {
    this.#secret.fill(0);
  }
}

/** An escrow key from 32 bytes. Throws InputError `ERR_KEY_INVALID` for bytes that are not the canonical encoding of an element other than the identity. */
export function decodeEscrowKey(bytes: Uint8Array): Point {
  if (!isPoint(bytes))
    throw new InputError('ERR_KEY_INVALID', 'the escrow key is not an element of ristretto255');
  return bytes;
}

/** Whether the holder of this identity has shown that the escrow key is its own. */
export function verifyPossession(key: Point, identity: Uint8Array, proof: Uint8Array): boolean {
  const commitment = proof.subarray(0, 32);
  const answer = proof.subarray(32);
  if (proof.length !== POSSESSION_LENGTH || !isPoint(commitment) || !isScalar(answer)) return false;
  const challenge = challengeOf(identity, key, commitment);
  return equalBytes(productOrIdentity(answer), add(commitment, multiply(challenge, key)));
}

/** answer·g. libsodium refuses a product that is the identity, whose encoding is all zero. */
function productOrIdentity(answer: Scalar): Uint8Array {
  return answer.every((byte) => byte === 0) ? answer : multiplyBase(answer);
}

function challengeOf(identity: Uint8Array, key: Point, commitment: Point): Scalar {
  const half = (part: number) => hash(tags.escrowPossession, identity, key, commitment, part);
  return scalarFromHash(concatBytes(half(0), half(1)));
}
