import { hash } from '../crypto/hash.ts';
import { seededRandom } from '../crypto/random.ts';
import { tags } from '../crypto/tags.ts';
import type { Ciphertext, Randomness } from '../paillier/ciphertext.ts';

/** Bytes of a commitment to the rest of an entry: what it has besides the sealed number. */
export const COMMITMENT_LENGTH = 32;
const MASK_LENGTH = 16;
const KEY_LENGTH = 16;

/**
 * A commitment, beside the seal C_x, to the rest of the same entry: SHA-256 over C_x, a seed and `rest`. The seed is a hash of r_x, so whoever can
 * open the seal can open this too, and nobody else can.
 */
export function commitTo(rest: Uint8Array, ciphertext: Ciphertext, randomness: Randomness): Uint8Array {
  const seed = seedOf(randomness);
  const commitment = hash(tags.entryCommitment, ciphertext.key.toBytes(), ciphertext.toBytes(), seed, rest);
  seed.fill(0);
  return commitment;
}

/** The mask of a session's fingerprint (16 bytes): fixed by the seal, and new in each session (32 bytes). */
export function fingerprintMask(randomness: Randomness, session: Uint8Array): Uint8Array {
  const seed = seedOf(randomness);
  const mask = hash(tags.fingerprintMask, seed, session).subarray(0, MASK_LENGTH);
  seed.fill(0);
  return mask;
}

/**
 * Encrypts the rest of an entry for whoever can open the seal, and decrypts it: AES-128 in counter mode under a key derived from r_x, which encrypts
 * nothing else. The commitment shows whether the result is right.
 */
export function hideRest(rest: Uint8Array, randomness: Randomness): Uint8Array {
  const seed = seedOf(randomness);
  const key = hash(tags.entryKeystream, seed).subarray(0, KEY_LENGTH);
  seed.fill(0);
  const hidden = seededRandom(key)(rest.length);
  key.fill(0);
  for (let i = 0; i < rest.length; i++) hidden[i]! ^= rest[i]!;
  return hidden;
}

function seedOf(randomness: Randomness): Uint8Array {
  const bytes = randomness.toBytes();
  const seed = hash(tags.entryCommitmentSeed, bytes);
  bytes.fill(0);
  return seed;
}
