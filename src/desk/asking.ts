import type { Mandate, Rule } from '../../protocols/rule.ts';
import type { Terms } from '../documents/terms.ts';
import { TimeoutError } from '../errors.ts';
import { after } from '../link/timer.ts';
import { certificatesOf, completedTerms, isSettled } from '../session/converse.ts';
import { abstainsBecause } from '../session/given.ts';
import { leakageOf, type MandateGiver, type MandateRequest } from '../session/mandate.ts';
import type { Session } from '../session/session.ts';
import type { Agreed } from './conduct.ts';
import { foresee } from './dealings.ts';
import { isDelegate } from './delegate.ts';
import type { Desk } from './desk.ts';
import { checkMandate } from './drafts.ts';

/** A function that gives this side's mandate, with the policy of a delegate. Where nobody is asked, because an earlier bid stands, the session asks the policy. */
export type Asked = ((request: MandateRequest) => Promise<Mandate>) & Pick<MandateGiver, 'admit' | 'again'>;

/** This side's mandate, or the function that gives it. */
export interface Source {
  readonly mandate: Mandate | Asked;
  /** Whether somebody has to be asked for the mandate, which takes time. This depends on who gives the mandate, never on what it is. */
  readonly asks: boolean;
}

/** Where this side's mandate comes from: the call, a delegate, or the person. */
export function sourceOf(desk: Desk, { session, rule, party, peerRole }: Agreed): Source {
  const { mandate, person } = desk.options;
  if (typeof mandate === 'function') {
    const ask: Asked = async (request) => mandate(request);
    if (!isDelegate(mandate)) return { mandate: ask, asks: true };
    const { admit, again, atHand } = mandate;
    return { mandate: Object.assign(ask, { admit, again }), asks: atHand !== true };
  }
  if (mandate !== undefined) return { mandate, asks: false };
  const ask: Asked = async (request) => {
    const { terms, peer, role, delegation, signal } = request;
    const check = (given: Mandate) => checkMandate(rule, terms, party, given);
    const question = { terms, peer, role, delegation, signal, rule, party, check };
    await foresee(desk, { session, terms, rule, peerRole }); // so that nobody types what the ledger would refuse
    return person!.mandate!(withLeakage(question, rule));
  };
  return { mandate: ask, asks: true };
}

/**
 * Asks for the mandate, and returns a function that gives the answer. Nobody is asked where an earlier seal decides what is entered: the session then asks the policy. An invalid mandate is
 * noticed only in the session, and does not end it.
 */
export async function askAhead(
  desk: Desk,
  { session, terms, rule, role, peerRole }: Agreed,
  ask: Asked,
): Promise<Asked> {
  const about = { terms, role, rules: desk.options.rules };
  if (await isSettled(session, about)) return ask;
  const completed = completedTerms(session, about);
  const delegation = certificatesOf(session).ofPeer({ terms: completed, peerRole });
  const request = { terms: completed, role, peer: session.peer, delegation };
  const asked = whileAlive(session, desk.clocks, (signal) => ask(withLeakage({ ...request, signal }, rule)));
  await asked.catch((error: unknown) => {
    if (abstainsBecause(error) === undefined) throw error;
  });
  return () => asked;
}

/**
 * Asks for something for as long as the session lives, and at most `wait` milliseconds. The signal tells whoever is asked that the time is over.
 */
export async function whileAlive<Value>(
  session: Session,
  { wait, signal }: Desk['clocks'],
  ask: (signal: AbortSignal) => Promise<Value> | Value,
): Promise<Value> {
  const over = new AbortController();
  const forget = session.onFailure((error) => over.abort(error));
  const timer = after(wait, () => over.abort(new TimeoutError('there was no answer in time')));
  const ended = new Promise<never>((_, reject) => {
    // Rejects a turn later, so that a prompt can be removed first.
    over.signal.addEventListener('abort', () => setTimeout(reject, 0, over.signal.reason), { once: true });
  });
  ended.catch(() => undefined); // if `ask` throws at once, nobody waits for this
  try {
    return await Promise.race([ask(AbortSignal.any([signal, over.signal])), ended]);
  } finally {
    timer.cancel();
    forget();
  }
}

/** The request, with a function that measures the leakage. */
function withLeakage<Request extends { readonly terms: Terms; readonly signal?: AbortSignal }>(
  request: Request,
  rule: Rule,
): Request & Pick<MandateRequest, 'leakage'> {
  return { ...request, leakage: () => leakageOf(rule, request.terms, request.signal) };
}
