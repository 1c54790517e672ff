import { platform } from '#platform';
import type { Entry } from '../../protocols/rule.ts';
import type { Agreement } from '../documents/agreement.ts';
import type { OutcomeJson } from '../documents/rule.ts';
import type { Engine } from '../engine/engine.ts';
import { ParleyError, PeerCheatedError } from '../errors.ts';
import type { Agreed } from './agree.ts';
import { endAtDeadline } from './deadline.ts';
import { EngagementExchange, type EngagementProgress } from './engagement.ts';
import { unsealed } from './entered.ts';
import type { SessionParts } from './parts.ts';
import type { RecordedAttempt } from './recorded-attempt.ts';
import { exchangeSignatures } from './result.ts';

export interface ComputationOptions {
  readonly parts: Pick<SessionParts, 'link' | 'identity'>;
  readonly agreed: Agreed;
  /** This side's mandate, as the rule takes it. */
  readonly entry: Entry;
  /** This negotiation in the ledger, where there is one. */
  readonly attempt: RecordedAttempt | undefined;
  /** Whether this side knows the outcome first, and so signs first. */
  readonly signsFirst: boolean;
  readonly onProgress: (phase: 'engaged' | 'outcome-known') => void;
}

/** After step 5. */
export interface Signed {
  readonly outcome: OutcomeJson;
  readonly agreement: Agreement;
}

/** Steps 4 and 5: the computation with its seals and engagements, then the agreement. The engine is closed at the end, whatever happens. */
export async function computeAgreement(options: ComputationOptions): Promise<Signed> {
  const { parts, agreed } = options;
  const progress: EngagementProgress = { sent: false, held: undefined };
  const deadline = endAtDeadline(parts.link, agreed.side.terms, () => !progress.sent);
  let engine: Engine | undefined;
  try {
    engine = await agreed.engine;
    return await computeOn(engine, options, progress);
  } catch (error) {
    if (error instanceof ParleyError) error.engagement ??= progress.held;
    throw error;
  } finally {
    deadline.cancel();
    engine?.close();
  }
}

/** From agreed terms to entered, linked, engaged, computed and signed: each step takes what the step before returned. */
async function computeOn(
  engine: Engine,
  { parts, agreed, entry, attempt, signsFirst, onProgress }: ComputationOptions,
  progress: EngagementProgress,
): Promise<Signed> {
  const { link, identity } = parts;
  const { side, id: session, sealing } = agreed;
  const { bound, terms } = side;
  const entered = sealing === undefined ? unsealed(entry) : await sealing.enter(entry, attempt);
  const linked = await entered.link(engine);
  const evidence = () => entered.evidence();
  const onSent = () => onProgress('engaged');
  const release = new EngagementExchange({
    link,
    identity,
    side,
    session,
    evidence,
    attempt,
    progress,
    onSent,
  });
  const outcome = await bound.compute(linked, entered.entry, release);
  if (!bound.permits(outcome)) throw new PeerCheatedError('outcome');
  onProgress('outcome-known');
  const body = { terms, outcome, session, ...(await evidence()) };
  const agreement = await exchangeSignatures({ link, identity, side, body, signsFirst });
  link.flush();
  if (!signsFirst) await platform.nextTurn(); // the last signature leaves before the caller goes on
  return { outcome, agreement };
}
