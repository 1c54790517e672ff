/** Bits of a challenge: a false link passes with probability 2⁻⁴⁰. It never comes from a hash of the transcript: 40 bits would be too few for that. */
export const CHALLENGE_BITS = 40;
/** Bytes of a challenge, big-endian. */
export const CHALLENGE_LENGTH = CHALLENGE_BITS / 8;
/** Bytes of the nonce that hides a committed challenge. */
export const NONCE_LENGTH = 32;
/** Bits of k(e), which a challenge multiplies the value by (`multiplierOf`). */
export const MULTIPLIER_BITS = 77;
/** By how many bits a mask is longer than the value: hides k(e)·x up to 2⁻⁴⁰. */
export const MASK_SURPLUS_BITS = MULTIPLIER_BITS + 40;
/** Longest sealed value, in bits. */
export const MAX_SEALED_BITS = 1_024;

/** Bits of the mask m of a value of `width` bits. */
export function maskWidth(width: number): number {
  return width + MASK_SURPLUS_BITS;
}

/** Bits of t = k(e)·x + m for a value of `width` bits: it never wraps. */
export function answerWidth(width: number): number {
  return maskWidth(width) + 1;
}

/** Throws RangeError unless a value of `width` bits can be sealed. */
export function requireWidth(width: number): void {
  if (!Number.isInteger(width) || width < 1 || width > MAX_SEALED_BITS) {
    throw new RangeError(`a sealed value has 1 to ${MAX_SEALED_BITS} bits`);
  }
}
