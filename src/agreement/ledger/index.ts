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
