import { type Bits, packBits } from '../../src/circuit/bits.ts';

/** GF(2^128) with bigints: bit r is the coefficient of z^r. */
export function multiply(left: bigint, right: bigint): bigint {
  let product = 0n;
  for (let i = 0n; i < 128n; i += 1n) if ((right >> i) & 1n) product ^= left << i;
  for (let i = 254n; i >= 128n; i -= 1n) {
    if ((product >> i) & 1n) product ^= ((1n << 128n) | 0x87n) << (i - 128n);
  }
  return product;
}

/** The element that 16 bytes stand for. */
export function element(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** Σ c_j·key^(J+1−j) over the 128-bit pieces of `bits`, term by term. */
export function polynomialHash(bits: Bits, key: Uint8Array): bigint {
  const count = Math.ceil(bits.length / 128);
  let sum = 0n;
  for (let piece = 0; piece < count; piece += 1) {
    let term = element(packBits(bits.subarray(128 * piece, 128 * piece + 128)));
    for (let power = piece; power < count; power += 1) term = multiply(term, element(key));
    sum ^= term;
  }
  return sum;
}
