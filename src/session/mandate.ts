import { type Leakage, measureLeakage } from '../../protocols/leakage/index.ts';
import type { Mandate, Rule } from '../../protocols/rule.ts';
import type { Delegation } from '../documents/delegation.ts';
import type { PublicJwk, Terms } from '../documents/terms.ts';
import { InputError, type ParleyError, TimeoutError } from '../errors.ts';
import type { AfterCheat } from '../ledger/index.ts';
import { after, type Timer } from '../link/timer.ts';

/** Identifies a negotiation by what both sides know of it. */
export interface AdmissionRequest {
  readonly terms: Terms;
  readonly peer: PublicJwk;
  /** This side's role. */
  readonly role: string;
  /** Whether an earlier bid is entered again and gives the outcome of that session again, so that nobody is asked and nothing is counted. */
  readonly repeated?: boolean | undefined;
  /** For whom the peer acts, by its mandate certificate; `awaited` as long as that may still come; undefined for a peer that acts for itself. */
  readonly delegation?: Delegation | 'awaited' | undefined;
}

/** What a delegate is told when it is asked for its mandate: the peer is authenticated and has the same terms. */
export interface MandateRequest extends AdmissionRequest {
  /**
   * Measures what the outcome would tell each side about the other's mandate, under a uniform prior, taking turns with other work, until `signal` aborts.
   * Undefined for rules and ranges without a figure.
   */
  leakage(): Promise<Leakage | undefined>;
  /** Aborts when the session fails or the time to answer has run out. */
  readonly signal: AbortSignal;
}

/** Who is asked for a mandate. */
export interface MandateGiver {
  (request: MandateRequest): Promise<Mandate> | Mandate;
  /** Its policy on a peer that was caught cheating before. The stricter of this policy and the session's own setting applies. */
  readonly afterCheat?: AfterCheat;
  /** Throws if it does not allow the negotiation. A session calls this before it sends any message of that negotiation. */
  admit?(request: AdmissionRequest): Promise<void>;
  /**
   * Called instead of the giver where an earlier bid must be entered again and the outcome may differ, as with menus. An error that it throws ends the
   * session, so it must not depend on a mandate.
   */
  again?(request: AdmissionRequest): Promise<void>;
}

export type MandateSource = Mandate | MandateGiver;

/**
 * Step 3: asks for the mandate, for at most `wait` milliseconds, and no longer than the session lives.
 * `onFailure` registers a listener for the session's failure, and returns a function that removes it.
 */
export async function askMandate(
  ask: (request: MandateRequest) => Promise<Mandate> | Mandate,
  about: Omit<AdmissionRequest, 'repeated'> & { readonly rule: Rule },
  wait: number,
  onFailure: (listener: (error: ParleyError) => void) => () => void,
): Promise<Mandate> {
  const asking = new AbortController();
  let timer: Timer | undefined;
  let forget = () => {};
  const failed = new Promise<never>((_, reject) => {
    timer = after(wait, () => reject(new TimeoutError('no mandate was given in time')));
    forget = onFailure(reject);
  });
  failed.catch((reason: unknown) => asking.abort(reason));
  try {
    const { rule, terms, peer, role, delegation } = about;
    const { signal } = asking;
    return await Promise.race([
      ask({ terms, peer, role, delegation, signal, leakage: () => leakageOf(rule, terms, signal) }),
      failed,
    ]);
  } finally {
    timer?.cancel();
    forget();
  }
}

/** What the outcome would tell each side, or undefined where there is no figure. */
export async function leakageOf(
  rule: Rule,
  terms: Terms,
  signal?: AbortSignal,
): Promise<Leakage | undefined> {
  try {
    return await measureLeakage(rule, terms, 'uniform', signal && { signal });
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
