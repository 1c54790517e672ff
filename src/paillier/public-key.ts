import { bitLength, bytesToInteger, integerToBytes } from '../crypto/integers.ts';
import { type Modulus, publicModulus } from '../crypto/modexp.ts';
import { InputError } from '../errors.ts';
import { decodeBase64url, encodeBase64url, exactMembers } from './json.ts';

/** Shortest modulus N accepted, in bits: 128-bit security against factoring (NIST SP 800-57, table 2). */
export const MIN_MODULUS_BITS = 3_072;
/** Longest modulus N accepted, so that nobody can make others compute with a giant one. */
export const MAX_MODULUS_BITS = 4_096;
/** Lengths are multiples of this, so that both primes fill whole 64-bit words. */
export const MODULUS_BITS_STEP = 128;

/** A public key as JSON: the modulus N as its big-endian bytes, without leading zeros, in base64url. */
export type PublicKeyJson = {
  readonly kty: 'Paillier';
  readonly n: string;
};

/** Whether a modulus of `bits` bits can be a key's. */
export function isModulusLength(bits: number): boolean {
  return bits >= MIN_MODULUS_BITS && bits <= MAX_MODULUS_BITS && bits % MODULUS_BITS_STEP === 0;
}

/**
 * A Paillier public key: an odd modulus N of 3,072 to 4,096 bits (a multiple of 128), with generator 1 + N. Only a key proof shows that it is
 * well formed beyond that: gcd(N, φ(N)) = 1.
 */
export class PublicKey {
  /** N. */
  readonly modulus: bigint;
  /** N². */
  readonly modulusSquared: bigint;
  /** Bits of N. */
  readonly bits: number;
  /** Bytes of an integer below N: plaintexts and randomness. */
  readonly modulusLength: number;
  /** Bytes of an integer below N²: ciphertexts. */
  readonly ciphertextLength: number;

  /** Throws InputError `ERR_SEAL_KEY_INVALID` for an N that is even or of a wrong length. */
  constructor(modulus: bigint) {
    const bits = modulus > 0n ? bitLength(modulus) : 0;
    if (!isModulusLength(bits)) throw invalidKey('the modulus has a wrong length');
    if (modulus % 2n === 0n) throw invalidKey('the modulus is even');
    this.modulus = modulus;
    this.modulusSquared = modulus * modulus;
    this.bits = bits;
    this.modulusLength = bits / 8;
    this.ciphertextLength = bits / 4;
  }

  /** Exponentiation modulo N. */
  get byModulus(): Modulus {
    return publicModulus(this.modulus);
  }

  /** Exponentiation modulo N². */
  get byModulusSquared(): Modulus {
    return publicModulus(this.modulusSquared);
  }

  /** N, big-endian, exactly `modulusLength` bytes. */
  toBytes(): Uint8Array {
    return integerToBytes(this.modulus, this.modulusLength);
  }

  /** The key whose N these bytes are: its length is theirs. Throws InputError `ERR_SEAL_KEY_INVALID`. */
  static fromBytes(bytes: Uint8Array): PublicKey {
    const key = new PublicKey(bytesToInteger(bytes));
    if (key.modulusLength !== bytes.length) throw invalidKey('the modulus has a wrong length');
    return key;
  }

  toJSON(): PublicKeyJson {
    return { kty: 'Paillier', n: encodeBase64url(this.toBytes()) };
  }

  /** Reads the JSON form: exactly its two members, base64url that re-encodes to itself. Throws InputError `ERR_SEAL_KEY_INVALID`. */
  static fromJSON(json: unknown): PublicKey {
    const members = exactMembers(json, 'kty', 'n');
    if (members === undefined) throw invalidKey('it does not have exactly the members kty and n');
    if (members.kty !== 'Paillier') throw invalidKey('it is no Paillier key');
    const bytes = decodeBase64url(members.n);
    if (bytes === undefined) throw invalidKey('n is not in canonical base64url');
    return PublicKey.fromBytes(bytes);
  }

  equals(other: PublicKey): boolean {
    return this.modulus === other.modulus;
  }
}

/** The error for a key that cannot be used; `reason` quotes nothing of the key. */
export function invalidKey(reason: string): InputError {
  return new InputError('ERR_SEAL_KEY_INVALID', `this is no usable seal key: ${reason}`, {
    hint: 'use a key that Parley made',
  });
}
