import { equalBytes } from '../crypto/bytes.ts';
import { hash } from '../crypto/hash.ts';
import type { Random } from '../crypto/random.ts';
import { tags } from '../crypto/tags.ts';
import { InputError } from '../errors.ts';
import { Ciphertext, type Randomness } from '../paillier/ciphertext.ts';
import { decrypt, recoverRandomness } from '../paillier/encryption.ts';
import { decodeBase64url, encodeBase64url, exactMembers } from '../paillier/json.ts';
import { type Plaintext, plaintext } from '../paillier/plaintext.ts';
import { PreparedEncryption } from '../paillier/prepared-encryption.ts';
import type { PrivateKey } from '../paillier/private-key.ts';
import { PublicKey, type PublicKeyJson } from '../paillier/public-key.ts';
import { COMMITMENT_LENGTH, commitTo } from './commitment.ts';
import { requireWidth } from './parameters.ts';

/** A seal as documents hold it: the key, C_x in base64url, and the commitment to the rest of the entry, if it has any. */
export type SealJson = {
  readonly key: PublicKeyJson;
  readonly ciphertext: string;
  readonly commitment?: string;
};

/** What the terms say about the content of a seal: a number of `width` bits, and whether an entry has more than that, which is committed to. */
export interface SealForm {
  readonly width: number;
  readonly committed: boolean;
}

/** A seal: C_x under its owner's key, of a value of `width` bits, and a commitment (32 bytes) to the rest of the entry, if it has any. Public. */
export class Seal {
  readonly ciphertext: Ciphertext;
  readonly width: number;
  readonly commitment: Uint8Array | undefined;

  constructor(ciphertext: Ciphertext, width: number, commitment?: Uint8Array) {
    requireWidth(width);
    this.ciphertext = ciphertext;
    this.width = width;
    this.commitment = commitment;
  }

  get key(): PublicKey {
    return this.ciphertext.key;
  }

  /** SHA-256 over width, N, C_x and the commitment if there is one (32 bytes): engagements name it, and two seals are compared by it. */
  digest(): Uint8Array {
    const rest = this.commitment === undefined ? [] : [this.commitment];
    return hash(tags.seal, this.width, this.key.toBytes(), this.ciphertext.toBytes(), ...rest);
  }

  equals(other: Seal): boolean {
    return equalBytes(this.digest(), other.digest());
  }

  toJSON(): SealJson {
    return {
      key: this.key.toJSON(),
      ciphertext: encodeBase64url(this.ciphertext.toBytes()),
      ...(this.commitment !== undefined && { commitment: encodeBase64url(this.commitment) }),
    };
  }

  /** Reads the JSON form strictly. Throws InputError `ERR_SEAL_KEY_INVALID`, `ERR_CIPHERTEXT_INVALID`. */
  static fromJSON(json: unknown, { width, committed }: SealForm): Seal {
    const names = ['key', 'ciphertext', ...(committed ? ['commitment'] : [])];
    const members = exactMembers(json, ...names);
    const bytes = decodeBase64url(members?.ciphertext);
    const commitment = committed ? decodeBase64url(members?.commitment) : undefined;
    if (
      members === undefined ||
      bytes === undefined ||
      (committed && commitment?.length !== COMMITMENT_LENGTH)
    ) {
      throw new InputError('ERR_CIPHERTEXT_INVALID', `a seal has exactly the members ${names.join(', ')}`);
    }
    const key = PublicKey.fromJSON(members.key);
    return new Seal(Ciphertext.fromBytes(key, bytes), width, commitment);
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
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return 'SealedValue (secret)';
  }
}

/** Seals a value of `width` bits under the owner's own key. Throws InputError `ERR_PLAINTEXT_INVALID` if it has more. */
export function sealValue(key: PrivateKey, value: bigint, width: number, random: Random): SealedValue {
  return sealPrepared(PreparedEncryption.create(key, random), value, width);
}

/** The same with what was prepared before the value was known, and with a commitment to the `rest` of an entry, if there is one. */
export function sealPrepared(
  prepared: PreparedEncryption,
  value: bigint,
  width: number,
  rest?: Uint8Array,
): SealedValue {
  requireWidth(width);
  const bounded = plaintext(value, width);
  const { ciphertext, randomness } = prepared.encrypt(bounded);
  const commitment = rest && commitTo(rest, ciphertext, randomness);
  return new SealedValue(new Seal(ciphertext, width, commitment), bounded, randomness);
}

/** Whether a seal's commitment is to `rest`. */
export function commitsTo(seal: Seal, randomness: Randomness, rest: Uint8Array): boolean {
  const { commitment, ciphertext } = seal;
  return commitment !== undefined && equalBytes(commitment, commitTo(rest, ciphertext, randomness));
}

/**
 * Value and randomness of a seal, from the key alone: for its owner who resumes or opens. Throws InputError
 * `ERR_SEAL_KEY_INVALID` under another key, `ERR_PLAINTEXT_INVALID` for a value out of range.
 */
export function reopenSeal(key: PrivateKey, seal: Seal): SealedValue {
  const value = decrypt(key, seal.ciphertext, seal.width);
  return new SealedValue(seal, value, recoverRandomness(key, seal.ciphertext));
}
