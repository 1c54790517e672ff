import { platform } from '#platform';
import type { Entry } from '../../protocols/rule.ts';
import type { Agreement } from '../documents/agreement.ts';
import type { Identity } from '../documents/identity.ts';
import type { OutcomeJson } from '../documents/rule.ts';
import type { Engine } from '../engine/engine.ts';
import { ParleyError, PeerCheatedError } from '../errors.ts';
import type { SecureLink } from '../link/secure-link.ts';
import { after } from '../link/timer.ts';
import type { Attempt } from './attempt.ts';
import { EngagementExchange } from './engagement.ts';
import { expired, type Plan } from './preflight.ts';
import { exchangeSignatures } from './result.ts';
import type { Sealing } from './sealing.ts';

export interface ComputationOptions {
  readonly link: SecureLink;
  readonly identity: Identity;
  readonly plan: Plan;
  /** Names this negotiation, 32 bytes. */
  readonly id: Uint8Array;
  /** Closed at the end, whatever happens. */
  readonly engine: Promise<Engine>;
  /** Where the terms have seals. */
  readonly sealing: Sealing | undefined;
  /** This side's mandate, as the rule takes it. */
  readonly entry: Entry;
  /** This negotiation in the ledger, where there is one. */
  readonly attempt: Attempt | undefined;
  /** Whether this side knows the outcome first, and so signs first. */
  readonly signsFirst: boolean;
  readonly onProgress: ((phase: 'engaged' | 'outcome-known') => void) | undefined;
}

/** Steps 4 and 5: the computation with its seals and engagements, then the agreement. */
export async function computeAgreement(
  options: ComputationOptions,
): Promise<{ readonly outcome: OutcomeJson; readonly agreement: Agreement }> {
  const { link, identity, plan, id: session, sealing, entry, attempt, signsFirst, onProgress } = options;
  const { bound, terms } = plan;
  const seals = sealing && (() => sealing.seals());
  const onSent = () => onProgress?.('engaged');
  const fingerprints = sealing && (() => sealing.fingerprints);
  const release = new EngagementExchange({
    link,
    identity,
    plan,
    session,
    seals,
    fingerprints,
    attempt,
    onSent,
  });
  const deadline = after(Date.parse(terms.expires) - Date.now(), () => {
    if (!release.sent) link.abort(expired());
  });
  let engine: Engine | undefined;
  try {
    engine = await options.engine;
    const sealed = sealing === undefined ? entry : await sealing.start(entry, attempt);
    const around = sealing === undefined ? engine : await sealing.around(engine, sealed);
    const outcome = await bound.compute(around, sealed, release);
    if (!bound.permits(outcome)) throw new PeerCheatedError('outcome');
    onProgress?.('outcome-known');
    const body = { terms, outcome, session, seals: await seals?.(), fingerprints: fingerprints?.() };
    const agreement = await exchangeSignatures({ link, identity, plan, body, signsFirst });
    link.flush();
    if (!signsFirst) await platform.nextTurn(); // the last signature leaves before the caller goes on
    return { outcome, agreement };
  } catch (error) {
    if (error instanceof ParleyError) error.engagement ??= release.held;
    throw error;
  } finally {
    deadline.cancel();
    engine?.close();
  }
}
