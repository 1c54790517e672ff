import { check } from '../crypto/check.ts';
import { toHex } from '../crypto/encoding.ts';
import { hash } from '../crypto/hash.ts';
import { inTurns } from '../crypto/slices.ts';
import { tags } from '../crypto/tags.ts';
import { InputError } from '../errors.ts';
import { isIntact, keyProofVerification, proveKey } from '../paillier/key-proof/index.ts';
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

/** Remembers which keys of peers have been verified, so that each is verified only once. A caller may keep it on disk. */
export interface KeyMemory {
  /** `digest` is 32 bytes, in hex. */
  has(digest: string): boolean;
  add(digest: string): unknown;
}

/** Verifications that are under way, by the memory that will hold their result and by everything they depend on. */
const underWay = new WeakMap<KeyMemory, Map<string, Promise<boolean>>>();

/**
 * Verifies a peer's key proof unless it is remembered; the check `seal key proof` fails if it is not valid. Takes turns with other work, and many
 * sessions with one peer verify its proof once.
 */
export async function checkPeerKey(
  key: PublicKey,
  identity: Uint8Array,
  proof: Uint8Array,
  memory: KeyMemory,
): Promise<void> {
  const digest = toHex(hash(tags.sealKey, identity, key.toBytes()));
  if (memory.has(digest)) return;
  const verifying = underWay.get(memory) ?? new Map<string, Promise<boolean>>();
  underWay.set(memory, verifying);
  const whole = `${digest} ${toHex(proof)}`;
  let valid = verifying.get(whole);
  if (valid === undefined) {
    valid = inTurns(keyProofVerification(key, identity, proof)).finally(() => verifying.delete(whole));
    verifying.set(whole, valid);
  }
  check('seal key proof', await valid);
  memory.add(digest);
}
