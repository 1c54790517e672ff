import type { Mandate } from '../../protocols/rule.ts';
import type { PublicJwk, Terms } from '../agreement/terms.ts';
import { type ParleyError, TimeoutError } from '../errors.ts';

/** What a delegate is told when it is asked for its mandate: the peer is authenticated and has the same terms. */
export interface MandateRequest {
  readonly terms: Terms;
  readonly peer: PublicJwk;
  readonly role: string;
  /** Aborts when the session fails or the time to answer is over. */
  readonly signal: AbortSignal;
}

export type MandateSource = Mandate | ((request: MandateRequest) => Promise<Mandate> | Mandate);

/**
 * Step 3: asks for the mandate, for at most `wait` milliseconds, and no longer than the session lives.
 * `onFailure` registers what to call with the session's failure, and gives what unregisters it.
 */
export async function askMandate(
  ask: (request: MandateRequest) => Promise<Mandate> | Mandate,
  request: Omit<MandateRequest, 'signal'>,
  wait: number,
  onFailure: (listener: (error: ParleyError) => void) => () => void,
): Promise<Mandate> {
  const asking = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let forget = () => {};
  const failed = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TimeoutError('no mandate was given in time')),
      Math.min(wait, 2 ** 31 - 1),
    );
    forget = onFailure(reject);
  });
  failed.catch((reason: unknown) => asking.abort(reason));
  try {
    return await Promise.race([ask({ ...request, signal: asking.signal }), failed]);
  } finally {
    clearTimeout(timer);
    forget();
  }
}
