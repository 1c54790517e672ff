import { inspect } from 'node:util';
import { hash } from '../../crypto/hash.ts';
import type { Random } from '../../crypto/random.ts';
import { tags } from '../../crypto/tags.ts';
import { InputError } from '../../errors.ts';
import { Ciphertext, type Randomness } from '../ciphertext.ts';
import { decrypt, recoverRandomness } from '../encryption.ts';
import { decodeBase64url, encodeBase64url, exactMembers } from '../json.ts';
import { type Plaintext, plaintext } from '../plaintext.ts';
import { PreparedEncryption } from '../prepared-encryption.ts';
import type { PrivateKey } from '../private-key.ts';
import { PublicKey, type PublicKeyJson } from '../public-key.ts';
import { requireWidth } from './parameters.ts';

/** A seal as documents hold it: the key, and C_x in base64url. */
export interface SealJson {
  readonly key: PublicKeyJson;
  readonly ciphertext: string;
}

/** A seal: C_x under its owner's key, of a value of `width` bits. Public. */
export class Seal {
  readonly ciphertext: Ciphertext;
  readonly width: number;

  constructor(ciphertext: Ciphertext, width: number) {
    requireWidth(width);
    this.ciphertext = ciphertext;
    this.width = width;
  }

  get key(): PublicKey {
    return this.ciphertext.key;
  }

  /** SHA-256 over width, N and C_x (32 bytes): what engagements name and what two seals are compared by. */
  digest(): Uint8Array {
    return hash(tags.seal, this.width, this.key.toBytes(), this.ciphertext.toBytes());
  }

  equals(other: Seal): boolean {
    return this.width === other.width && this.ciphertext.equals(other.ciphertext);
  }

  toJSON(): SealJson {
    return {
      key: this.key.toJSON(),
      ciphertext: encodeBase64url(this.ciphertext.toBytes()),
    };
  }

  /** Reads the JSON form strictly. Throws InputError `ERR_SEAL_KEY_INVALID`, `ERR_CIPHERTEXT_INVALID`. */
  static fromJSON(json: unknown, width: number): Seal {
    const members = exactMembers(json, 'key', 'ciphertext');
    const bytes = decodeBase64url(members?.ciphertext);
    if (members === undefined || bytes === undefined) {
      throw new InputError('ERR_CIPHERTEXT_INVALID', 'a seal has exactly the members key and ciphertext');
    }
    const key = PublicKey.fromJSON(members.key);
    return new Seal(Ciphertext.fromBytes(key, bytes), width);
  }
}

/** A seal with what opens it. Secret. */
export class SealedValue {
  readonly seal: Seal;
  readonly value: Plaintext;
  readonly randomness: Randomness;

  constructor(seal: Seal, value: Plaintext, randomness: Randomness) {
    this.seal = seal;
    this.value = value;
    this.randomness = randomness;
  }

  /** Keeps value and randomness out of `JSON.stringify`. */
  toJSON(): never {
    throw new TypeError('a sealed value is not serialised by accident');
  }

  /** Keeps them out of logs. */
  [inspect.custom](): string {
    return 'SealedValue (secret)';
  }
}

/** Seals a value of `width` bits under the owner's own key. Throws InputError `ERR_PLAINTEXT_INVALID` if it has more. */
export function sealValue(key: PrivateKey, value: bigint, width: number, random: Random): SealedValue {
  return sealPrepared(PreparedEncryption.create(key, random), value, width);
}

/** The same with what was prepared before the value was known. */
export function sealPrepared(prepared: PreparedEncryption, value: bigint, width: number): SealedValue {
  requireWidth(width);
  const bounded = plaintext(value, width);
  const { ciphertext, randomness } = prepared.encrypt(bounded);
  return new SealedValue(new Seal(ciphertext, width), bounded, randomness);
}

/**
 * Value and randomness of a seal, from the key alone: for its owner who resumes or opens. Throws InputError
 * `ERR_SEAL_KEY_INVALID` under another key, `ERR_PLAINTEXT_INVALID` for a value out of range.
 */
export function reopenSeal(key: PrivateKey, seal: Seal): SealedValue {
  const value = decrypt(key, seal.ciphertext, seal.width);
  return new SealedValue(seal, value, recoverRandomness(key, seal.ciphertext));
}
