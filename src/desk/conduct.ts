import type { Mandate, Rule } from '../../protocols/rule.ts';
import { serializeAgreement } from '../documents/agreement.ts';
import type { Place } from '../documents/place.ts';
import type { Terms, TermsDraft } from '../documents/terms.ts';
import { InputError, ParleyError, TimeoutError } from '../errors.ts';
import { after } from '../link/timer.ts';
import { isSettled } from '../session/converse.ts';
import { abstainsBecause } from '../session/given.ts';
import {
  type AdmissionRequest,
  leakageOf,
  type MandateGiver,
  type MandateRequest,
} from '../session/mandate.ts';
import type { Result } from '../session/result.ts';
import type { Session } from '../session/session.ts';
import { foresee } from './dealings.ts';
import type { Delegate } from './delegate.ts';
import type { Desk, DeskOptions } from './desk.ts';
import { checkMandate } from './drafts.ts';
import { awaitReady } from './offer.ts';
import type { Peer } from './person.ts';

/** How a negotiation ended at this side. */
export type DeskResult = Result & {
  /** Where the home keeps the agreement, if the home keeps it. */
  readonly saved: string | undefined;
  /** Why the home could not keep it. The agreement is then in this result only. */
  readonly unsaved: ParleyError | undefined;
  /** Whether the home's ledger has the agreement too. */
  readonly recorded: boolean;
  /** Whether the peer confirmed, before it left, that it has the agreement too. */
  readonly confirmed: boolean;
};

/** Terms that both sides have, and the session between them. */
export interface Agreed extends Place {
  readonly session: Session;
  readonly terms: Terms | TermsDraft;
  readonly rule: Rule;
  readonly peer: Peer;
  /** Whether the terms came by an offer. Then each side says when it has its mandate (step O3). */
  readonly offered: boolean;
}

/** From terms that both sides have to the saved agreement. */
export async function negotiateAgreed(desk: Desk, agreed: Agreed): Promise<DeskResult> {
  const { session, terms, role, peer, offered } = agreed;
  const { options, clocks, tell } = desk;
  let mandate = mandateOf(desk, agreed);
  if (offered) {
    if (typeof mandate === 'function') mandate = await askAhead(desk, agreed, mandate);
    tell({ kind: 'waitingForPeer', peer });
    await awaitReady(session, clocks);
    tell({ kind: 'bothReady' });
  }
  const result = await session.negotiate({
    ...clocks,
    terms,
    role,
    mandate,
    rules: options.rules,
    maxDisclosure: options.maxDisclosure,
    onProgress: (phase) => tell({ kind: 'phase', phase }),
  });
  return conclude(desk, session, result);
}

/** Throws PolicyError if this side has a delegate and its policy does not allow these terms with this peer. */
export async function admit({ options: { mandate } }: Desk, request: AdmissionRequest): Promise<void> {
  if (isDelegate(mandate)) await mandate.admit(request);
}

/** Whether this side's mandate comes from a delegate. */
export function isDelegate(mandate: unknown): mandate is Delegate {
  return typeof mandate === 'function' && 'admit' in mandate;
}

/**
 * Checks a mandate given as a value against this side's own terms, before this side connects. Throws InputError `ERR_MANDATE_INVALID`. The mandate is not
 * refused later, because the other side would see that.
 */
export function checkGiven(
  { mandate }: Pick<DeskOptions, 'mandate'>,
  rule: Rule,
  terms: Terms,
  { party }: Place,
): void {
  if (mandate !== undefined && typeof mandate !== 'function') checkMandate(rule, terms, party, mandate);
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
  try {
    return await Promise.race([ask(AbortSignal.any([signal, over.signal])), ended]);
  } finally {
    timer.cancel();
    forget();
  }
}

/** The mandate, or the function that is asked for it once the peer is authenticated and the terms are agreed. */
function mandateOf(desk: Desk, { rule, party, offered }: Agreed): Mandate | Asked {
  const { mandate, person } = desk.options;
  if (typeof mandate === 'function') {
    const ask: Asked = async (request) => mandate(request);
    return isDelegate(mandate) ? Object.assign(ask, { again: mandate.again }) : ask;
  }
  // Terms that the other side offers may not be able to hold the mandate. A function is used because its mandate is never refused.
  if (mandate !== undefined) return offered ? async () => mandate : mandate;
  return async (request) => {
    const { terms, peer, role, signal } = request;
    const check = (given: Mandate) => checkMandate(rule, terms, party, given);
    const question = { terms, peer, role, signal, rule, party, check };
    await foresee(desk, { terms, rule, key: peer }); // so that nobody types what the ledger would refuse
    return person!.mandate!(withLeakage(question, rule));
  };
}

type Asked = ((request: MandateRequest) => Promise<Mandate>) & Pick<MandateGiver, 'again'>;

/**
 * Asks for the mandate before this side says that it is ready, so that nothing depends on it yet. Nobody is asked where an earlier seal decides. An invalid
 * mandate is noticed only in the session, and does not end it.
 */
async function askAhead(desk: Desk, { session, terms, rule, role }: Agreed, ask: Asked): Promise<Asked> {
  if (await isSettled(session, { terms, role, rules: desk.options.rules })) return ask;
  const about = { terms: terms as Terms, role, peer: session.peer };
  const asked = whileAlive(session, desk.clocks, (signal) => ask(withLeakage({ ...about, signal }, rule)));
  await asked.catch((error: unknown) => {
    if (abstainsBecause(error) === undefined) throw error;
  });
  return () => asked;
}

/** The request, with a function that measures the leakage. */
function withLeakage<Request extends { readonly terms: Terms; readonly signal?: AbortSignal }>(
  request: Request,
  rule: Rule,
): Request & Pick<MandateRequest, 'leakage'> {
  return { ...request, leakage: () => leakageOf(rule, request.terms, request.signal) };
}

/** Saves the agreement, then ends the session in order. The result is returned even if either fails. */
async function conclude(desk: Desk, session: Session, result: Result): Promise<DeskResult> {
  const kept = await save(desk, serializeAgreement(result.agreement));
  const confirmed = await session.close().then(
    () => true,
    () => false,
  );
  const recorded = desk.records.ledger !== undefined && result.unrecorded === undefined;
  return { ...result, ...kept, recorded, confirmed };
}

async function save(
  { reservation, tell }: Desk,
  agreement: Uint8Array,
): Promise<Pick<DeskResult, 'saved' | 'unsaved'>> {
  if (reservation === undefined) return { saved: undefined, unsaved: undefined };
  try {
    const place = await reservation.save(agreement);
    tell({ kind: 'agreementSaved', place });
    return { saved: place, unsaved: undefined };
  } catch (cause) {
    const hint = { hint: 'the agreement is in the result: keep it', cause };
    const unsaved =
      cause instanceof ParleyError
        ? cause
        : new InputError('ERR_FILE', 'the agreement could not be saved', hint);
    return { saved: undefined, unsaved };
  }
}
