import { check } from '../crypto/check.ts';
import { toHex } from '../crypto/encoding.ts';
import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';
import { InputError } from '../errors.ts';
import { isIntact, proveKey, verifyKeyProof } from '../paillier/key-proof/index.ts';
import type { PrivateKey } from '../paillier/private-key.ts';
import type { PublicKey } from '../paillier/public-key.ts';

/** A party's seal key with its proof, for its identity (Ed25519 public key, 32 bytes). Secret. */
export interface SealKey {
  readonly key: PrivateKey;
  readonly identity: Uint8Array;
  /** `keyProofLength(key.publicKey)` bytes. */
  readonly proof: Uint8Array;
}

/** Makes the proof of a new key. */
export function proveSealKey(key: PrivateKey, identity: Uint8Array): SealKey {
  return { key, identity: identity.slice(), proof: proveKey(key, identity) };
}

/** One's own key with its proof from a file. Throws InputError `ERR_SEAL_KEY_INVALID` if the proof is damaged, or of another key or identity. */
export function loadSealKey(key: PrivateKey, identity: Uint8Array, proof: Uint8Array): SealKey {
  if (!isIntact(key.publicKey, identity, proof)) {
    throw new InputError('ERR_SEAL_KEY_INVALID', 'the seal key has no valid proof for this identity', {
      hint: 'the proof can be made anew from the key',
    });
  }
  return { key, identity: identity.slice(), proof: proof.slice() };
}

/** Remembers which peers' keys have been verified, so that each is verified once. A caller may keep it on disk. */
export interface KeyMemory {
  /** `digest` is 32 bytes, in hex. */
  has(digest: string): boolean;
  add(digest: string): unknown;
}

/** Verifies a peer's key proof unless it is remembered; the check `seal key proof` fails if it is not valid. */
export function checkPeerKey(
  key: PublicKey,
  identity: Uint8Array,
  proof: Uint8Array,
  memory: KeyMemory,
): void {
  const digest = toHex(hash(tags.sealKey, identity, key.toBytes()));
  if (memory.has(digest)) return;
  check('seal key proof', verifyKeyProof(key, identity, proof));
  memory.add(digest);
}
