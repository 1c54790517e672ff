import { fromHex, toHex } from './encoding.ts';
import type { Random } from './random.ts';

/** The non-negative integer whose big-endian bytes these are; an empty array is 0. */
export function bytesToInteger(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt(`0x${toHex(bytes)}`);
}

/** Exactly `length` big-endian bytes. Throws RangeError for a negative value or one that does not fit. */
export function integerToBytes(value: bigint, length: number): Uint8Array {
  if (value < 0n) throw new RangeError('a negative integer has no unsigned encoding');
  const hex = value.toString(16);
  if (hex.length > 2 * length && value !== 0n) throw new RangeError('the integer does not fit its encoding');
  return fromHex(length === 0 ? '' : hex.padStart(2 * length, '0'));
}

/** Number of bits of a non-negative integer; 0 has none. */
export function bitLength(value: bigint): number {
  if (value === 0n) return 0;
  const hex = value.toString(16);
  return 4 * hex.length - (Math.clz32(Number.parseInt(hex[0]!, 16)) - 28);
}

/** The residue of `value` in [0, modulus), for any sign of `value`. */
export function modulo(value: bigint, modulus: bigint): bigint {
  const residue = value % modulus;
  return residue < 0n ? residue + modulus : residue;
}

/** Greatest common divisor of two non-negative integers. */
export function gcd(left: bigint, right: bigint): bigint {
  let [a, b] = [left, right];
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/** The inverse of `value` modulo `modulus`, in [0, modulus). Throws RangeError if there is none. */
export function modInverse(value: bigint, modulus: bigint): bigint {
  let [a, b] = [modulo(value, modulus), modulus];
  let [x, y] = [1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  if (a !== 1n) throw new RangeError('not invertible');
  return modulo(x, modulus);
}

/**
 * base^exponent mod modulus by squaring and multiplying BigInts, for short public exponents: below 64 bits it beats
 * `Modulus`. Its time depends on every value. Throws RangeError for a negative exponent.
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

/** A uniform integer of `bits` bits, in [0, 2^bits). */
export function randomBits(random: Random, bits: number): bigint {
  const bytes = random(Math.ceil(bits / 8));
  const value = bytesToInteger(bytes) & ((1n << BigInt(bits)) - 1n);
  bytes.fill(0);
  return value;
}

/** A uniform integer in [0, bound), by rejection. */
export function randomBelow(random: Random, bound: bigint): bigint {
  if (bound <= 0n) throw new RangeError('there is no integer below the bound');
  const bits = bitLength(bound - 1n);
  for (;;) {
    const value = randomBits(random, bits);
    if (value < bound) return value;
  }
}
