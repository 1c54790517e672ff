import { modexpPublic } from '../crypto/integers.ts';
import type { Random } from '../crypto/random.ts';
import { InputError } from '../errors.ts';
import { Ciphertext, Randomness } from './ciphertext.ts';
import { MAX_PLAINTEXT_BITS, type Plaintext, plaintext } from './plaintext.ts';
import type { PrimePart, PrivateKey } from './private-key.ts';
import type { PublicKey } from './public-key.ts';

/** Scalars up to this length are public in every protocol here and multiply by BigInt; longer ones natively. */
const SHORT_SCALAR_BITS = 80n;

/** A number longer than any plaintext. */
const LENGTHENING = 1n << BigInt(MAX_PLAINTEXT_BITS);

/** Enc(m; r) = (1 + mN)·r^N mod N². */
export function encrypt(key: PublicKey, message: Plaintext, randomness: Randomness): Ciphertext {
  requireSameKey(key, randomness.key);
  const mask = key.byModulusSquared.power(randomness.value, key.modulus);
  return Ciphertext.fromUnit(key, (encode(key, message) * mask) % key.modulusSquared);
}

/**
 * The same ciphertext, computed by the owner of the key three times as fast: r^N modulo p² is (r^q)^p, which depends on r^q modulo
 * p only, and likewise for q².
 */
export function encryptOwn(key: PrivateKey, message: Plaintext, randomness: Randomness): Ciphertext {
  const { publicKey } = key;
  requireSameKey(publicKey, randomness.key);
  const power = (part: PrimePart): bigint =>
    part.bySquare.power(part.byPrime.power(randomness.value, part.otherPrimeExponent), part.prime);
  const mask = key.combineSquares(power(key.p), power(key.q));
  return Ciphertext.fromUnit(publicKey, (encode(publicKey, message) * mask) % publicKey.modulusSquared);
}

/** Enc(m; r) from Enc(0; r). */
export function withMessage({ key, value }: Ciphertext, message: Plaintext): Ciphertext {
  return Ciphertext.fromUnit(key, (encode(key, message) * value) % key.modulusSquared);
}

/**
 * The plaintext, which must have at most `bits` bits. Throws InputError `ERR_PLAINTEXT_INVALID` otherwise.
 */
export function decrypt(key: PrivateKey, ciphertext: Ciphertext, bits: number): Plaintext {
  const { publicKey } = key;
  requireSameKey(publicKey, ciphertext.key);
  // Adding a constant that no bounded plaintext cancels keeps the powers below from being 1, which would take another time.
  const offset = publicKey.modulus / 3n;
  const shifted = (ciphertext.value * (1n + offset * publicKey.modulus)) % publicKey.modulusSquared;
  const residue = (part: PrimePart): bigint => {
    const power = part.bySquare.power(shifted, part.prime - 1n);
    return (((power - 1n) / part.prime) * part.decryptionFactor) % part.prime;
  };
  const sum = key.combine(residue(key.p), residue(key.q));
  const message = sum - offset;
  return plaintext(message < 0n ? message + publicKey.modulus : message, bits);
}

/** The r with ciphertext = Enc(m; r): modulo N the ciphertext is r^N, and the owner takes N-th roots. */
export function recoverRandomness(key: PrivateKey, ciphertext: Ciphertext): Randomness {
  requireSameKey(key.publicKey, ciphertext.key);
  return Randomness.fromUnit(key.publicKey, key.root(ciphertext.value));
}

/** Enc(m₁; r₁)·Enc(m₂; r₂) = Enc(m₁ + m₂; r₁r₂), sums modulo N: callers bound their plaintexts so that none wraps. */
export function add(left: Ciphertext, right: Ciphertext): Ciphertext {
  requireSameKey(left.key, right.key);
  return Ciphertext.fromUnit(left.key, (left.value * right.value) % left.key.modulusSquared);
}

/** Enc(m; r)^k = Enc(k·m; r^k), modulo N. Time depends on k where it has at most 80 bits. Throws RangeError for k < 0. */
export function multiply(ciphertext: Ciphertext, scalar: bigint): Ciphertext {
  const { key, value } = ciphertext;
  const short = scalar >> SHORT_SCALAR_BITS === 0n;
  const power = short
    ? modexpPublic(value, scalar, key.modulusSquared)
    : key.byModulusSquared.power(value, scalar);
  return Ciphertext.fromUnit(key, power);
}

/** The randomness of a product of scalar multiples: r₁^k·r₂ mod N, for Enc(m₁; r₁)^k·Enc(m₂; r₂), k public and at most 80 bits. */
export function combineRandomness(left: Randomness, scalar: bigint, right: Randomness): Randomness {
  requireSameKey(left.key, right.key);
  const { key } = left;
  if (scalar >> SHORT_SCALAR_BITS !== 0n) throw new RangeError('the scalar is too long');
  const power = modexpPublic(left.value, scalar, key.modulus);
  return Randomness.fromUnit(key, (power * right.value) % key.modulus);
}

/** A fresh-looking encryption of the same plaintext: Enc(m; r)·s^N = Enc(m; rs) for a uniform s. */
export function rerandomise(ciphertext: Ciphertext, random: Random): Ciphertext {
  const { key } = ciphertext;
  return add(ciphertext, encrypt(key, plaintext(0n, 1), Randomness.generate(key, random)));
}

/** Whether ciphertext = Enc(m; r). All public. */
export function opens(ciphertext: Ciphertext, message: Plaintext, randomness: Randomness): boolean {
  return encrypt(ciphertext.key, message, randomness).equals(ciphertext);
}

/**
 * (1 + N)^m = 1 + mN modulo N², as (m + L)·N + (N² − LN + 1) for an L above every plaintext: BigInt's time depends on lengths, which are
 * those of L and N² for every m.
 */
function encode({ modulus, modulusSquared }: PublicKey, message: Plaintext): bigint {
  return (message + LENGTHENING) * modulus + (modulusSquared - LENGTHENING * modulus + 1n);
}

function requireSameKey(left: PublicKey, right: PublicKey): void {
  if (!left.equals(right)) {
    throw new InputError('ERR_SEAL_KEY_INVALID', 'values under two different keys do not go together');
  }
}
