import { message } from '../link/message.ts';
import { ciphertextLength, maskLength, PAIRS, SALT_LENGTH, SEED_LENGTH } from './parameters.ts';

/** F1: the sender's ciphertexts, and its salt. Shape: the bits of the outcome, here and below. */
export const escrowDeposit = message(0x90, 'escrow.deposit', (width: number) => ({
  ciphertexts: 2 * PAIRS * ciphertextLength(width),
  salt: SALT_LENGTH,
}));

/** F1, where the terms have no seals: the commitment to the sender's challenge. */
export const escrowCommitment = message(0x94, 'escrow.commitment', () => ({ commitment: 32 }));

/** F4: the seeds of the ciphertexts that the challenge opens. */
export const escrowAnswer = message(0x91, 'escrow.answer', () => ({ seeds: PAIRS * SEED_LENGTH }));

/** F7: the sender's mask, an unopened ciphertext's index and seed, and the sender's signature on the opening. */
export const maskOpening = message(0x93, 'escrow.maskOpening', (width: number) => ({
  mask: maskLength(width),
  index: 1,
  seed: SEED_LENGTH,
  signature: 64,
}));
