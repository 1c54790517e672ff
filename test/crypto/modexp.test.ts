import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modexpPublic } from '../../src/crypto/integers.ts';
import { Modulus, publicModulus } from '../../src/crypto/modexp.ts';

/** Right to left by definition, independent of the code under test. */
function reference(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus;
    if (bit === '1') result = (result * base) % modulus;
  }
  return ((result % modulus) + modulus) % modulus;
}

const prime = 2n ** 607n - 1n;
const composite = (2n ** 521n - 1n) * (2n ** 89n - 1n);
const moduli = { prime, composite, square: (2n ** 521n - 1n) ** 2n, small: 3n, power: 5n ** 300n };

describe('modular exponentiation', () => {
  for (const [name, value] of Object.entries(moduli)) {
    for (const context of ['padded', 'direct'] as const) {
      it(`agrees with BigInt modulo a ${name} one, ${context}`, () => {
        const modulus = new Modulus(value);
        if (context === 'direct') modulus.prepare();
        fc.assert(
          fc.property(
            fc.bigInt({ min: -2n * value, max: 2n * value }),
            fc.oneof(fc.bigInt({ min: 0n, max: 3n }), fc.bigInt({ min: 0n, max: value * value })),
            (base, exponent) => {
              const expected = reference(((base % value) + value) % value, exponent, value);
              expect(modulus.power(base, exponent)).toBe(expected);
              if (exponent < 1n << 64n) expect(modexpPublic(base, exponent, value)).toBe(expected);
            },
          ),
          { numRuns: 25 },
        );
      });

      it(`gives 0, 1 and −1 modulo a ${name} one, ${context}, where Diffie–Hellman refuses them`, () => {
        const modulus = new Modulus(value);
        if (context === 'direct') modulus.prepare();
        for (const base of [0n, 1n, 2n, value - 1n, value, value + 1n, value - 2n, -1n]) {
          for (const exponent of [
            0n,
            1n,
            2n,
            3n,
            4n,
            value - 1n,
            (value - 1n) / 2n,
            value,
            2n * value - 2n,
          ]) {
            expect(modulus.power(base, exponent)).toBe(
              reference(((base % value) + value) % value, exponent, value),
            );
          }
        }
      });
    }
  }

  it('finds results of 1 and −1 from other bases', () => {
    for (const context of ['padded', 'direct']) {
      const modulus = new Modulus(prime);
      if (context === 'direct') modulus.prepare();
      expect(modulus.power(3n, prime - 1n)).toBe(1n);
      expect(modulus.power(3n, (prime - 1n) / 2n)).toBe(reference(3n, (prime - 1n) / 2n, prime));
      expect([1n, prime - 1n]).toContain(modulus.power(7n, (prime - 1n) / 2n));
    }
  });

  it('finds zero from a base that is nilpotent', () => {
    const value = (2n ** 521n - 1n) ** 2n;
    for (const context of ['padded', 'direct']) {
      const modulus = new Modulus(value);
      if (context === 'direct') modulus.prepare();
      expect(modulus.power(2n ** 521n - 1n, 2n)).toBe(0n);
      expect(modulus.power(3n * (2n ** 521n - 1n), 1n)).toBe(3n * (2n ** 521n - 1n));
    }
  });

  it('moves to a direct context after some uses without changing results', () => {
    const modulus = new Modulus(composite);
    for (let use = 0; use < 40; use++) {
      expect(modulus.power(5n, 1_000n)).toBe(reference(5n, 1_000n, composite));
    }
  });

  it('refuses even, tiny and giant moduli and negative exponents', () => {
    for (const value of [-3n, 0n, 1n, 2n, 2n ** 600n, 2n ** 9_401n + 1n]) {
      expect(() => new Modulus(value)).toThrow(RangeError);
    }
    expect(() => new Modulus(7n).power(2n, -1n)).toThrow(RangeError);
    expect(() => modexpPublic(2n, -1n, 7n)).toThrow(RangeError);
  });

  it('keeps the most recently used public moduli', () => {
    const first = publicModulus(101n);
    for (let index = 0; index < 15; index++) publicModulus(103n + 2n * BigInt(index));
    expect(publicModulus(101n)).toBe(first);
    for (let index = 0; index < 16; index++) publicModulus(203n + 2n * BigInt(index));
    expect(publicModulus(101n)).not.toBe(first);
  });
});
