import { CHALLENGE_BITS, CHALLENGE_LENGTH } from '../seals/parameters.ts';

export { CHALLENGE_LENGTH };

/** Pairs of ciphertexts of an escrow: one for each bit of the challenge. A false escrow passes with probability 2⁻⁴⁰. */
export const PAIRS = CHALLENGE_BITS;
/** Bits of the tag on a mask. One wrong candidate passes with probability 2⁻⁴⁸. */
export const TAG_BITS = 48;
export const TAG_LENGTH = TAG_BITS / 8;
/** Bytes of the seed that, with the plaintext, determines a ciphertext. */
export const SEED_LENGTH = 32;
/** Bytes of each party's salt, and of the salt of both. */
export const SALT_LENGTH = 32;
/** Bytes of a group element at the start of each ciphertext. */
export const ELEMENT_LENGTH = 32;
/** The most bits that an outcome can have. */
export const MAX_OUTCOME_BITS = 1_024;

/** Bits of o′ = o ‖ pad for an outcome of `width` bits. Throws RangeError for a width that no outcome has. */
export function maskWidth(width: number): number {
  if (!Number.isInteger(width) || width < 1 || width > MAX_OUTCOME_BITS) {
    throw new RangeError(`an outcome has 1 to ${MAX_OUTCOME_BITS} bits`);
  }
  return width + TAG_BITS;
}

/** Bytes of o′, packed. */
export function maskLength(width: number): number {
  return Math.ceil(maskWidth(width) / 8);
}

/** Bytes of a ciphertext of o′. */
export function ciphertextLength(width: number): number {
  return ELEMENT_LENGTH + SEED_LENGTH + maskLength(width);
}

/** Bits of ρ of all pairs. */
export function sharesWidth(width: number): number {
  return PAIRS * maskWidth(width);
}

/** Bits that the engine fixes in F2: o′ and, for every pair, ρ. */
export function fixedWidth(width: number): number {
  return maskWidth(width) + sharesWidth(width);
}
