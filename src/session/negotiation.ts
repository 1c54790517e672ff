import type { Entry } from '../../protocols/rule.ts';
import type { ParleyError } from '../errors.ts';
import type { Agreed } from './agree.ts';
import { computeAgreement } from './computation.ts';
import { askMandate } from './mandate.ts';
import { DEFAULT_WAIT, type NegotiateOptions, type Phase } from './options.ts';
import type { SessionParts } from './parts.ts';
import type { Side } from './preflight.ts';
import { RecordedAttempt } from './recorded-attempt.ts';
import { type NegotiationStats, type Result, toOutcome } from './result.ts';

/** Who gives this side's entry once the terms are agreed. `onFailure` registers what is called if the session fails, and gives what takes that back. */
export type EntrySource = (
  onFailure: (listener: (error: ParleyError) => void) => () => void,
) => Promise<Entry>;

/** A mandate that is given as a value is validated here, before anything is sent; a delegate is asked in step 3. */
export function entrySource(
  { random, peer }: SessionParts,
  side: Side,
  options: NegotiateOptions,
): EntrySource {
  const { mandate, wait = DEFAULT_WAIT } = options;
  const enter = (given: unknown) => side.bound.enter(side.party, given, random);
  if (typeof mandate === 'function') {
    return async (onFailure) => enter(await askMandate(mandate, { ...side, peer }, wait, onFailure));
  }
  const entry = enter(mandate);
  return async () => entry;
}

export interface NegotiationOptions {
  readonly options: NegotiateOptions;
  readonly give: EntrySource;
  readonly onFailure: Parameters<EntrySource>[0];
  /** What the negotiation has cost. */
  readonly cost: () => Pick<NegotiationStats, 'bytes' | 'flights'>;
  /** When the caller asked for it. */
  readonly start: number;
}

/** Steps 3 to 5, of a negotiation whose terms are agreed. */
export async function negotiateAgreed(
  parts: SessionParts,
  agreed: Agreed,
  { options, give, onFailure, cost, start }: NegotiationOptions,
): Promise<Result> {
  const { witness, ledger, setup, initiator, peer } = parts;
  const { side, id } = agreed;
  const { bound, terms, role } = side;
  const onProgress = (phase: Phase) => {
    witness.reached(phase);
    options.onProgress?.(phase);
  };
  onProgress('terms-agreed');
  const asked = performance.now();
  const names = { peer, session: id, maxDisclosure: options.maxDisclosure };
  const attempt = await RecordedAttempt.begin(ledger, side, names, witness.afterCheat(options.mandate));
  try {
    if (terms.seals === 'none') attempt?.admitUnsealed();
    const entry = await give(onFailure);
    onProgress('mandate-given');
    const { initiatorLearnsFirst } = await setup.source(terms.security);
    const signsFirst = initiator === initiatorLearnsFirst;
    witness.learnsFirst = signsFirst;
    const computed = await computeAgreement({ parts, agreed, entry, attempt, signsFirst, onProgress });
    const { outcome, agreement } = computed;
    const unrecorded = await attempt?.agreed(agreement);
    onProgress('signed');
    const ms = { total: performance.now() - start, setup: asked - start };
    const stats = { ands: bound.ands, ...cost(), ms };
    const result = { ...toOutcome(bound, outcome), outcome, agreement, terms, role, stats };
    return unrecorded === undefined ? result : { ...result, unrecorded };
  } finally {
    await attempt?.end();
  }
}
