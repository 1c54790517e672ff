import { platform } from '#platform';
import { bitLength, bytesToInteger, gcd, integerToBytes, modInverse } from '../crypto/integers.ts';
import { Modulus } from '../crypto/modexp.ts';
import { decodeBase64url, encodeBase64url, exactMembers } from './json.ts';
import { invalidKey, isModulusLength, MIN_MODULUS_BITS, PublicKey } from './public-key.ts';

/** The primes must differ by more than 2^(length of a prime − 100) (FIPS 186-5, A.1.3). */
const CLOSENESS_BITS = 100n;

/** A private key as JSON: N and its primes, big-endian, in base64url. Secret. */
export interface PrivateKeyJson {
  readonly kty: 'Paillier';
  readonly n: string;
  readonly p: string;
  readonly q: string;
}

/** What one prime of the modulus contributes to Chinese remaindering. Secret. */
export interface PrimePart {
  readonly prime: bigint;
  readonly square: bigint;
  readonly byPrime: Modulus;
  readonly bySquare: Modulus;
  /** The other prime modulo `prime` − 1. */
  readonly otherPrimeExponent: bigint;
  /** N⁻¹ modulo `prime` − 1: the exponent that takes N-th roots modulo `prime`. */
  readonly rootExponent: bigint;
  /** The other prime's negated inverse modulo `prime`: turns L(C^(prime−1) mod prime²) into the plaintext modulo `prime`. */
  readonly decryptionFactor: bigint;
}

/**
 * A Paillier private key. Its integers are BigInts, which JavaScript can neither zero nor compute on in constant
 * time: exponentiations, where the primes are exponents, run natively (see Modulus), the rest does not hide its timing.
 */
export class PrivateKey {
  readonly publicKey: PublicKey;
  readonly p: PrimePart;
  readonly q: PrimePart;
  /** p⁻¹ mod q, and p⁻² mod q². */
  readonly inverse: bigint;
  readonly inverseSquared: bigint;

  /**
   * The key of two primes, which the caller knows to be prime. Throws InputError `ERR_SEAL_KEY_INVALID` if they have not
   * equal lengths, are too close, or make a modulus that is no key's.
   */
  constructor(p: bigint, q: bigint) {
    const length = bitLength(p);
    if (length !== bitLength(q)) throw invalidKey('its primes have different lengths');
    const distance = p > q ? p - q : q - p;
    if (distance >> (BigInt(length) - CLOSENESS_BITS) === 0n) throw invalidKey('its primes are too close');
    this.publicKey = new PublicKey(p * q);
    if (gcd(p * q, (p - 1n) * (q - 1n)) !== 1n) throw invalidKey('N is not coprime to φ(N)');
    this.p = primePart(p, q);
    this.q = primePart(q, p);
    this.inverse = modInverse(p, q);
    this.inverseSquared = modInverse(this.p.square, this.q.square);
  }

  /** Makes ahead of time the native contexts that encryption, decryption and proofs use (about 100 ms). */
  prepare(): void {
    for (const part of [this.p, this.q]) {
      part.byPrime.prepare();
      part.bySquare.prepare();
    }
  }

  /** The N-th root modulo N of a unit. */
  root(value: bigint): bigint {
    const root = (part: PrimePart): bigint => part.byPrime.power(value, part.rootExponent);
    return this.combine(root(this.p), root(this.q));
  }

  /** The integer below pq with these residues. */
  combine(moduloP: bigint, moduloQ: bigint): bigint {
    return chinese(moduloP, this.p.prime, moduloQ, this.q.prime, this.inverse);
  }

  /** The integer below p²q² with these residues. */
  combineSquares(moduloP: bigint, moduloQ: bigint): bigint {
    return chinese(moduloP, this.p.square, moduloQ, this.q.square, this.inverseSquared);
  }

  /** The secret JSON form, for the owner's file. Named so that `JSON.stringify` does not reveal a key by accident. */
  exportJson(): PrivateKeyJson {
    const encode = (value: bigint, length: number): string => encodeBase64url(integerToBytes(value, length));
    const length = this.publicKey.modulusLength;
    return {
      ...this.publicKey.toJSON(),
      p: encode(this.p.prime, length / 2),
      q: encode(this.q.prime, length / 2),
    };
  }

  /**
   * Reads the secret JSON form: exactly its members, canonical encodings, N = pq. One N-th root is taken and checked, which
   * fails if a factor is not prime: that guards the owner against a damaged file. Throws InputError `ERR_SEAL_KEY_INVALID`.
   */
  static importJson(json: unknown): PrivateKey {
    const members = exactMembers(json, 'kty', 'n', 'p', 'q');
    if (members === undefined) throw invalidKey('it does not have exactly the members kty, n, p and q');
    const publicKey = PublicKey.fromJSON({ kty: members.kty, n: members.n });
    const [p, q] = [members.p, members.q].map((text) => {
      const bytes = decodeBase64url(text);
      if (bytes?.length !== publicKey.modulusLength / 2) throw invalidKey('a prime has a wrong form');
      const prime = bytesToInteger(bytes);
      bytes.fill(0);
      return prime;
    }) as [bigint, bigint];
    if (p * q !== publicKey.modulus) throw invalidKey('N is not the product of its primes');
    const key = new PrivateKey(p, q);
    if (publicKey.byModulus.power(key.root(2n), publicKey.modulus) !== 2n)
      throw invalidKey('a factor is not prime');
    return key;
  }

  /** Keeps the primes out of `JSON.stringify`. */
  toJSON(): never {
    throw new TypeError('a private key is not serialised by accident: use exportJson');
  }

  /** Keeps the primes out of logs. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return 'PrivateKey (secret)';
  }
}

/**
 * A fresh key with an N of `bits` bits (3,072 to 4,096, a multiple of 128). The primes come from the platform's
 * generator and its own randomness.
 */
export async function generateKey(bits: number = MIN_MODULUS_BITS): Promise<PrivateKey> {
  if (!isModulusLength(bits)) throw invalidKey('the modulus has a wrong length');
  for (;;) {
    // The two highest bits of the primes are set, so the product has exactly `bits` bits.
    const [p, q] = await platform.primePair(bits / 2);
    const distance = p > q ? p - q : q - p;
    if (distance >> (BigInt(bits / 2) - CLOSENESS_BITS) !== 0n) return new PrivateKey(p, q);
  }
}

function primePart(prime: bigint, other: bigint): PrimePart {
  const square = prime * prime;
  return {
    prime,
    square,
    byPrime: new Modulus(prime),
    bySquare: new Modulus(square),
    otherPrimeExponent: other % (prime - 1n),
    rootExponent: modInverse(prime * other, prime - 1n),
    decryptionFactor: prime - modInverse(other, prime),
  };
}

function chinese(
  left: bigint,
  leftModulus: bigint,
  right: bigint,
  rightModulus: bigint,
  inverse: bigint,
): bigint {
  const difference = ((right - left) * inverse) % rightModulus;
  return left + leftModulus * (difference < 0n ? difference + rightModulus : difference);
}
