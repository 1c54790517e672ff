import type { Rule } from '../../protocols/rule.ts';
import type { Terms, TermsDraft } from '../documents/terms.ts';
import { requireTime } from '../link/timer.ts';
import type { MandateSource } from './mandate.ts';

/** Milliseconds of silence inside the protocol after which a peer counts as gone. */
export const DEFAULT_TIMEOUT = 30_000;
/** Milliseconds for a person to read, decide and type. */
export const DEFAULT_WAIT = 600_000;
/** How far a negotiation has come. */
export type Phase = 'terms-agreed' | 'mandate-given' | 'engaged' | 'outcome-known' | 'signed';

export interface NegotiateOptions {
  /**
   * The same on both sides. Roles without a key get this side's key and the peer's, if `role` or the key of the other role
   * decides which is whose. A missing nonce is taken from the session id.
   */
  readonly terms: Terms | TermsDraft;
  /**
   * This side's private input, or a function that is asked for it once the peer is authenticated and the terms are agreed. What the function gives is
   * never refused: `Result.adjusted` says if something else was entered. If the function throws, the session ends, and the peer sees that. So it should
   * throw when its person leaves, and never because of what a mandate says. For `ERR_MANDATE_INVALID` and `ERR_POLICY_MANDATE` alone the session goes
   * on, with abstention.
   */
  readonly mandate: MandateSource;
  /** This side's role, where the keys in the terms do not say. */
  readonly role?: string | undefined;
  /** Further rules, looked up before the built-in ones. */
  readonly rules?: readonly Rule[] | undefined;
  /** Milliseconds of silence. Default 30,000. */
  readonly timeout?: number | undefined;
  /** Milliseconds that either side's person may take. Default 600,000. */
  readonly wait?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The most bits that may be disclosed to this peer in total, by the ledger's count. Needs a ledger. */
  readonly maxDisclosure?: number | undefined;
  readonly onProgress?: ((phase: Phase) => void) | undefined;
}

export interface PrepareOptions
  extends Pick<NegotiateOptions, 'role' | 'rules' | 'timeout' | 'wait' | 'signal'> {
  /** Called with the part that is done, from 0, when the terms are agreed, to 1. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** Both clocks of a call. Throws InputError `ERR_USAGE`. */
export function clocksOf({
  timeout = DEFAULT_TIMEOUT,
  wait = DEFAULT_WAIT,
}: Pick<NegotiateOptions, 'timeout' | 'wait'>): { readonly timeout: number; readonly wait: number } {
  requireTime(timeout, wait);
  return { timeout, wait: Math.max(wait, timeout) };
}
