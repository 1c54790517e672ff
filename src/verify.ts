export type { Mandate, Rule, RuleTerms } from '../protocols/rule.ts';
export { type Contradiction, verifyContradiction } from './arbiter/contradiction.ts';
export {
  type Agreement,
  type Pins,
  serializeAgreement,
  type VerifiedAgreement,
  type VerifiedParty,
} from './documents/agreement.ts';
export type { VerifiedDelegation } from './documents/bound-party.ts';
export type { Delegation, DelegationDocuments } from './documents/delegation.ts';
export { type Engagement, serializeEngagement, type VerifiedEngagement } from './documents/engagement.ts';
export { fingerprint } from './documents/identity.ts';
export type { WitnessedBy } from './documents/mandate-status.ts';
export { type Evidence, type StatementKind, statementKindOf } from './documents/obligations/statements.ts';
export type { Obligation } from './documents/obligations/terms.ts';
export { outcomeDigest } from './documents/outcome-digest.ts';
export { readRatification } from './documents/ratification.ts';
export {
  type Ratification,
  type RatificationRecord,
  type RatificationState,
  ratificationOf,
} from './documents/ratified.ts';
export {
  type Menu,
  type OutcomeJson,
  type PublicJwk,
  type Range,
  type Seals,
  type Security,
  type Terms,
  termsDigest,
} from './documents/terms.ts';
export { type TimeEvidence, timeEvidenceIn } from './documents/time-evidence.ts';
export { InputError, ParleyError, VerificationError } from './errors.ts';
export type { SealOpening } from './seals/index.ts';
export {
  type ContradictingVerdicts,
  contradictingVerdicts,
  verifyContradictingVerdicts,
} from './verify/obligations/contradiction.ts';
export { type ObligationStatus, statusOf } from './verify/obligations/status.ts';
export { type VerifiedStatement, verifyStatement } from './verify/obligations/verify-statement.ts';
export { type VerifiedOpenings, verifyOpenings } from './verify/openings.ts';
export { type ProvedOutcome, serializeProvedOutcome } from './verify/proved-form.ts';
export { type VerifyOptions, verifyAgreement, verifyDelegation, verifyEngagement } from './verify/verify.ts';
