export type { ReleasedAttempt } from './attempt.ts';
export { fits } from './bits.ts';
export type { AfterCheat, Cheat, CheatReport, Conduct, Departure, DepartureReport } from './conduct.ts';
export { type DisputeStore, type KeptDispute, memoryDisputes } from './disputes.ts';
export {
  type AttemptDigests,
  type Dealings,
  type Json,
  type KeptAgreement,
  Ledger,
  type LedgerSession,
  type PeerSummary,
  type PreviousSeal,
} from './ledger.ts';
export { normaliseMatter, questionDigest } from './matter.ts';
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
