export { isUnfinished, type ReleasedAttempt } from './attempt.ts';
export { fits } from './bits.ts';
export type { AfterCheat, Cheat, CheatReport, Conduct, Departure, DepartureReport } from './conduct.ts';
export { CountedPeer, CountedSession, type Names, namesOf } from './counted.ts';
export { type DisputeStore, type KeptDispute, memoryDisputes } from './disputes.ts';
export { type Dealings, type KeptAgreement, Ledger, type PeerSummary } from './ledger.ts';
export {
  type AttemptDigests,
  type Json,
  LedgerSession,
  type PreviousSeal,
} from './ledger-session.ts';
export { matterFor, normaliseMatter, questionDigest } from './matter.ts';
export { memoryStore } from './memory-store.ts';
export type { Limits, Standing } from './policy.ts';
export type { Stage } from './record.ts';
export {
  type Hold,
  type Position,
  type Reading,
  type Snapshot,
  type Snapshots,
  START,
  type Store,
  type StoredRecord,
} from './store.ts';
