import { type Leakage, measureLeakage } from '../../protocols/leakage/index.ts';
import type { Mandate, Rule } from '../../protocols/rule.ts';
import type { PublicJwk, Terms } from '../documents/terms.ts';
import { InputError, type ParleyError, TimeoutError } from '../errors.ts';
import type { AfterCheat } from '../ledger/index.ts';
import { after, type Timer } from '../link/timer.ts';

/** Which negotiation it is, as both sides know it. */
export interface AdmissionRequest {
  readonly terms: Terms;
  readonly peer: PublicJwk;
  /** This side's. */
  readonly role: string;
}

/** What a delegate is told when it is asked for its mandate: the peer is authenticated and has the same terms. */
export interface MandateRequest extends AdmissionRequest {
  /**
   * What the outcome would tell each side about the other's mandate, under a uniform prior; measured when it is read. Undefined for
   * rules and ranges that there is no figure for.
   */
  readonly leakage: Leakage | undefined;
  /** Aborts when the session fails or the time to answer is over. */
  readonly signal: AbortSignal;
}

/** Who is asked for a mandate. */
export interface MandateGiver {
  (request: MandateRequest): Promise<Mandate> | Mandate;
  /** What its policy says of a peer that was caught cheating before; where it has one, nobody less strict lets the peer in. */
  readonly afterCheat?: AfterCheat;
  /** Throws for a negotiation that it does not allow. A session asks before it sends anything of it. */
  admit?(request: AdmissionRequest): Promise<void>;
}

export type MandateSource = Mandate | MandateGiver;

/**
 * Step 3: asks for the mandate, for at most `wait` milliseconds, and no longer than the session lives.
 * `onFailure` registers what to call with the session's failure, and gives what unregisters it.
 */
export async function askMandate(
  ask: (request: MandateRequest) => Promise<Mandate> | Mandate,
  about: { readonly terms: Terms; readonly rule: Rule; readonly peer: PublicJwk; readonly role: string },
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
    return await Promise.race([ask(new Request(about, asking.signal)), failed]);
  } finally {
    timer?.cancel();
    forget();
  }
}

class Request implements MandateRequest {
  readonly terms: Terms;
  readonly peer: PublicJwk;
  readonly role: string;
  readonly signal: AbortSignal;
  private readonly rule: Rule;

  constructor({ terms, rule, peer, role }: Parameters<typeof askMandate>[1], signal: AbortSignal) {
    this.terms = terms;
    this.rule = rule;
    this.peer = peer;
    this.role = role;
    this.signal = signal;
  }

  get leakage(): Leakage | undefined {
    return leakageOf(this.rule, this.terms);
  }
}

/** The last figure: a delegate that asks, the ledger, and further negotiations under the same terms want the same one. */
let latest: { readonly rule: Rule; readonly text: string; readonly leakage: Leakage | undefined } | undefined;

/** What the outcome would tell each side, or undefined where there is no figure. Measuring takes 50 to 500 ms, once for the same terms. */
export function leakageOf(rule: Rule, terms: Terms): Leakage | undefined {
  const text = JSON.stringify([terms.rule, terms.range, terms.menu]);
  if (latest === undefined || latest.rule !== rule || latest.text !== text) {
    latest = { rule, text, leakage: measure(rule, terms) };
  }
  return latest.leakage;
}

function measure(rule: Rule, terms: Terms): Leakage | undefined {
  try {
    return measureLeakage(rule, terms);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
