import { createDiffieHellman, type DiffieHellman, timingSafeEqual } from 'node:crypto';
import { bitLength, bytesToInteger, gcd, integerToBytes, modexpPublic } from '../../integers.ts';
import type { PowerModulus } from '../platform.ts';
import { plain } from './plain.ts';

/** OpenSSL takes Diffie–Hellman moduli of 512 to 10,000 bits. */
const MIN_DIRECT_BITS = 512;
/** OpenSSL's Montgomery code is fastest for moduli of a multiple of eight 64-bit words. */
const LIMB_BITS = 512;
/** Uses of a modulus after which the time a direct context saves outweighs what it costs to make. */
const USES_BEFORE_DIRECT = 12;
const ONE = new Uint8Array([1]);

/**
 * Powers in OpenSSL's constant-time Montgomery ladder: Diffie–Hellman with the modulus as the prime, the exponent as the private key and the
 * base as the peer's public key computes exactly base^exponent.
 *
 * Making a Diffie–Hellman object tests its modulus for primality, which costs two exponentiations for a composite and some sixty for a
 * prime. So a modulus starts in a *padded* context, by modulus·c for an odd c that is a multiple of three (the test ends at once; results are
 * reduced by the modulus), slower by an eighth at 6,144 bits, a third at 3,072 and three quarters at 1,536, and gets its own *direct* context
 * after some uses, or by `prepare`.
 *
 * Diffie–Hellman refuses bases and results that are 0, 1 or −1; those are computed here, through BigInt. Reductions of padded results also
 * pass through BigInt.
 */
export class NodeModulus implements PowerModulus {
  private readonly value: bigint;
  private readonly length: number;
  private readonly bits: number;
  /** 0, 1 and −1, as long as the modulus. */
  private readonly units: readonly [Uint8Array, Uint8Array, Uint8Array];
  private context: DiffieHellman;
  private contextLength: number;
  private direct = false;
  private uses = 0;

  constructor(value: Uint8Array) {
    this.value = bytesToInteger(value);
    this.length = value.length;
    this.bits = bitLength(this.value);
    this.units = [
      new Uint8Array(this.length),
      integerToBytes(1n, this.length),
      integerToBytes(this.value - 1n, this.length),
    ];
    const paddedBits = (Math.ceil(this.bits / LIMB_BITS) + 1) * LIMB_BITS;
    const cofactor = 3n * ((1n << BigInt(paddedBits - this.bits - 2)) + 1n);
    const padded = this.value * cofactor;
    this.contextLength = Math.ceil(bitLength(padded) / 8);
    this.context = createDiffieHellman(integerToBytes(padded, this.contextLength), 2);
  }

  prepare(): void {
    if (this.direct || this.bits < MIN_DIRECT_BITS) return;
    this.context = createDiffieHellman(integerToBytes(this.value, this.length), 2);
    this.contextLength = this.length;
    this.direct = true;
  }

  power(base: Uint8Array, exponent: Uint8Array): Uint8Array {
    const exception = this.exceptionalBase(base, exponent);
    if (exception !== undefined) return exception;
    this.uses += 1;
    if (this.uses > USES_BEFORE_DIRECT) this.prepare();
    try {
      return this.native(base, exponent);
    } catch (error) {
      return this.exceptionalResult(base, exponent, error);
    }
  }

  private native(base: Uint8Array, exponent: Uint8Array): Uint8Array {
    this.context.setPrivateKey(exponent);
    try {
      if (this.direct) return this.secret(base);
      const padded = new Uint8Array(this.contextLength);
      padded.set(base, this.contextLength - this.length);
      const result = this.secret(padded);
      const value = bytesToInteger(result) % this.value;
      result.fill(0);
      return integerToBytes(value, this.length);
    } finally {
      // Replacing a private key makes OpenSSL clear the one before.
      this.context.setPrivateKey(ONE);
    }
  }

  /** Throws where Diffie–Hellman refuses the result. Some releases of Node 22 then return no bytes instead of throwing. */
  private secret(base: Uint8Array): Uint8Array {
    const result = plain(this.context.computeSecret(base));
    if (result.length !== this.contextLength) throw new Error('Diffie–Hellman has refused a result');
    return result;
  }

  /** The result for a base that Diffie–Hellman refuses. */
  private exceptionalBase(base: Uint8Array, exponent: Uint8Array): Uint8Array | undefined {
    const [zero, one, minusOne] = this.units;
    if (timingSafeEqual(base, zero) || timingSafeEqual(base, one)) return base.slice();
    if (!timingSafeEqual(base, minusOne)) return undefined;
    return (exponent.at(-1)! % 2 === 0 ? one : minusOne).slice();
  }

  /**
   * The result where Diffie–Hellman refused it as 0, 1 or −1. Since the base is none of them, base^(exponent−1)
   * is none of them either, unless all are zero; for that the base would have to share a factor with the modulus.
   */
  private exceptionalResult(base: Uint8Array, exponent: Uint8Array, refusal: unknown): Uint8Array {
    const number = bytesToInteger(base);
    const times = bytesToInteger(exponent);
    if (gcd(number, this.value) !== 1n) {
      return integerToBytes(modexpPublic(number, times, this.value), this.length);
    }
    const before = this.native(base, integerToBytes(times - 1n, exponent.length));
    const result = (bytesToInteger(before) * number) % this.value;
    if (result !== 1n && result !== this.value - 1n) throw refusal;
    return integerToBytes(result, this.length);
  }
}
