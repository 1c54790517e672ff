export { type DescribableTerms, type DescribeOptions, describeTerms } from '../protocols/describe.ts';
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
  type PriceModel,
  type PriorInput,
  parsePrior,
  type Run,
  type SideLeakage,
} from '../protocols/leakage/index.ts';
export { plotLeakage } from '../protocols/leakage/plot.ts';
export { rules } from '../protocols/registry.ts';
export type { Mandate, Rule, RuleTerms } from '../protocols/rule.ts';
export {
  type Agreement,
  type Pins,
  serializeAgreement,
  type VerifiedAgreement,
  type VerifiedParty,
} from './agreement/agreement.ts';
export { type Engagement, serializeEngagement, type VerifiedEngagement } from './agreement/engagement.ts';
export {
  fingerprint,
  generateIdentity,
  type Identity,
  importIdentity,
  type LocalIdentity,
  type PrivateJwk,
} from './agreement/identity.ts';
export {
  type AfterCheat,
  type Cheat,
  type Departure,
  Ledger,
  type PeerSummary,
  type ReleasedAttempt,
} from './agreement/ledger/index.ts';
export {
  type Menu,
  type OutcomeJson,
  type PublicJwk,
  type Range,
  type Seals,
  type Security,
  type Terms,
  type TermsDraft,
  termsDigest,
} from './agreement/terms.ts';
export type { Channel } from './channel/channel.ts';
export type { Address } from './channel/endpoint.ts';
export { memoryChannelPair } from './channel/memory.ts';
export { StreamChannel } from './channel/stdio.ts';
export { connect, type Listener, listen } from './channel/tcp.ts';
export { connectWebSocket, listenWebSocket } from './channel/websocket.ts';
export {
  ConnectionError,
  IdentityError,
  InputError,
  LedgerError,
  ParleyError,
  PeerAbortedError,
  PeerCheatedError,
  PeerLeftError,
  PolicyError,
  TermsError,
  TimeoutError,
  VerificationError,
} from './errors.ts';
export { PrivateKey as SealPrivateKey, type PrivateKeyJson as SealPrivateKeyJson } from './paillier/index.ts';
export {
  type KeyMemory,
  loadSealKey,
  type OpenedSeal,
  openSeal,
  type SealKey,
  type SealOpening,
  verifyOpening,
} from './paillier/seal/index.ts';
export { type Delegate, type DelegateOptions, defineDelegate, type Policy } from './session/delegate.ts';
export {
  type MandateRequest,
  type MandateSource,
  type NegotiateOptions,
  type NegotiationStats,
  negotiate,
  type OneCallOptions,
  type OneCallResult,
  type OpenOptions,
  type Outcome,
  openSession,
  type Phase,
  type PrepareOptions,
  type Result,
  type Session,
} from './session/index.ts';
export { formatInvite, type Invite, type InvitePlace, makeInvite, parseInvite } from './session/invite.ts';
export { awaitReady, completeOffer, type Offer, offerTerms, receiveOffer } from './session/offer.ts';
export {
  type OpeningSecrets,
  openAgreement,
  type VerifiedOpenings,
  verifyOpenings,
} from './session/openings.ts';
export { createSealKey } from './session/seal-key.ts';
export { fileSessionLog, memorySessionLog, type SessionLog } from './session/session-log.ts';
export { type VerifyOptions, verifyAgreement, verifyEngagement } from './session/verify.ts';
