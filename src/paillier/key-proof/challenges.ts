import { concatBytes } from '../../crypto/bytes.ts';
import { hash } from '../../crypto/hash.ts';
import { bytesToInteger } from '../../crypto/integers.ts';
import { tags } from '../../crypto/tags.ts';
import type { PublicKey } from '../public-key.ts';
import { ROOTS, SURPLUS_BYTES } from './parameters.ts';

const DIGEST_LENGTH = 32;

/** Step 1: the eight challenges ρᵢ in [0, N), from the owner's identity (32 bytes) and N. */
export function challenges(key: PublicKey, identity: Uint8Array): bigint[] {
  if (identity.length !== 32) throw new RangeError('an identity has 32 bytes');
  const seed = hash(tags.keyProof, identity, key.toBytes());
  const length = key.modulusLength + SURPLUS_BYTES;
  const blocks = Math.ceil(length / DIGEST_LENGTH);
  return Array.from({ length: ROOTS }, (_, index) => {
    const parts = Array.from({ length: blocks }, (_, block) =>
      hash(tags.keyProofChallenge, seed, index, block),
    );
    return bytesToInteger(concatBytes(...parts).subarray(0, length)) % key.modulus;
  });
}
