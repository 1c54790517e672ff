import { platform } from '#platform';
import { hash } from '../../crypto/hash.ts';
import type { BlockCipher } from '../../crypto/platform/platform.ts';
import { tags } from '../../crypto/tags.ts';

/** What identifies an extension: both ends know it beforehand. */
export interface ExtensionName {
  /** Names the session. */
  readonly sid: Uint8Array;
  /** Names the direction within it. */
  readonly direction: string;
  /** How many extensions this direction has had. */
  readonly number: number;
}

/** Step 1: π of the trees, AES-128 under a public key that no other extension has. */
export function nodeCipher({ sid, direction, number }: ExtensionName): BlockCipher {
  return platform.blockCipher(hash(tags.silentNodeKey, sid, direction, number).subarray(0, 16));
}

/** Step 4: the seed of the linear hash, 32 bytes: by the receiver's coins, and bound to the trees as they were sent. */
export function challengeSeed(
  { sid, direction, number }: ExtensionName,
  corrections: Uint8Array,
  coins: Uint8Array,
): Uint8Array {
  return hash(tags.silentChallenge, sid, direction, number, corrections, coins);
}

/** Step 5: a digest of a hashed matrix, bound to the challenge and so to the extension. 32 bytes. */
export function answerDigest(seed: Uint8Array, hashed: Uint8Array): Uint8Array {
  return hash(tags.silentAnswer, seed, hashed);
}

/** Step 6: the first state of the code's generator, 64 bytes, by the receiver's coins. */
export function codeState({ sid, direction, number }: ExtensionName, coins: Uint8Array): Uint8Array {
  return platform.keystream(hash(tags.silentCode, sid, direction, number, coins).subarray(0, 16)).next(64);
}
