import type { Entry } from '../../protocols/rule.ts';
import type { Random } from '../crypto/random.ts';
import type { ParleyError } from '../errors.ts';
import type { Agreed } from './agree.ts';
import { computeAgreement } from './computation.ts';
import { requireNoDispute } from './dispute-file.ts';
import { abstain, abstainsBecause, enterExactly, enterSafely, type Given, mandateEntered } from './given.ts';
import { askMandate, type MandateSource } from './mandate.ts';
import { clocksOf, DEFAULT_WAIT, type NegotiateOptions, type Phase } from './options.ts';
import type { SessionParts } from './parts.ts';
import type { Side } from './preflight.ts';
import { RecordedAttempt } from './recorded-attempt.ts';
import { type NegotiationStats, type Result, toOutcome } from './result.ts';

/** Gives what this side enters, once the terms are agreed. `onFailure` registers a listener for the session's failure, and returns a function that removes it. */
export type EntrySource = (
  onFailure: (listener: (error: ParleyError) => void) => () => void,
) => Promise<Given>;

/**
 * Checks a mandate that is given as a value, before anything is sent under these terms. Later no mandate is refused: neither one that a delegate gives in
 * step 3, nor a value that is given after the terms are agreed.
 */
export function entrySource(
  { random, peer, certificates }: SessionParts,
  side: Side,
  { mandate, wait = DEFAULT_WAIT, termsAgreed }: EntryOptions,
): EntrySource {
  if (typeof mandate !== 'function') {
    const given = termsAgreed ? enterSafely(side, mandate, random) : enterExactly(side, mandate, random);
    return async () => given;
  }
  return async (onFailure) => {
    try {
      return enterSafely(
        side,
        await askMandate(mandate, { ...side, peer, delegation: certificates.ofPeer(side) }, wait, onFailure),
        random,
      );
    } catch (error) {
      const why = abstainsBecause(error);
      if (why === undefined) throw error;
      return abstain(side, random, why);
    }
  };
}

export interface EntryOptions extends Pick<NegotiateOptions, 'mandate' | 'wait'> {
  /** Whether `prepare` has agreed on the terms. */
  readonly termsAgreed: boolean;
}

export interface NegotiationOptions {
  readonly options: NegotiateOptions;
  readonly give: EntrySource;
  readonly onFailure: Parameters<EntrySource>[0];
  /** What the negotiation has cost. */
  readonly cost: () => Pick<NegotiationStats, 'bytes' | 'flights'>;
  /** When the caller asked for the negotiation, by `performance.now()`. */
  readonly start: number;
}

/** Steps 3 to 5, of a negotiation whose terms are agreed. */
export async function negotiateAgreed(
  parts: SessionParts,
  agreed: Agreed,
  { options, give, onFailure, cost, start }: NegotiationOptions,
): Promise<Result> {
  const { link, tell, witness, ledger, setup, initiator, peer, certificates } = parts;
  const { side, id, sealing } = agreed;
  const { bound, terms, role } = side;
  const onProgress = (phase: Phase) => {
    witness.reached(phase);
    tell({ event: 'phase', phase, ...link.stats });
    options.onProgress?.(phase);
  };
  onProgress('terms-agreed');
  const asked = performance.now();
  const counted = certificates.counted(ledger, side, peer);
  const attempt =
    counted &&
    (await RecordedAttempt.begin(
      counted,
      side,
      { session: id, maxDisclosure: options.maxDisclosure },
      witness.afterCheat(options.mandate),
    ));
  try {
    await requireNoDispute(parts, side);
    if (terms.seals === 'none') attempt?.admitUnsealed();
    const standing = sealing?.required(attempt);
    if (standing !== undefined) await countAgain(parts, side, options.mandate);
    const given =
      standing === undefined
        ? await give(onFailure)
        : standingBid(side, standing, options.mandate, parts.random);
    onProgress('mandate-given');
    const { initiatorLearnsFirst } = await setup.source(terms.security);
    const signsFirst = initiator === initiatorLearnsFirst;
    witness.learnsFirst = signsFirst;
    const computed = await computeAgreement({
      parts,
      agreed,
      entry: given.entry,
      attempt,
      signsFirst,
      timeout: clocksOf(options).timeout,
      onProgress,
    });
    const { outcome, agreement, dispute } = computed;
    const unagreed = await attempt?.agreed(agreement);
    const unrecorded = unagreed ?? (await dispute?.remove());
    onProgress('signed');
    const ms = { total: performance.now() - start, setup: asked - start };
    const stats = { ands: bound.ands, ...cost(), ms };
    const entered = mandateEntered(side, given);
    return {
      ...toOutcome(bound, outcome),
      ...{ outcome, agreement, terms, role, entered, stats },
      ...(given.why !== undefined && { adjusted: given.why }),
      ...(unrecorded !== undefined && { unrecorded }),
    };
  } finally {
    await attempt?.end();
  }
}

/** Where only the opening of a seal shows what was entered, the peer may enter something else this time. The outcome may then differ, so the delegate counts it. */
async function countAgain(
  { peer, certificates }: SessionParts,
  side: Side,
  mandate: MandateSource,
): Promise<void> {
  const { bound, terms, role } = side;
  if (bound.seal?.committed === undefined || typeof mandate !== 'function') return;
  await mandate.again?.({ terms, peer, role, delegation: certificates.ofPeer(side) });
}

/** The bid of an earlier session, which must be entered again. Nobody is asked. Where a mandate given as a value differs from that bid, `why` says so. */
function standingBid(side: Side, entry: Entry, mandate: unknown, random: Random): Given {
  const same =
    typeof mandate !== 'function' &&
    side.bound.seal!.sameMandate(entry, enterSafely(side, mandate, random).entry);
  const why =
    'an outcome was released on the bid of an earlier session and is not yet agreed, so that bid was entered again';
  return { entry, mandate, why: same ? undefined : why };
}
