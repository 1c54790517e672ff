import { platform } from '#platform';
import { bitLength, bytesToInteger, integerToBytes, modulo } from './integers.ts';
import type { PowerModulus } from './platform/platform.ts';

const MAX_BITS = 9_400;
const CACHED_MODULI = 16;

/**
 * Modular exponentiation by one odd modulus, on the platform's constant-time ladder.
 *
 * Times depend on the lengths of exponent and modulus. They also depend on whether the base, or the result, is 0, 1
 * or −1: callers for whom that is secret blind the base. Bases and results pass through BigInt, whose conversions and reductions are not
 * constant-time.
 */
export class Modulus {
  readonly value: bigint;
  private readonly length: number;
  private readonly powers: PowerModulus;

  /** Throws RangeError unless `value` is odd, at least 3 and of at most 9,400 bits. */
  constructor(value: bigint) {
    if (value < 3n || value % 2n === 0n) throw new RangeError('the modulus is not an odd integer above 1');
    const bits = bitLength(value);
    if (bits > MAX_BITS) throw new RangeError('the modulus is too long');
    this.value = value;
    this.length = Math.ceil(bits / 8);
    this.powers = platform.modulus(integerToBytes(value, this.length));
  }

  /** Prepares for many powers now. Worth it for a modulus that will be used many times. */
  prepare(): void {
    this.powers.prepare();
  }

  /** base^exponent in [0, modulus). Any integer base; throws RangeError for a negative exponent. */
  power(base: bigint, exponent: bigint): bigint {
    if (exponent < 0n) throw new RangeError('the exponent is negative');
    if (exponent === 0n) return 1n;
    const secret = integerToBytes(exponent, Math.ceil(bitLength(exponent) / 8));
    const reduced = integerToBytes(modulo(base, this.value), this.length);
    try {
      const result = this.powers.power(reduced, secret);
      const value = bytesToInteger(result);
      result.fill(0);
      return value;
    } finally {
      secret.fill(0);
      reduced.fill(0);
    }
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
