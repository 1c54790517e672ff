import { createPublicKey, verify } from 'node:crypto';
import sodium from 'libsodium-wrappers-sumo';
import { InputError } from '../errors.ts';

await sodium.ready;

/** The canonical 32-byte encoding of an Ed25519 point in the prime-order subgroup, other than the identity. */
export type PublicKey = Uint8Array & { readonly __brand: 'Ed25519PublicKey' };

export const PUBLIC_KEY_LENGTH = 32;
export const SIGNATURE_LENGTH = 64;

/** DER of SubjectPublicKeyInfo for Ed25519 up to the key itself (RFC 8410, section 4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Decodes a public key strictly: exactly 32 bytes, the canonical encoding (RFC 8032, section 5.1.3, with y < p and no
 * negative zero) of a point of prime order. Small-order and mixed-order points are refused, so a key belongs to
 * one point, a signature to one key, and cofactored and cofactorless verification agree on it.
 * Returns a copy. Throws InputError `ERR_KEY_INVALID`.
 */
export function decodePublicKey(bytes: Uint8Array): PublicKey {
  if (bytes.length !== PUBLIC_KEY_LENGTH) throw refused('a public key is exactly 32 bytes');
  if (!sodium.crypto_core_ed25519_is_valid_point(bytes)) {
    throw refused('the public key is not the canonical encoding of a point of prime order');
  }
  return Uint8Array.from(bytes) as PublicKey;
}

/**
 * Whether `signature` (64 bytes) is a pure Ed25519 signature of `message` by `publicKey` (RFC 8032, section 5.1.7, without
 * cofactor). A scalar at or above the group order and a non-canonical R are refused.
 */
export function verifySignature(publicKey: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_LENGTH) return false;
  const key = createPublicKey({
    key: Buffer.concat([SPKI_PREFIX, publicKey]),
    format: 'der',
    type: 'spki',
  });
  return verify(null, message, key, signature);
}

function refused(message: string): InputError {
  return new InputError('ERR_KEY_INVALID', message, { hint: 'ask for a key made by parley keygen' });
}
