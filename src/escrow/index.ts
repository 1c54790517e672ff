export { openEscrow } from './arbiter.ts';
export { type Arbiter, arbiterOf, arbitrationOf, LONGEST_WINDOW, requireArbitration } from './arbitration.ts';
export { ChallengeExchange, type Challenges } from './challenges.ts';
export { combinations, type OpenedCombinations } from './combinations.ts';
export { CommitmentLink } from './commitment-link.ts';
export { Deposit, type DepositOptions } from './deposit.ts';
export { encrypt, type Opened, type Place } from './encryption.ts';
export { type AcceptedEscrows, enterFixed, FixedEscrow, maskOutcome } from './fixed.ts';
export { decodeEscrowKey, EscrowKey, POSSESSION_LENGTH, verifyPossession } from './key.ts';
export { type EscrowLabel, type EscrowOwner, escrowLabel } from './label.ts';
export { AnsweredEscrow, drawBits, Escrow, type EscrowOptions } from './making.ts';
export { commitMasked, jointSalt, unmask } from './masked.ts';
export { matrixSeed, type TagMatrix, tagMatrix } from './matrix.ts';
export { escrowAnswer, escrowCommitment, escrowDeposit, maskOpening } from './messages.ts';
export {
  type FoundMask,
  isOpened,
  type MaskOpening,
  maskFromOpened,
  opensTo,
  tagHolds,
  verifyMask,
  withShare,
} from './opening.ts';
export {
  ciphertextLength,
  fixedWidth,
  MAX_OUTCOME_BITS,
  maskLength,
  maskWidth,
  PAIRS,
  SALT_LENGTH,
  SEED_LENGTH,
} from './parameters.ts';
export {
  ciphertextDigest,
  type EscrowContext,
  type EscrowRecord,
  joinedDigest,
  recordDigest,
  type ShownEscrow,
  sharesDigest,
  shownDigest,
  shownOf,
  type VerifierPart,
} from './record.ts';
export { type EscrowView, splitCiphertexts, verifyEscrow } from './verify.ts';
