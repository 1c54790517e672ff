import { agreeAhead, certificatesOf, completedTerms } from '../session/converse.ts';
import type { Session } from '../session/session.ts';
import { askAhead, type Source, sourceOf } from './asking.ts';
import type { Agreed } from './conduct.ts';
import { tellDelegation } from './delegations.ts';
import type { Desk } from './desk.ts';

/** What a side has once the preparation is over and its mandate is given. */
export interface Prepared {
  readonly mandate: Source['mandate'];
  /** Whether the peer has prepared in the same way, so that each side now waits for the other's mandate. */
  readonly pauses: boolean;
}

/**
 * Compares the terms in the session, then asks for this side's mandate if somebody has to be asked. Meanwhile both sides compute what needs no mandate, if either
 * of them asks. The preparation and the question do not wait for each other, so the peer does not see how long the answer took. If the session fails, the
 * question is withdrawn; if the question fails, the session ends.
 */
export async function prepareAndAsk(desk: Desk, agreed: Agreed): Promise<Prepared> {
  const { session, terms, role } = agreed;
  const { options, clocks, tell } = desk;
  const { mandate, asks } = sourceOf(desk, agreed);
  const awaited = certificatesOf(session).isAwaited(agreed);
  const progress = { done: 0, asking: asks };
  let onSame!: () => void;
  const same = new Promise<void>((resolve) => {
    onSame = resolve;
  });
  const preparing = agreeAhead(session, terms, {
    ...clocks,
    role,
    rules: options.rules,
    maxDisclosure: options.maxDisclosure,
    asks,
    onAgreed: () => {
      tell({ kind: 'phase', phase: 'terms-agreed' });
      onSame();
    },
    onProgress: (done) => {
      progress.done = done;
      tell({ kind: 'preparing', ...progress });
    },
  });
  const asking = Promise.race([same, preparing]).then(async (): Promise<Source['mandate']> => {
    if (awaited) await tellDelegationAgreed(desk, agreed);
    if (typeof mandate !== 'function') return mandate;
    const given = await askAhead(desk, agreed, mandate);
    if (asks && progress.done < 1) tell({ kind: 'preparing', ...progress, asking: false });
    progress.asking = false;
    return given;
  });
  const [pauses, given] = await together(session, preparing, asking);
  return { mandate: given, pauses };
}

/** Tells the person for whom a peer acts whose certificate this side's own terms name: it has come with the peer's hello. */
async function tellDelegationAgreed(desk: Desk, { session, terms, role, ...place }: Agreed): Promise<void> {
  const completed = completedTerms(session, { terms, role, rules: desk.options.rules });
  await tellDelegation(desk, session, { ...place, terms: completed });
}

/** Waits for both. The first failure ends the session, and so the other one. It is thrown once both are over. */
async function together<A, B>(session: Session, a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  let first: { readonly error: unknown } | undefined;
  const end = (error: unknown): never => {
    first ??= { error };
    session.destroy();
    throw error;
  };
  const [one, other] = await Promise.allSettled([a.catch(end), b.catch(end)]);
  if (one.status === 'rejected' || other.status === 'rejected') throw first!.error;
  return [one.value, other.value];
}
