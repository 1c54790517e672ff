import type { Point } from '../crypto/group.ts';
import { hash } from '../crypto/hash.ts';
import { bytesToInteger } from '../crypto/integers.ts';
import { tags } from '../crypto/tags.ts';
import { challengeBit, type OpenedCombinations } from './combinations.ts';
import type { Place } from './encryption.ts';
import type { EscrowLabel } from './label.ts';

/** What an escrow is for: known to both parties and to whoever verifies a proof. */
export interface EscrowContext {
  readonly label: EscrowLabel;
  /** The arbiter's escrow key, h. */
  readonly key: Point;
  /** Bits of the outcome. */
  readonly width: number;
}

/** What the verifier of an escrow has besides ciphertexts. It says nothing about the mask without the arbiter's part. */
export interface VerifierPart extends OpenedCombinations {
  /** e, 5 bytes, big-endian. */
  readonly challenge: Uint8Array;
  /** The seed of A, 32 bytes. */
  readonly matrix: Uint8Array;
}

/** F5: what is kept of an accepted escrow. The arbiter's answer about its ciphertexts then gives the mask. Its owner has the same of itself. */
export interface EscrowRecord extends EscrowContext, VerifierPart {
  /** CT_{k,1−e_k} for every k. */
  readonly ciphertexts: readonly Uint8Array[];
}

/** What a complaint shows the arbiter of an escrow. */
export interface ShownEscrow {
  /** e, 5 bytes, big-endian. */
  readonly challenge: Uint8Array;
  /** The 40 unopened ciphertexts. */
  readonly ciphertexts: readonly Uint8Array[];
  /** `second`, 32 bytes: the digest of what the arbiter is not shown. */
  readonly second: Uint8Array;
}

/** The place of the unopened ciphertext of a pair. */
export function unopenedPlace(label: EscrowLabel, challenge: Uint8Array, pair: number): Place {
  return { label, pair, bit: challengeBit(bytesToInteger(challenge), pair) === 1 ? 0 : 1 };
}

/** The digest of a record, 32 bytes, that both engagements name. */
export function recordDigest(record: EscrowRecord): Uint8Array {
  return shownDigest(record.label, shownOf(record));
}

/** What a complaint shows of a record. */
export function shownOf(record: EscrowRecord): ShownEscrow {
  const { challenge, ciphertexts } = record;
  return { challenge, ciphertexts, second: sharesDigest(record) };
}

/** The digest of the record that somebody shows in part, to be compared with that in the engagements. */
export function shownDigest(label: EscrowLabel, { challenge, ciphertexts, second }: ShownEscrow): Uint8Array {
  return joinedDigest(label, challenge, ciphertexts.map(ciphertextDigest), second);
}

/** The same from the digests of the ciphertexts. */
export function joinedDigest(
  label: EscrowLabel,
  challenge: Uint8Array,
  ciphertexts: readonly Uint8Array[],
  second: Uint8Array,
): Uint8Array {
  const first = hash(tags.escrowUnopened, label, challenge, ...ciphertexts);
  return hash(tags.escrowRecord, first, second);
}

export function ciphertextDigest(ciphertext: Uint8Array): Uint8Array {
  return hash(tags.escrowCiphertext, ciphertext);
}

/** `second`: 32 bytes that tell nothing about t and T to whoever does not know the seed of A. */
export function sharesDigest({ shares, tag, matrix }: Omit<VerifierPart, 'challenge'>): Uint8Array {
  return hash(tags.escrowShares, shares, tag, matrix);
}
