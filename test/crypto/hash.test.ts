import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { beginHash, hash } from '../../src/crypto/hash.ts';
import { tags } from '../../src/crypto/tags.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** Eight bytes, big-endian. */
function length(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

test('SHA-256 of the standard', () => {
  const digest = sha256(new TextEncoder().encode('abc'));
  expect(hex(digest)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('a tagged hash is SHA-256 over its parts, each after its length', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 5 }), (parts) => {
      const tag = new TextEncoder().encode(tags.sessionId);
      const encoded = [tag, ...parts].flatMap((part) => [length(part.length), part]);
      expect(hex(hash(tags.sessionId, ...parts))).toBe(hex(sha256(Buffer.concat(encoded))));
    }),
  );
});

test('a hash whose last part comes in pieces is that of the whole part', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 900 }), { maxLength: 4 }), (pieces) => {
      const whole = Buffer.concat(pieces);
      const state = beginHash(whole.length, tags.sessionId, 'first', 2);
      for (const piece of pieces) state.update(piece);
      expect(hex(new Uint8Array(state.digest()))).toBe(hex(hash(tags.sessionId, 'first', 2, whole)));
    }),
  );
});

test('different lists of parts never hash the same bytes', () => {
  const one = hash(tags.sessionId, Uint8Array.of(1, 2), Uint8Array.of(3));
  expect(hash(tags.sessionId, Uint8Array.of(1), Uint8Array.of(2, 3))).not.toEqual(one);
  expect(hash(tags.negotiationId, Uint8Array.of(1, 2), Uint8Array.of(3))).not.toEqual(one);
  expect(hash(tags.sessionId, 7)).toEqual(hash(tags.sessionId, length(7)));
});
