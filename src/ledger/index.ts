export type { AfterCheat, Cheat, CheatReport, Conduct, Departure, DepartureReport } from './conduct.ts';
export {
  type AttemptDigests,
  type Json,
  Ledger,
  type LedgerSession,
  type PeerSummary,
  type PreviousSeal,
} from './ledger.ts';
export { normaliseMatter, questionDigest } from './matter.ts';
export type { Limits, ReleasedAttempt } from './policy.ts';
export type { Stage } from './record.ts';
