import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bitLength,
  bytesToInteger,
  gcd,
  integerToBytes,
  modInverse,
  modulo,
  randomBelow,
  randomBits,
} from '../../src/crypto/integers.ts';
import { seededRandom } from '../../src/crypto/random.ts';

const natural = fc.bigInt({ min: 0n, max: 1n << 4_000n });

describe('integers', () => {
  it('encode at a fixed length and come back', () => {
    fc.assert(
      fc.property(natural, fc.nat(20), (value, slack) => {
        const length = Math.ceil(bitLength(value) / 8) + slack;
        const bytes = integerToBytes(value, length);
        expect(bytes.length).toBe(length);
        expect(bytesToInteger(bytes)).toBe(value);
      }),
    );
  });

  it('refuse to encode what is negative or does not fit', () => {
    expect(() => integerToBytes(-1n, 4)).toThrow(RangeError);
    expect(() => integerToBytes(256n, 1)).toThrow(RangeError);
    expect(() => integerToBytes(1n, 0)).toThrow(RangeError);
    expect(integerToBytes(255n, 1)).toEqual(new Uint8Array([255]));
    expect(integerToBytes(0n, 0)).toEqual(new Uint8Array(0));
    expect(bytesToInteger(new Uint8Array([1, 0, 2]).subarray(1))).toBe(2n);
  });

  it('have as many bits as their binary digits', () => {
    expect(bitLength(0n)).toBe(0);
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 1n << 500n }), (value) => {
        expect(bitLength(value)).toBe(value.toString(2).length);
      }),
    );
  });

  it('give residues, divisors and inverses', () => {
    fc.assert(
      fc.property(natural, fc.bigInt({ min: 2n, max: 1n << 3_000n }), (value, modulus) => {
        expect(modulo(-value, modulus)).toBe((modulus - (value % modulus)) % modulus);
        const divisor = gcd(value, modulus);
        expect(modulus % divisor).toBe(0n);
        expect(value % divisor).toBe(0n);
        if (divisor === 1n) expect((modInverse(value, modulus) * value) % modulus).toBe(1n);
        else expect(() => modInverse(value, modulus)).toThrow(RangeError);
      }),
    );
    expect(modInverse(-2n, 7n)).toBe(3n);
    expect(gcd(0n, 0n)).toBe(0n);
  });

  it('are drawn below their bound, and reach all of it', () => {
    const random = seededRandom(new Uint8Array(16));
    const counts = new Array<number>(5).fill(0);
    for (let draw = 0; draw < 2_000; draw++) {
      const value = Number(randomBelow(random, 5n));
      counts[value] = counts[value]! + 1;
    }
    expect(counts.length).toBe(5);
    for (const count of counts) expect(Math.abs(count - 400)).toBeLessThan(100);
    expect(randomBelow(random, 1n)).toBe(0n);
    expect(() => randomBelow(random, 0n)).toThrow(RangeError);
    for (let bits = 1; bits < 80; bits++)
      expect(bitLength(randomBits(random, bits))).toBeLessThanOrEqual(bits);
  });
});
