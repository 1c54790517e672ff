import { concatBytes, equalBytes } from '../crypto/bytes.ts';
import { isPoint, multiply, multiplyBase, type Point, type Scalar, scalarFromHash } from '../crypto/group.ts';
import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';
import type { EscrowLabel } from './label.ts';
import { ELEMENT_LENGTH, SEED_LENGTH } from './parameters.ts';

/** Where a ciphertext belongs: the escrow, the pair from 0 on, and which of the pair's two. */
export interface Place {
  readonly label: EscrowLabel;
  readonly pair: number;
  readonly bit: 0 | 1;
}

/** What a ciphertext holds. `seed` has 32 bytes; together they determine the ciphertext at its place. */
export interface Opened {
  readonly plaintext: Uint8Array;
  readonly seed: Uint8Array;
}

/** E: the ciphertext of a plaintext under the arbiter's key, 64 bytes longer than it. */
export function encrypt(key: Point, place: Place, opened: Opened): Uint8Array {
  const factor = randomness(place, opened);
  const shared = multiply(factor, key);
  const ciphertext = assemble(place, multiplyBase(factor), shared, opened);
  factor.fill(0);
  shared.fill(0);
  return ciphertext;
}

/**
 * D: what a ciphertext holds at this place; undefined unless encrypting that gives exactly these bytes. Nothing else that depends on `secret` may leave
 * the arbiter, above all not the product of `secret` and an element that somebody else chose.
 */
export function decrypt(secret: Scalar, place: Place, ciphertext: Uint8Array): Opened | undefined {
  const element = ciphertext.subarray(0, ELEMENT_LENGTH);
  if (ciphertext.length < ELEMENT_LENGTH + SEED_LENGTH || !isPoint(element)) return undefined;
  const shared = multiply(secret, element);
  const body = mask(place, element, shared, ciphertext.subarray(ELEMENT_LENGTH));
  shared.fill(0);
  const opened = { seed: body.slice(0, SEED_LENGTH), plaintext: body.slice(SEED_LENGTH) };
  body.fill(0);
  const factor = randomness(place, opened);
  // If the elements agree, the pads do, and all bytes.
  const same = equalBytes(multiplyBase(factor), element);
  factor.fill(0);
  return same ? opened : undefined;
}

/** The ciphertext that has this element, whose product with the key is `shared`. */
export function assemble(
  place: Place,
  element: Point,
  shared: Point,
  { seed, plaintext }: Opened,
): Uint8Array {
  if (seed.length !== SEED_LENGTH) throw new RangeError('a seed has 32 bytes');
  const body = concatBytes(seed, plaintext);
  const masked = mask(place, element, shared, body);
  body.fill(0);
  return concatBytes(element, masked);
}

/** r: the logarithm of the ciphertext's element. */
export function randomness({ label, pair, bit }: Place, { plaintext, seed }: Opened): Scalar {
  const half = (part: number) => hash(tags.escrowRandomness, label, pair, bit, plaintext, seed, part);
  const halves = [half(0), half(1)];
  const wide = concatBytes(...halves);
  const factor = scalarFromHash(wide);
  for (const secret of [wide, ...halves]) secret.fill(0);
  return factor;
}

/** `body` ⊕ pad. */
function mask(
  { label, pair, bit }: Place,
  element: Point,
  shared: Point,
  body: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const masked = new Uint8Array(body);
  for (let block = 0; 32 * block < body.length; block++) {
    const pad = hash(tags.escrowPad, label, pair, bit, element, shared, block);
    const end = Math.min(32, body.length - 32 * block);
    for (let i = 0; i < end; i++) masked[32 * block + i]! ^= pad[i]!;
    pad.fill(0);
  }
  return masked;
}
