import { platform } from '#platform';
import type { Entry } from '../../protocols/rule.ts';
import type { Agreement } from '../documents/agreement.ts';
import type { OutcomeJson } from '../documents/rule.ts';
import type { Engine, Release } from '../engine/engine.ts';
import { ParleyError, PeerCheatedError } from '../errors.ts';
import type { Agreed } from './agree.ts';
import { endAtDeadline } from './deadline.ts';
import { DisputeFile } from './dispute-file.ts';
import { EngagementExchange, type EngagementProgress } from './engagement.ts';
import { type Evidence, unsealed } from './entered.ts';
import { FairEngine } from './fair-engine.ts';
import { FirstToEngage, SecondToEngage } from './fair-exchange.ts';
import type { SessionParts } from './parts.ts';
import { requireRoom } from './preflight.ts';
import type { RecordedAttempt } from './recorded-attempt.ts';
import { exchangeSignatures } from './result.ts';

export interface ComputationOptions {
  readonly parts: Pick<SessionParts, 'link' | 'identity' | 'initiator' | 'disputes' | 'certificates'>;
  readonly agreed: Agreed;
  /** This side's mandate, as the rule takes it. */
  readonly entry: Entry;
  /** This negotiation in the ledger, where there is one. */
  readonly attempt: RecordedAttempt | undefined;
  /** Whether this side knows the outcome first, and so signs first. */
  readonly signsFirst: boolean;
  /** Milliseconds of silence after which the peer counts as gone. */
  readonly timeout: number;
  readonly onProgress: (phase: 'engaged' | 'outcome-known') => void;
}

/** After step 5. */
export interface Signed {
  readonly outcome: OutcomeJson;
  readonly agreement: Agreement;
  /** Under terms with an arbiter: to be removed once the agreement is safe. */
  readonly dispute: DisputeFile | undefined;
}

/** Steps 4 and 5: the computation with its seals and engagements, then the agreement. The engine is closed at the end, whatever happens. */
export async function computeAgreement(options: ComputationOptions): Promise<Signed> {
  const { parts, agreed } = options;
  const progress: EngagementProgress = { sent: false, held: undefined };
  const deadline = endAtDeadline(parts.link, agreed.side.terms, () => !progress.sent);
  const dispute = disputeOf(parts, agreed);
  let engine: Engine | undefined;
  try {
    engine = await agreed.engine;
    const revealing = revealingOf(engine, options, progress, dispute);
    return { ...(await computeOn(engine, options, revealing)), dispute };
  } catch (cause) {
    const document = progress.sent ? dispute?.document : undefined;
    const error = document === undefined ? cause : carrying(cause);
    if (error instanceof ParleyError) {
      error.engagement ??= progress.held;
      if (progress.held !== undefined) error.delegation ??= parts.certificates.textsOfPeer(agreed.side);
      error.dispute ??= document;
    }
    throw error;
  } finally {
    deadline.cancel();
    engine?.close();
    agreed.fair?.discard();
  }
}

/** An error that can carry a dispute: once this side has engaged, whatever stops it has to lead to the arbiter, also what its owner's own signer has thrown. */
function carrying(cause: unknown): ParleyError {
  if (cause instanceof ParleyError) return cause;
  return new ParleyError('ERR_INTERNAL', 'this side failed after it had engaged', { cause });
}

/** How a rule's outcome is revealed: with engagements ahead of both shares, or, with an arbiter, masked first. */
interface Revealing {
  /** The engine that the rule gets, over one that links what it enters to its seal. */
  over(linked: Engine): Engine;
  /** What the rule's reveal has to be given. */
  readonly release: Release;
  /** Runs the exchange of signatures. */
  readonly signing: <Value>(work: () => Promise<Value>) => Promise<Value>;
}

/** The release needs the evidence of the entry, which is there once the rule computes. */
type RevealingOf = (evidence: () => Promise<Evidence>) => Revealing;

function revealingOf(
  engine: Engine,
  { parts, agreed, attempt, timeout, onProgress }: ComputationOptions,
  progress: EngagementProgress,
  dispute: DisputeFile | undefined,
): RevealingOf {
  const { link, identity, initiator } = parts;
  const { side, id: session, sealing, fair, delegations: mandates } = agreed;
  const onSent = () => onProgress('engaged');
  if (fair === undefined || dispute === undefined) {
    return (evidence) => ({
      over: (linked) => linked,
      release: new EngagementExchange({ link, identity, side, session, evidence, attempt, progress, onSent }),
      signing: (work) => work(),
    });
  }
  const seals = sealing?.linkIn(engine); // the masks of seals are entered first
  const fixed = fair.fixIn(engine);
  return (evidence) => {
    const escrows = () => fixed.accepted();
    const facts = { side, session, evidence, escrows, mandates };
    const options = { ...facts, link, identity, dispute, progress, timeout, onSent };
    const exchange = initiator ? new FirstToEngage(options) : new SecondToEngage(options);
    const challenges = fair.challenges(seals);
    const reveal = { link, fixed, challenges, fixing: fair.fixing() };
    return {
      over: (linked) => new FairEngine(linked, { ...reveal, exchange: (masked) => exchange.open(masked) }),
      release: {
        send: async () => undefined,
        // A peer with the arbiter in its pocket can read the outcome once this side's share of z has left. If nobody may engage any more, it stays here.
        receive: async () => {
          requireRoom(side.terms);
          await attempt?.released();
        },
      },
      signing: (work) => exchange.soon(work),
    };
  };
}

/** From agreed terms to entered, linked, engaged, computed and signed: each step takes what the step before returned. */
async function computeOn(
  engine: Engine,
  { parts, agreed, entry, attempt, signsFirst, onProgress }: ComputationOptions,
  revealingOf: RevealingOf,
): Promise<Omit<Signed, 'dispute'>> {
  const { link, identity } = parts;
  const { side, id: session, sealing, delegations } = agreed;
  const { bound, terms } = side;
  const entered = sealing === undefined ? unsealed(entry) : await sealing.enter(entry, attempt);
  const linked = await entered.link(engine);
  const evidence = () => entered.evidence();
  const { over, release, signing } = revealingOf(evidence);
  const outcome = await bound.compute(over(linked), entered.entry, release);
  if (!bound.permits(outcome)) throw new PeerCheatedError('outcome');
  onProgress('outcome-known');
  const body = { terms, outcome, session, mandates: delegations(), ...(await evidence()) };
  const agreement = await signing(() => exchangeSignatures({ link, identity, side, body, signsFirst }));
  link.flush();
  if (!signsFirst) await platform.nextTurn(); // the last signature leaves before the caller goes on
  return { outcome, agreement };
}

/** Where this side's dispute will be kept; undefined without an arbiter. */
function disputeOf({ disputes }: ComputationOptions['parts'], { fair, id }: Agreed): DisputeFile | undefined {
  if (fair === undefined) return undefined;
  if (disputes === undefined) throw new Error('terms with an arbiter need a place for disputes');
  return new DisputeFile(disputes, id);
}
