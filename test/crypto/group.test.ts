import { readFileSync } from 'node:fs';
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import {
  add,
  decodePoint,
  multiply,
  multiplyBase,
  pointFromHash,
  randomScalar,
  type Scalar,
  subtract,
} from '../../src/crypto/group.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { PeerCheatedError } from '../../src/errors.ts';

const vectors = JSON.parse(
  readFileSync(new URL('../fixtures/ristretto255.json', import.meta.url), 'utf8'),
) as {
  multiples: string[];
  invalid: string[];
  hashed: { input: string; point: string }[];
};

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');

function smallScalar(value: number): Scalar {
  const scalar = new Uint8Array(32);
  scalar[0] = value;
  return scalar as Scalar;
}

const asNumber = (scalar: Uint8Array) => BigInt(`0x${hex(scalar.slice().reverse())}`);

describe('ristretto255, RFC 9496', () => {
  it('A.1: multiples of the generator', () => {
    for (const [multiple, expected] of vectors.multiples.entries()) {
      if (multiple === 0) continue;
      expect(hex(multiplyBase(smallScalar(multiple)))).toBe(expected);
      expect(hex(multiply(smallScalar(multiple), multiplyBase(smallScalar(1))))).toBe(expected);
      expect(hex(decodePoint(bytes(expected)))).toBe(expected);
    }
  });

  it.each(vectors.invalid)('A.2: refuses %s', (encoding) => {
    expect(() => decodePoint(bytes(encoding))).toThrow(PeerCheatedError);
  });

  it('A.3: maps hashes to elements', () => {
    for (const { input, point } of vectors.hashed) expect(hex(pointFromHash(bytes(input)))).toBe(point);
  });

  it('refuses the identity and other lengths', () => {
    for (const length of [0, 31, 32, 33, 64]) {
      expect(() => decodePoint(new Uint8Array(length))).toThrow(PeerCheatedError);
    }
  });

  it('refuses a product that is the identity', () => {
    expect(() => multiply(smallScalar(0), multiplyBase(smallScalar(1)))).toThrow(PeerCheatedError);
  });
});

describe('ristretto255 against @noble/curves', () => {
  it('agrees on every operation', () => {
    const random = seededRandom(new Uint8Array(16).fill(9));
    const { Point } = ristretto255;
    for (let i = 0; i < 10; i++) {
      const wide = random(64);
      const element = pointFromHash(wide);
      expect(hex(element)).toBe(ristretto255_hasher.deriveToCurve!(wide).toHex());
      const factor = randomScalar(random);
      expect(asNumber(factor)).toBeLessThan(Point.Fn.ORDER);
      const product = multiply(factor, element);
      expect(hex(product)).toBe(Point.fromHex(hex(element)).multiply(asNumber(factor)).toHex());
      expect(hex(multiplyBase(factor))).toBe(Point.BASE.multiply(asNumber(factor)).toHex());
      const sum = Point.fromHex(hex(product)).add(Point.fromHex(hex(element)));
      expect(hex(add(product, element))).toBe(sum.toHex());
      expect(hex(subtract(add(product, element), element))).toBe(hex(product));
    }
  });
});
