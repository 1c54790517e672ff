import { LedgerError } from '../errors.ts';
import type { Stage } from './record.ts';

/** Whether a peer that was caught cheating, and has not been forgiven, may negotiate. */
export type AfterCheat = 'refuse' | 'allow';

/** Where in its dealings with this side a peer cheated or left. Digests are base64url of 32 bytes. */
interface Occasion {
  /** Names the negotiation or, before the first one, the session. */
  readonly session: string;
  /** The last stage that the negotiation had reached. */
  readonly after: Stage;
}

/** A caught cheat, as it is reported to the ledger. */
export interface CheatReport extends Occasion {
  /** Name of the check that caught the cheat. */
  readonly check: string;
  /** Digest of this side's terms, and below their matter, if this side had terms by then. */
  readonly terms?: string;
  readonly matter?: string;
}

/** A peer's departure after both sides' mandates were in, as it is reported to the ledger. */
export interface DepartureReport extends Occasion {
  readonly terms: string;
  readonly matter: string;
  /** Whether the peer's engagement had arrived. */
  readonly engaged: boolean;
  /** Whether this side's share of the outcome may have reached the peer. */
  readonly shared: boolean;
}

export interface Cheat extends CheatReport {
  readonly time: string;
  readonly forgiven: boolean;
}

export interface Departure extends DepartureReport {
  readonly time: string;
}

/** What a peer has done, oldest first. */
export interface Conduct {
  readonly cheats: readonly Cheat[];
  readonly departures: readonly Departure[];
}

/** Throws LedgerError `ERR_PEER_BARRED` if the peer was caught cheating and has not been forgiven since. */
export function refuseCheater({ cheats }: Pick<Conduct, 'cheats'>): void {
  const cheat = cheats.find(({ forgiven }) => !forgiven);
  if (cheat === undefined) return;
  throw new LedgerError('ERR_PEER_BARRED', `the other side was caught cheating at ${cheat.time}`);
}
