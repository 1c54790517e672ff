import { message } from '../link/message.ts';
import { ROOTS } from '../paillier/key-proof/parameters.ts';
import { COMMITMENT_LENGTH } from './commitment.ts';
import { CHALLENGE_LENGTH, NONCE_LENGTH } from './parameters.ts';

/** Step 3: the bits of the sender's N, big-endian, from which the lengths of all that follows derive. */
export const sealKeySize = message(0x80, 'seal.keySize', () => ({ bits: 2 }));

/** Step 3: N, the proof that it is well formed, and the commitment to the challenge for the receiver's seal. Shape: the bits of N, here and below. */
export const sealKey = message(0x81, 'seal.key', (bits: number) => ({
  modulus: bits / 8,
  proof: (ROOTS * bits) / 8,
  challenge: 32,
}));

/** Step 4: C_x. */
export const sealedValue = message(0x82, 'seal.value', (bits: number) => ({ seal: bits / 4 }));

/** Step 4, where entries have more than the sealed number: the commitment to the rest. */
export const sealCommitment = message(0x86, 'seal.commitment', () => ({ commitment: COMMITMENT_LENGTH }));

/** Step 3 (second) or 4 (first): C_m. */
export const sealMask = message(0x83, 'seal.mask', (bits: number) => ({ mask: bits / 4 }));

/** Step 5: opens the challenge. */
export const sealChallenge = message(0x84, 'seal.challenge', () => ({
  challenge: CHALLENGE_LENGTH,
  nonce: NONCE_LENGTH,
}));

/** Step 7: ρ. */
export const sealAnswer = message(0x85, 'seal.answer', (bits: number) => ({ randomness: bits / 8 }));
