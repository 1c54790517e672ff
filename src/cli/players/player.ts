import type { Mandate } from '../../../protocols/rule.ts';
import type { DelegationDocuments } from '../../documents/delegation.ts';
import type { GeneralJws } from '../../documents/jws.ts';
import type { OutcomeJson, PublicJwk, Terms } from '../../documents/terms.ts';
import type { LogLine } from '../../link/log.ts';
import type { SealOpening } from '../../seals/index.ts';
import type { Phase } from '../../session/index.ts';
import type { Failure } from '../terminal/failure.ts';

/**
 * One party of `run` and `demo`: a process of its own that gets its orders over its parent's pipe. It makes its own identity, gets
 * only its own mandate, and talks to the other party over TCP as two machines would. Such a process can be an arbiter, too.
 */
export type ToPlayer =
  | {
      readonly kind: 'enter';
      readonly terms: Terms;
      readonly mandate: Mandate;
      readonly role: string;
      /** Whether this party waits for the other one's connection. */
      readonly listens: boolean;
      readonly timeout: number;
      /** Whether this party reports what happens, for a log. */
      readonly logs: boolean;
      /** Whether to open this party's own seal afterwards. */
      readonly opens: boolean;
      /** For whom this party acts, if not for itself. */
      readonly delegation?: DelegationDocuments | undefined;
    }
  | { readonly kind: 'connect'; readonly port: number }
  | { readonly kind: 'go' }
  | {
      readonly kind: 'arbitrate';
      /** The folder of its decisions. */
      readonly store: string;
    }
  | {
      readonly kind: 'enterWithArbiter';
      readonly terms: Terms;
      readonly mandate: Mandate;
      readonly role: string;
      readonly listens: boolean;
      readonly timeout: number;
      /** The folder of this party's home. */
      readonly home: string;
      /** Where the arbiter answers. */
      readonly arbiter: string;
      /** Whether this party leaves as soon as it can know the outcome and the other one cannot. */
      readonly walksAway: boolean;
    };

export type FromPlayer =
  | { readonly kind: 'identity'; readonly publicKey: PublicJwk }
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'connected' }
  | { readonly kind: 'progress'; readonly phase: Phase | 'connected' }
  | { readonly kind: 'log'; readonly line: LogLine }
  | { readonly kind: 'done'; readonly result: PlayerResult }
  /** The arbiter answers at this address. */
  | { readonly kind: 'serving'; readonly card: GeneralJws; readonly at: string }
  /** The other party has left; this one turns to the arbiter, which takes complaints until then. */
  | { readonly kind: 'complains'; readonly until: string }
  /** This party has the outcome, and a proof of it. */
  | { readonly kind: 'proved'; readonly proof: Uint8Array }
  | { readonly kind: 'failed'; readonly failure: Failure };

export interface PlayerResult {
  readonly outcome: OutcomeJson;
  readonly agreement: GeneralJws;
  readonly opening: SealOpening | undefined;
  readonly ands: number;
  readonly sent: number;
  readonly received: number;
  readonly flights: number;
  /** Milliseconds on the machine's monotonic clock, which all its processes share. */
  readonly startedAt: number;
  readonly setUpAt: number;
  readonly endedAt: number;
  readonly maxRssMiB: number;
}

/** The machine's monotonic clock, in milliseconds. */
export function machineTime(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** The most memory that this process has held, in MiB. */
export function maxRssMiB(): number {
  return Math.round(process.resourceUsage().maxRSS / 102.4) / 10;
}
