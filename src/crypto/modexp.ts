import { createDiffieHellman, type DiffieHellman } from 'node:crypto';
import { bitLength, bytesToInteger, gcd, integerToBytes, modulo } from './integers.ts';

/** OpenSSL takes Diffie–Hellman moduli of 512 to 10,000 bits. */
const MIN_DIRECT_BITS = 512;
const MAX_BITS = 9_400;
/** OpenSSL's Montgomery code is fastest for moduli of a multiple of eight 64-bit words. */
const LIMB_BITS = 512;
/** Uses of a modulus after which the time a direct context saves outweighs what it costs to make. */
const USES_BEFORE_DIRECT = 12;
const CACHED_MODULI = 16;
const ONE = new Uint8Array([1]);

/**
 * Modular exponentiation by one odd modulus, in OpenSSL's constant-time Montgomery ladder: Diffie–Hellman with the
 * modulus as the prime, the exponent as the private key and the base as the peer's public key computes exactly base^exponent.
 *
 * Making a Diffie–Hellman object tests its modulus for primality, which costs two exponentiations for a composite and
 * some sixty for a prime. So a modulus starts in a *padded* context, by modulus·c for an odd c that is a multiple of three (the
 * test ends at once; results are reduced by the modulus), slower by an eighth at 6,144 bits, a third at 3,072 and three
 * quarters at 1,536, and gets its own *direct* context after some uses, or by `prepare`.
 *
 * Times depend on the lengths of exponent and modulus. They also depend on whether the base, or the result, is 0, 1
 * or −1, which Diffie–Hellman refuses and this class works out: callers for whom that is secret blind the base.
 * Bases and results pass through BigInt, whose conversions and reductions are not constant-time.
 */
export class Modulus {
  readonly value: bigint;
  private readonly bits: number;
  private context: DiffieHellman;
  private contextModulus: bigint;
  private contextLength: number;
  private uses = 0;

  /** Throws RangeError unless `value` is odd, at least 3 and of at most 9,400 bits. */
  constructor(value: bigint) {
    if (value < 3n || value % 2n === 0n) throw new RangeError('the modulus is not an odd integer above 1');
    this.value = value;
    this.bits = bitLength(value);
    if (this.bits > MAX_BITS) throw new RangeError('the modulus is too long');
    const paddedBits = (Math.ceil(this.bits / LIMB_BITS) + 1) * LIMB_BITS;
    const cofactor = 3n * ((1n << BigInt(paddedBits - this.bits - 2)) + 1n);
    this.contextModulus = value * cofactor;
    this.contextLength = Math.ceil(bitLength(this.contextModulus) / 8);
    this.context = createDiffieHellman(integerToBytes(this.contextModulus, this.contextLength), 2);
  }

  /** Makes the direct context now. Worth it for a modulus that will be used many times. */
  prepare(): void {
    if (this.contextModulus === this.value || this.bits < MIN_DIRECT_BITS) return;
    const length = Math.ceil(this.bits / 8);
    this.context = createDiffieHellman(integerToBytes(this.value, length), 2);
    this.contextModulus = this.value;
    this.contextLength = length;
  }

  /** base^exponent in [0, modulus). Any integer base; throws RangeError for a negative exponent. */
  power(base: bigint, exponent: bigint): bigint {
    if (exponent < 0n) throw new RangeError('the exponent is negative');
    const reduced = modulo(base, this.value);
    if (exponent === 0n) return 1n;
    if (reduced <= 1n) return reduced;
    if (reduced === this.value - 1n) return exponent % 2n === 0n ? 1n : reduced;
    this.uses += 1;
    if (this.uses > USES_BEFORE_DIRECT) this.prepare();
    try {
      return this.native(reduced, exponent);
    } catch (error) {
      return this.exceptional(reduced, exponent, error);
    }
  }

  private native(base: bigint, exponent: bigint): bigint {
    const secret = integerToBytes(exponent, Math.ceil(bitLength(exponent) / 8));
    this.context.setPrivateKey(secret);
    secret.fill(0);
    try {
      const result = this.context.computeSecret(integerToBytes(base, this.contextLength));
      const value = bytesToInteger(result);
      result.fill(0);
      return this.contextModulus === this.value ? value : value % this.value;
    } finally {
      // Replacing a private key makes OpenSSL clear the one before.
      this.context.setPrivateKey(ONE);
    }
  }

  /**
   * The result where Diffie–Hellman refused it as 0, 1 or −1. The base being none of them, base^(exponent−1)
   * is none of them either unless all are zero, which needs a base that shares a factor with the modulus.
   */
  private exceptional(base: bigint, exponent: bigint, refusal: unknown): bigint {
    if (gcd(base, this.value) !== 1n) return modexpPublic(base, exponent, this.value);
    const result = (this.native(base, exponent - 1n) * base) % this.value;
    if (result !== 1n && result !== this.value - 1n) throw refusal;
    return result;
  }
}

const cached = new Map<bigint, Modulus>();

/** The `Modulus` of a public modulus, kept for the next caller; the least recently used of 16 goes first. */
export function publicModulus(value: bigint): Modulus {
  const modulus = cached.get(value) ?? new Modulus(value);
  cached.delete(value);
  cached.set(value, modulus);
  if (cached.size > CACHED_MODULI) cached.delete(cached.keys().next().value!);
  return modulus;
}

/**
 * base^exponent mod modulus by squaring and multiplying BigInts, for short public exponents: below 64 bits it beats the
 * native call. Its time depends on every value. Throws RangeError for a negative exponent.
 */
export function modexpPublic(base: bigint, exponent: bigint, modulus: bigint): bigint {
  if (exponent < 0n) throw new RangeError('the exponent is negative');
  let result = 1n % modulus;
  let power = modulo(base, modulus);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * power) % modulus;
    if (rest > 1n) power = (power * power) % modulus;
  }
  return result;
}
