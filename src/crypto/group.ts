/**
 * ristretto255 (RFC 9496): a group of prime order 2²⁵² + 277…493 in which every element has one encoding, in
 * constant time from libsodium, which has to be loaded first. Points and scalars are 32 bytes; scalars are reduced, little-endian.
 */
import { PeerCheatedError } from '../errors.ts';
import { equalBytes } from './bytes.ts';
import type { Random } from './random.ts';
import { sodium } from './sodium.ts';

declare const point: unique symbol;
declare const scalar: unique symbol;

/** The canonical encoding of a group element, 32 bytes. */
export type Point = Uint8Array & { readonly [point]: true };
/** A number modulo the group order, 32 bytes. Secret ones are zeroed by whoever made them. */
export type Scalar = Uint8Array & { readonly [scalar]: true };

/** The base point (RFC 9496, A.1). */
export const BASE_POINT = Uint8Array.of(
  ...[0xe2, 0xf2, 0xae, 0x0a, 0x6a, 0xbc, 0x4e, 0x71, 0xa8, 0x84, 0xa9, 0x61, 0xc5, 0x00, 0x51, 0x5f],
  ...[0x58, 0xe3, 0x0b, 0x6a, 0xa5, 0x82, 0xdd, 0x8d, 0xb6, 0xa6, 0x59, 0x45, 0xe0, 0x8d, 0x2d, 0x76],
) as Point;

/** A uniform scalar, from 64 random bytes. Zero comes with probability 2⁻²⁵². */
export function randomScalar(random: Random): Scalar {
  const wide = random(64);
  const reduced = sodium().crypto_core_ristretto255_scalar_reduce(wide) as Scalar;
  wide.fill(0);
  return reduced;
}

/** The scalar of 64 uniform bytes, which stay the caller's. */
export function scalarFromHash(bytes: Uint8Array): Scalar {
  return sodium().crypto_core_ristretto255_scalar_reduce(bytes) as Scalar;
}

/** Whether 32 bytes are a scalar in its one encoding. */
export function isScalar(bytes: Uint8Array): bytes is Scalar {
  if (bytes.length !== 32) return false;
  const wide = new Uint8Array(64);
  wide.set(bytes);
  const same = equalBytes(sodium().crypto_core_ristretto255_scalar_reduce(wide), bytes);
  wide.fill(0);
  return same;
}

/** left·right + addend. */
export function multiplyAdd(left: Scalar, right: Scalar, addend: Scalar): Scalar {
  const product = sodium().crypto_core_ristretto255_scalar_mul(left, right);
  const sum = sodium().crypto_core_ristretto255_scalar_add(product, addend) as Scalar;
  product.fill(0);
  return sum;
}

/** The element that 64 uniform bytes map to; nobody knows its logarithm (RFC 9496, 4.3.4). */
export function pointFromHash(bytes: Uint8Array): Point {
  return sodium().crypto_core_ristretto255_from_hash(bytes) as Point;
}

/** Whether bytes are the canonical encoding of a group element other than the identity. */
export function isPoint(bytes: Uint8Array): bytes is Point {
  return bytes.length === 32 && !isIdentity(bytes) && sodium().crypto_core_ristretto255_is_valid_point(bytes);
}

/**
 * A point that came from the peer. Throws `ERR_PEER_CHEATED` unless the 32 bytes are the canonical encoding of a
 * group element other than the identity.
 */
export function decodePoint(bytes: Uint8Array): Point {
  if (!isPoint(bytes)) throw new PeerCheatedError('group element');
  return bytes;
}

/** `factor` times the base point. Throws a plain error if `factor` is zero. */
export function multiplyBase(factor: Scalar): Point {
  return sodium().crypto_scalarmult_ristretto255_base(factor) as Point;
}

/** `factor` times `element`. Throws `ERR_PEER_CHEATED` if that is the identity. */
export function multiply(factor: Scalar, element: Point): Point {
  try {
    return sodium().crypto_scalarmult_ristretto255(factor, element) as Point;
  } catch {
    throw new PeerCheatedError('group element');
  }
}

export function add(left: Point, right: Point): Point {
  return sodium().crypto_core_ristretto255_add(left, right) as Point;
}

export function subtract(left: Point, right: Point): Point {
  return sodium().crypto_core_ristretto255_sub(left, right) as Point;
}

/** (ℓ + 1)/2, the inverse of 2 modulo the group order ℓ. */
const HALF = Uint8Array.of(
  ...[0xf7, 0xe9, 0x7a, 0x2e, 0x8d, 0x31, 0x09, 0x2c, 0x6b, 0xce, 0x7b, 0x51, 0xef, 0x7c, 0x6f, 0x0a],
  ...new Uint8Array(15),
  0x08,
);

/** The scalar whose double is `value`. */
export function halve(value: Scalar): Scalar {
  return sodium().crypto_core_ristretto255_scalar_mul(value, HALF) as Scalar;
}

/** Whether an encoding is that of the identity: all zero. */
export function isIdentity(bytes: Uint8Array): boolean {
  let bits = 0;
  for (const byte of bytes) bits |= byte;
  return bits === 0;
}
