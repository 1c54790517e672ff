import type { PublicKey } from '../public-key.ts';

/** Number of N-th roots in a proof. */
export const ROOTS = 8;
/** Primes below this are tried as factors of N. */
export const TRIAL_DIVISION_BOUND = 65_536;
/** Bytes by which a hashed challenge is longer than N before it is reduced. */
export const SURPLUS_BYTES = 16;

/** Length of a proof in bytes: all roots, each as long as N. */
export function keyProofLength(key: PublicKey): number {
  return ROOTS * key.modulusLength;
}
