import type { Rule } from '../../protocols/rule.ts';
import { serializeAgreement } from '../documents/agreement.ts';
import type { Place } from '../documents/place.ts';
import type { Terms, TermsDraft } from '../documents/terms.ts';
import { InputError, ParleyError } from '../errors.ts';
import { certificatesOf, isRepeated } from '../session/converse.ts';
import type { Result } from '../session/result.ts';
import type { Session } from '../session/session.ts';
import { isDelegate } from './delegate.ts';
import type { Desk, DeskOptions } from './desk.ts';
import { checkMandate } from './drafts.ts';
import { awaitReady } from './offer.ts';
import type { Peer } from './person.ts';
import { prepareAndAsk } from './prepare.ts';

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
  /** Whether the terms came by an offer. Then two sides that have prepared say when they have their mandates (step O3). */
  readonly offered: boolean;
}

/** From terms that both sides have to the saved agreement. */
export async function negotiateAgreed(desk: Desk, agreed: Agreed): Promise<DeskResult> {
  const hold = await desk.records.ledger?.underWay(agreed.session.id);
  try {
    return await negotiateHeld(desk, agreed);
  } finally {
    await hold?.release();
  }
}

async function negotiateHeld(desk: Desk, agreed: Agreed): Promise<DeskResult> {
  const { session, terms, role, peer, offered } = agreed;
  const { options, clocks, tell } = desk;
  const { mandate, pauses } = await prepareAndAsk(desk, agreed);
  if (offered && pauses) {
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
    onProgress: (phase) => {
      if (phase !== 'terms-agreed') tell({ kind: 'phase', phase }); // that was told when it came about
    },
  });
  return conclude(desk, session, result);
}

/** Terms and the two roles in them. With `open` the peer may still show that it acts for somebody else, and the terms change with that. */
interface Represented extends Pick<Place, 'role' | 'peerRole'> {
  readonly terms: Terms;
  readonly open?: boolean;
}

/**
 * Throws PolicyError if this side has a delegate and its policy does not allow these terms with this peer, or too little is left of its limits. Also throws
 * what `isRepeated` does.
 */
export async function admit(
  { options: { mandate, rules } }: Desk,
  session: Session,
  { terms, role, peerRole, open = false }: Represented,
): Promise<void> {
  if (!isDelegate(mandate)) return;
  const repeated = await isRepeated(session, { terms, role, rules });
  const certificates = certificatesOf(session);
  const awaited = open || certificates.isAwaited({ terms, peerRole });
  const delegation = awaited ? 'awaited' : certificates.ofPeer({ terms, peerRole });
  await mandate.admit({ terms, role, peer: session.peer, repeated, delegation });
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
