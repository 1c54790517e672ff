import { bytesToInteger, gcd, integerToBytes, randomBelow } from '../crypto/integers.ts';
import { type Random, systemRandom } from '../crypto/random.ts';
import { InputError } from '../errors.ts';
import type { PublicKey } from './public-key.ts';

/**
 * An encryption under `key`: `value` is in (0, N²) and coprime to N. Under a well-formed key it then encrypts exactly one
 * plaintext, with exactly one randomness.
 */
export class Ciphertext {
  readonly key: PublicKey;
  readonly value: bigint;

  private constructor(key: PublicKey, value: bigint) {
    this.key = key;
    this.value = value;
  }

  /** Throws InputError `ERR_CIPHERTEXT_INVALID` for a value out of range or not coprime to N. */
  static from(key: PublicKey, value: bigint): Ciphertext {
    if (value <= 0n || value >= key.modulusSquared || !isUnit(value % key.modulus, key)) {
      throw new InputError('ERR_CIPHERTEXT_INVALID', 'this is no encryption under the given key');
    }
    return new Ciphertext(key, value);
  }

  /** Reads exactly `key.ciphertextLength` bytes. Throws InputError `ERR_CIPHERTEXT_INVALID`. */
  static fromBytes(key: PublicKey, bytes: Uint8Array): Ciphertext {
    if (bytes.length !== key.ciphertextLength) {
      throw new InputError('ERR_CIPHERTEXT_INVALID', 'an encryption has a wrong length');
    }
    return Ciphertext.from(key, bytesToInteger(bytes));
  }

  /** A value in range that is a product of units, so that it needs no check. */
  static fromUnit(key: PublicKey, value: bigint): Ciphertext {
    return new Ciphertext(key, value);
  }

  /** Big-endian, exactly `key.ciphertextLength` bytes. */
  toBytes(): Uint8Array {
    return integerToBytes(this.value, this.key.ciphertextLength);
  }

  equals(other: Ciphertext): boolean {
    return this.key.equals(other.key) && this.value === other.value;
  }
}

/** The randomness r of an encryption: in (0, N) and coprime to N. Secret until its ciphertext is opened. */
export class Randomness {
  readonly key: PublicKey;
  readonly value: bigint;

  private constructor(key: PublicKey, value: bigint) {
    this.key = key;
    this.value = value;
  }

  /** Throws InputError `ERR_RANDOMNESS_INVALID` for a value out of range or not coprime to N. */
  static from(key: PublicKey, value: bigint): Randomness {
    if (value <= 0n || value >= key.modulus || !isUnit(value, key)) {
      throw new InputError('ERR_RANDOMNESS_INVALID', 'this is no encryption randomness under the given key');
    }
    return new Randomness(key, value);
  }

  /** Uniform over the units modulo N. */
  static generate(key: PublicKey, random: Random): Randomness {
    for (;;) {
      const value = randomBelow(random, key.modulus);
      // the time of gcd depends on its operands, so it sees the secret times a number that nothing else depends on
      const blind = randomBelow(systemRandom, key.modulus);
      if (isUnit((value * blind) % key.modulus, key)) return new Randomness(key, value);
    }
  }

  /** Reads exactly `key.modulusLength` bytes. Throws InputError `ERR_RANDOMNESS_INVALID`. */
  static fromBytes(key: PublicKey, bytes: Uint8Array): Randomness {
    if (bytes.length !== key.modulusLength) {
      throw new InputError('ERR_RANDOMNESS_INVALID', 'encryption randomness has a wrong length');
    }
    return Randomness.from(key, bytesToInteger(bytes));
  }

  /** A value in range that is a product of units, so that it needs no check. */
  static fromUnit(key: PublicKey, value: bigint): Randomness {
    return new Randomness(key, value);
  }

  /** Big-endian, exactly `key.modulusLength` bytes. */
  toBytes(): Uint8Array {
    return integerToBytes(this.value, this.key.modulusLength);
  }

  /** Keeps r out of logs. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return 'Randomness (secret)';
  }
}

function isUnit(residue: bigint, key: PublicKey): boolean {
  return gcd(residue, key.modulus) === 1n;
}
