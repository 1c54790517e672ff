export {
  type DescribableTerms,
  type DescribeOptions,
  describeTerms,
  explainTerms,
  summarizeTerms,
} from '../protocols/describe.ts';
export {
  type ImportedDomain,
  type ImportedMandate,
  type ImportOptions,
  importGenius,
  importGeniusWeb,
} from '../protocols/import/index.ts';
export {
  type Bin,
  type Histogram,
  type Leakage,
  type LeakageOptions,
  leakage,
  measureLeakage,
  type PriceModel,
  type PriorInput,
  parsePrior,
  type Run,
  type SideLeakage,
} from '../protocols/leakage/index.ts';
export { plotLeakage } from '../protocols/leakage/plot.ts';
export { listMembers, listTerms, listTermsBriefly, type NameOf } from '../protocols/listing.ts';
export { MENU_VERSION } from '../protocols/menu/options.ts';
export type { OptionBounds } from '../protocols/option-bounds.ts';
export { formatAmount, parseAmount } from '../protocols/price/amount.ts';
export { rules } from '../protocols/registry.ts';
export type { Mandate, Outcome, OwnMandate, Ratings, Rule, RuleTerms } from '../protocols/rule.ts';
export {
  type Arbiter,
  type ArbiterOptions,
  type ArbiterRequest,
  type ArbiterSend,
  type CaseStore,
  type Contradiction,
  complain,
  conclude,
  type DisputeEnd,
  defineArbiter,
  memoryCases,
  type ReadDispute,
  readDispute,
  requestOf,
  verifyContradiction,
} from './arbiter/index.ts';
export type { DeskResult } from './desk/conduct.ts';
export { type Delegate, type DelegateOptions, defineDelegate } from './desk/delegate.ts';
export type { DeskOptions } from './desk/desk.ts';
export {
  type CheckedDraft,
  checkDraft,
  checkMandate,
  explain,
  hasExpired,
  withoutStandIns,
} from './desk/drafts.ts';
export type {
  Home,
  KnownPeer,
  KnownPeers,
  LockedIdentity,
  PeerRecords,
  Reservation,
  Restoration,
  SealKeyEvent,
} from './desk/home.ts';
export { type Hosting, type HostOptions, host } from './desk/host.ts';
export {
  CutInvite,
  formatInvite,
  type Invite,
  type InvitePlace,
  inviteRoom,
  makeInvite,
  parseInvite,
} from './desk/invite.ts';
export { type JoinOptions, join } from './desk/join.ts';
export { type MemoryHome, type MemoryHomeOptions, memoryHome } from './desk/memory-home.ts';
export type { Network } from './desk/network.ts';
export { awaitReady, completeOffer, type Offer, offerTerms, receiveOffer } from './desk/offer.ts';
export type {
  DeskEvent,
  MandateQuestion,
  PassphraseQuestion,
  Peer,
  Person,
  PrincipalQuestion,
  Question,
  SideQuestion,
  TermsQuestion,
} from './desk/person.ts';
export { negotiatePinned, type PinnedOptions } from './desk/pinned.ts';
export type { Policy, PricePolicy } from './desk/policy.ts';
export { memorySessionLog, type SessionLog } from './desk/session-log.ts';
export type { EndpointText, HostWays } from './desk/ways.ts';
export {
  type Agreement,
  agreementName,
  type Pins,
  serializeAgreement,
  type VerifiedAgreement,
  type VerifiedParty,
} from './documents/agreement.ts';
export { type ArbiterCard, arbiterFingerprint, readArbiterCard } from './documents/arbiter-card.ts';
export type { VerifiedDelegation } from './documents/bound-party.ts';
export {
  type Delegation,
  type DelegationDocuments,
  principalFingerprint,
} from './documents/delegation.ts';
export { type Engagement, serializeEngagement, type VerifiedEngagement } from './documents/engagement.ts';
export {
  fingerprint,
  generateIdentity,
  type Identity,
  importIdentity,
  type LocalIdentity,
  type PrivateJwk,
  parsePublicJwk,
} from './documents/identity.ts';
export { parseJson } from './documents/json.ts';
export { serializeJws } from './documents/jws.ts';
export {
  cosignMandateCertificate,
  type MandateCertificate,
  mandateCertificateDigest,
  signMandateCertificate,
} from './documents/mandate-certificate.ts';
export {
  cosignMandateRevocations,
  type MandateRevocations,
  signMandateRevocations,
} from './documents/mandate-revocations.ts';
export type { MandateScope } from './documents/mandate-scope.ts';
export type { WitnessedBy } from './documents/mandate-status.ts';
export {
  type Evidence,
  readStatement,
  type StatementContent,
  type StatementKind,
  type StatementPayload,
  signStatement,
  statementKindOf,
  statementKinds,
  type Verdict,
} from './documents/obligations/statements.ts';
export { type Due, hasJudges, type Obligation } from './documents/obligations/terms.ts';
export { outcomeDigest } from './documents/outcome-digest.ts';
export {
  keyText,
  type Members,
  type Principal,
  parsePrincipal,
  principalDigest,
  principalText,
  samePrincipal,
} from './documents/principal.ts';
export type { PublishTerms } from './documents/publish-terms.ts';
export {
  type Answer,
  type MemberAnswer,
  openRatification,
  readRatification,
  signRatification,
} from './documents/ratification.ts';
export {
  type MemberStanding,
  type Ratification,
  type RatificationRecord,
  type RatificationState,
  ratificationOf,
  type SideRatification,
} from './documents/ratified.ts';
export type { RatifyingSide, RatifyTerms } from './documents/ratify-terms.ts';
export { cosignReceipt, openReceipt, type Receipt, readReceipt, signReceipt } from './documents/receipt.ts';
export { calledIn, placeIn, type RoleNames, rolesIn } from './documents/roles.ts';
export type { OutcomeJson } from './documents/rule.ts';
export {
  formatTime,
  type Menu,
  type PublicJwk,
  parseDraft,
  type Range,
  type Seals,
  type Security,
  type Terms,
  type TermsDraft,
  termsDigest,
} from './documents/terms.ts';
export { isPlainText, quoted, toPlainText } from './documents/text.ts';
export { type ProvedTime, type TimeEvidence, timeEvidenceIn } from './documents/time-evidence.ts';
export { documentTypes } from './documents/types.ts';
export {
  ArbiterError,
  ConnectionError,
  type ErrorClass,
  type ErrorCode,
  type ErrorCodeOf,
  type ErrorEntry,
  type ExitCode,
  errorEntry,
  IdentityError,
  InputError,
  isParleyError,
  LedgerError,
  ParleyError,
  PeerAbortedError,
  PeerCheatedError,
  PeerLeftError,
  PolicyError,
  TermsError,
  TimeoutError,
  type Unreachable,
  VerificationError,
} from './errors.ts';
export { EscrowKey } from './escrow/index.ts';
export {
  type AfterCheat,
  type Cheat,
  type CheatReport,
  type Conduct,
  type Dealings,
  type Departure,
  type DepartureReport,
  type DisputeStore,
  type Hold,
  type KeptAgreement,
  type KeptDispute,
  Ledger,
  memoryDisputes,
  memoryStore,
  type PeerSummary,
  type Position,
  type Reading,
  type ReleasedAttempt,
  type Snapshot,
  type Snapshots,
  START,
  type Stage,
  type Standing,
  type Store,
  type StoredRecord,
} from './ledger/index.ts';
export type { Address, Channel, Listener } from './link/channel.ts';
export { type Endpoint, formatEndpoint, parseEndpoint } from './link/endpoint.ts';
export type { Scope } from './link/ip-address.ts';
export type { Log, LogEvent, LogLine } from './link/log.ts';
export { memoryChannelPair } from './link/memory.ts';
export {
  enterRelay,
  listenAtRelay,
  type RelayClientOptions,
  type RelayListenOptions,
} from './link/relay-client.ts';
export type { RelayEntry } from './link/relay-messages.ts';
export { PrivateKey as SealPrivateKey, type PrivateKeyJson as SealPrivateKeyJson } from './paillier/index.ts';
export {
  type KeyMemory,
  loadSealKey,
  type OpenedSeal,
  openSeal,
  type SealKey,
  type SealOpening,
  verifyOpening,
} from './seals/index.ts';
export {
  type AdmissionRequest,
  type MandateRequest,
  type MandateSource,
  type NegotiateOptions,
  type NegotiationStats,
  negotiate,
  type OneCallOptions,
  type OneCallResult,
  type OpenOptions,
  openSession,
  type Phase,
  type PrepareOptions,
  type Result,
  type Session,
} from './session/index.ts';
export { createSealKey } from './session/seal-key.ts';
export {
  type ContradictingVerdicts,
  contradictingVerdicts,
  verifyContradictingVerdicts,
} from './verify/obligations/contradiction.ts';
export type { Seen, TimedStatement, Trust } from './verify/obligations/statement.ts';
export {
  type CountedTime,
  type ObligationStatus,
  type ObligedAgreement,
  type Reason,
  type Status,
  statusOf,
} from './verify/obligations/status.ts';
export {
  cosignStatement,
  receiversOf,
  type StatedAgreement,
  signaturesMissing,
  type VerifiedStatement,
  verifyStatement,
} from './verify/obligations/verify-statement.ts';
export {
  type OpeningSecrets,
  openAgreement,
  type VerifiedOpenings,
  verifyOpenings,
} from './verify/openings.ts';
export { type ProvedOutcome, serializeProvedOutcome } from './verify/proved-form.ts';
export { type VerifyOptions, verifyAgreement, verifyDelegation, verifyEngagement } from './verify/verify.ts';
