import { type Bits, packBits, unpackBits } from '../circuit/bits.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { check } from '../crypto/check.ts';
import { encrypt, type Opened } from './encryption.ts';
import { tagMatrix, tagOf } from './matrix.ts';
import { maskLength, maskWidth, PAIRS, SEED_LENGTH } from './parameters.ts';
import { type EscrowContext, type EscrowRecord, unopenedPlace, type VerifierPart } from './record.ts';

/** F7: how a party opens its own mask. */
export interface MaskOpening {
  /** o′, packed. */
  readonly mask: Uint8Array;
  /** The pair whose unopened ciphertext it opens. */
  readonly index: number;
  /** That ciphertext's seed. */
  readonly seed: Uint8Array;
}

/** F7: o of a party that has opened its mask to the holder of its record. Otherwise the check `mask` fails. */
export function verifyMask(record: EscrowRecord, { index, mask, seed }: MaskOpening): Bits {
  const plaintext = withShare(record, record, index, mask);
  check('mask', plaintext !== undefined && isOpened(record, index, { plaintext, seed }));
  check('mask', tagHolds(record, record, mask));
  return unpackBits(mask, record.width);
}

/** A mask that the arbiter's answer gives, and the pair that gives it. */
export interface FoundMask {
  /** o′, packed. */
  readonly mask: Uint8Array;
  readonly index: number;
}

/** The mask of a record by what the arbiter has opened, pair by pair; undefined if it is in none of them. */
export function maskFromOpened(
  record: EscrowRecord,
  opened: readonly (Opened | undefined)[],
): FoundMask | undefined {
  for (const [index, part] of opened.entries()) {
    if (part === undefined || !isOpened(record, index, part)) continue;
    const mask = withShare(record, record, index, part.plaintext);
    if (mask !== undefined && tagHolds(record, record, mask)) return { mask, index };
  }
  return undefined;
}

/** Whether the ciphertext of a pair holds what the arbiter says: a false answer convicts the arbiter. */
export function isOpened(record: EscrowRecord, index: number, opened: Opened): boolean {
  const ciphertext = record.ciphertexts[index];
  return ciphertext !== undefined && opensTo(record, record, index, ciphertext, opened);
}

/** Whether `ciphertext` is the unopened one of this pair, and encrypts this plaintext with this seed. */
export function opensTo(
  { label, key }: EscrowContext,
  { challenge }: VerifierPart,
  index: number,
  ciphertext: Uint8Array,
  opened: Opened,
): boolean {
  if (opened.seed.length !== SEED_LENGTH) return false;
  return equalBytes(encrypt(key, unopenedPlace(label, challenge, index), opened), ciphertext);
}

/** Whether a packed o′ has the tag T, and no bit set above its width. */
export function tagHolds({ width }: EscrowContext, { matrix, tag }: VerifierPart, mask: Uint8Array): boolean {
  if (mask.length !== maskLength(width)) return false;
  const bits = unpackBits(mask, maskWidth(width));
  return equalBytes(packBits(bits), mask) && equalBytes(packBits(tagOf(tagMatrix(matrix, width), bits)), tag);
}

/** `part` ⊕ t_k for pair k: o′ from the plaintext of the unopened ciphertext, or that plaintext from o′. Undefined for what has not the length of a mask. */
export function withShare(
  { width }: EscrowContext,
  { shares }: VerifierPart,
  index: number,
  part: Uint8Array,
): Uint8Array | undefined {
  const length = maskLength(width);
  if (part.length !== length || shares.length !== PAIRS * length || index >= PAIRS) return undefined;
  return part.map((byte, i) => byte ^ shares[index * length + i]!);
}
