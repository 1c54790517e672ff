import { platform } from '#platform';
import { InputError } from '../errors.ts';
import { toHex } from './encoding.ts';
import type { VerifyingKey } from './platform/platform.ts';
import { sodium } from './sodium.ts';

/** The canonical 32-byte encoding of an Ed25519 point in the prime-order subgroup, other than the identity. */
export type PublicKey = Uint8Array & { readonly __brand: 'Ed25519PublicKey' };

export const PUBLIC_KEY_LENGTH = 32;
export const SIGNATURE_LENGTH = 64;

/** Keys already found valid, by their bytes, in the form that verifies signatures. A session meets the same few keys again and again. */
const known = new Map<string, VerifyingKey>();
const KNOWN_LIMIT = 256;

/**
 * Decodes a public key strictly: exactly 32 bytes, the canonical encoding (RFC 8032, section 5.1.3, with y < p and no
 * negative zero) of a point of prime order. Small-order and mixed-order points are refused, so a key belongs to
 * one point, a signature to one key, and cofactored and cofactorless verification agree on it.
 * Returns a copy. Throws InputError `ERR_KEY_INVALID`. Needs `loadSodium`.
 */
export function decodePublicKey(bytes: Uint8Array): PublicKey {
  if (bytes.length !== PUBLIC_KEY_LENGTH) throw refused('a public key is exactly 32 bytes');
  const key = Uint8Array.from(bytes) as PublicKey;
  if (!known.has(toHex(key))) {
    if (!sodium().crypto_core_ed25519_is_valid_point(key)) {
      throw refused('the public key is not the canonical encoding of a point of prime order');
    }
    if (known.size >= KNOWN_LIMIT) known.delete(known.keys().next().value!);
    known.set(toHex(key), platform.verifyingKey(key));
  }
  return key;
}

/** Whether these 32 bytes are a public key, decoded strictly. Needs `loadSodium`. */
export function isPublicKey(bytes: Uint8Array): bytes is PublicKey {
  return sodium().crypto_core_ed25519_is_valid_point(bytes);
}

/**
 * Whether `signature` (64 bytes) is a pure Ed25519 signature of `message` by `publicKey` (RFC 8032, section 5.1.7, without
 * cofactor). A scalar at or above the group order and a non-canonical R are refused.
 */
export function verifySignature(publicKey: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_LENGTH) return false;
  const key = known.get(toHex(publicKey)) ?? platform.verifyingKey(publicKey);
  return key.verify(message, signature);
}

function refused(message: string): InputError {
  return new InputError('ERR_KEY_INVALID', message);
}
