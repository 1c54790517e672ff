import { fixedDues, lastObjection, type ObligedTerms, remedied } from '../../documents/obligations/due.ts';
import { hasJudges, type Obligation } from '../../documents/obligations/terms.ts';
import type { OptionalMembers } from '../../documents/optional-members.ts';
import {
  answered,
  type Ratification,
  type RatificationState,
  ratificationAt,
} from '../../documents/ratified.ts';
import { DAY, LAST_SECOND, timeOf } from '../../documents/time.ts';
import type { Seen, TimedStatement, Trust } from './statement.ts';
import { needed, verdictsOn } from './verdicts.ts';

/** An agreement, as far as obligations depend on it. */
export interface ObligedAgreement {
  readonly terms: ObligedTerms & Pick<OptionalMembers, 'ratify'>;
  readonly outcome: { readonly deal: boolean };
  /** What the members have said who have to ratify it: as of whatever time, since it is looked at as of the time of the status. Where it is missing, nobody has said anything. */
  readonly ratification?: Pick<Ratification, 'sides'> | undefined;
}

export type Status = 'pending' | 'void' | 'open' | 'kept' | 'broken' | 'disputed';

/** The row of the table that decides. */
export type Reason =
  | 'not ratified yet'
  | 'not ratified'
  | 'condition not met'
  | 'other obligation not broken'
  | 'verdict'
  | 'verdicts both ways'
  | 'start not proved'
  | 'not due'
  | 'time to object'
  | 'no objection'
  | 'objection'
  | 'no claim';

/** How it stands with one obligation. */
export interface ObligationStatus {
  readonly obligation: Obligation;
  readonly status: Status;
  readonly reason: Reason;
  /** The last second in which it is fulfilled in time; undefined where that is not known, or never comes. */
  readonly due: string | undefined;
  /** The last second in which an objection is in time. */
  readonly objectUntil: string | undefined;
  /** The times on which the status rests, and what each is the time of. */
  readonly times: readonly CountedTime[];
}

/** A time that made a difference. It is proved, unless only the signer of the statement says so. */
export interface CountedTime {
  readonly of: TimedStatement['kind'];
  readonly at: string;
  readonly how: Seen['how'];
}

/** The last second in which an obligation is fulfilled in time, if it is known, and the times from which it is reckoned. */
interface Limit {
  readonly due: number | undefined;
  readonly times: readonly CountedTime[];
}

interface View extends Trust {
  readonly agreement: ObligedAgreement;
  /** At `now`. */
  readonly ratified: RatificationState;
  readonly statements: readonly TimedStatement[];
  /** Seconds since 1970. */
  readonly now: number;
}

/**
 * How it stands with each obligation of an agreement, in the order of the terms, after what has been said about them, at `now` (milliseconds since 1970). The table is in
 * src/documents/obligations: the first row that applies decides. Never throws. What is said about an obligation that is not there, or by who is not its judge, counts for nothing.
 */
export function statusOf(
  agreement: ObligedAgreement,
  statements: readonly TimedStatement[],
  now: number = Date.now(),
  { claimedTimes }: Trust = {},
): ObligationStatus[] {
  const { obligations = [] } = agreement.terms;
  const second = Math.floor(now / 1000);
  const ratified = ratificationState(agreement, second);
  const view: View = { agreement, ratified, statements, now: second, claimedTimes };
  const dues = fixedDues(agreement.terms);
  const causes = remedied(obligations);
  const limitOf = (obligation: Obligation): Limit => ({ due: dues.get(obligation.id), times: [] });
  /** `depth` ends circles of remedies, which valid terms have not. */
  const find = (obligation: Obligation, depth = 0): readonly [ObligationStatus, Limit] => {
    const cause = causes.get(obligation.id);
    if (cause === undefined) {
      const limit = limitOf(obligation);
      return [statusOfOne(obligation, limit, view), limit];
    }
    const [before, reckoned] = depth < obligations.length ? find(cause, depth + 1) : [];
    const broken = before?.status === 'broken' && reckoned?.due !== undefined;
    const limit = broken ? remedyLimit(obligation, cause, reckoned.due!, view) : undefined;
    return [statusOfOne(obligation, limit, view), limit ?? { due: undefined, times: [] }];
  };
  return obligations.map((obligation) => find(obligation)[0]);
}

/** The rows of the table, in order. A remedy of what is not broken has no limit. */
function statusOfOne(obligation: Obligation, limit: Limit | undefined, view: View): ObligationStatus {
  const { now, agreement, ratified } = view;
  const { due, times = [] } = limit ?? {};
  const until = due === undefined ? undefined : lastObjection(obligation, due);
  const is = (status: Status, reason: Reason, more: readonly CountedTime[] = []): ObligationStatus => ({
    ...{ obligation, status, reason, times: [...times, ...more] },
    due: due === undefined ? undefined : timeOf(due),
    objectUntil: until === undefined ? undefined : timeOf(until),
  });
  if (ratified === 'pending' || ratified === 'unproved') return is('pending', 'not ratified yet');
  if (ratified === 'refused' || ratified === 'lapsed') return is('void', 'not ratified');
  if (!applies(obligation, agreement.outcome.deal)) return is('void', 'condition not met');
  if (limit === undefined) return is('void', 'other obligation not broken');

  const over = due !== undefined && now > due;
  const verdicts = verdictsOn(obligation, due, view);
  const kept = verdicts.kept.length >= needed(obligation);
  const broken = verdicts.broken.length >= needed(obligation);
  if (kept && broken) return is('disputed', 'verdicts both ways');
  if (kept) return is('kept', 'verdict');
  if (broken) return is('broken', 'verdict');

  if (due === undefined || until === undefined) return is('open', 'start not proved');
  if (!over) return is('open', 'not due');
  const claim = claimInTime(obligation, due, view);
  if (claim === undefined) return is('broken', 'no claim');
  if (now <= until) return is('open', 'time to object', [claim]);
  const objection = objectionInTime(obligation, until, view);
  return objection === undefined
    ? is('kept', 'no objection', [claim])
    : is('disputed', 'objection', [claim, objection]);
}

/** Whether the deal is in force at a second. */
function ratificationState(
  { terms: { ratify }, outcome, ratification }: ObligedAgreement,
  second: number,
): RatificationState {
  if (ratify === undefined || !outcome.deal) return 'in force';
  const sides = Object.entries(ratify).map(
    ([role, side]) => [role, ratification?.sides[role] ?? answered(side)] as const,
  );
  return ratificationAt(Object.fromEntries(sides), second).state;
}

function applies({ if: when }: Obligation, deal: boolean): boolean {
  return when === 'always' || (when === 'deal') === deal;
}

/** The claim that was there when it was due. */
function claimInTime(obligation: Obligation, due: number, view: View): CountedTime | undefined {
  const claims = view.statements.filter((one) => one.kind === 'claim' && one.obligation === obligation.id);
  const first = firstOf(claims, obligation.to, view, due);
  return first && shown(first);
}

/** The objection that was there in time. Where `to` judges, its verdict that the obligation was broken is one. */
function objectionInTime(obligation: Obligation, until: number, view: View): CountedTime | undefined {
  const objections = view.statements.filter((one) => {
    if (one.obligation !== obligation.id || one.kind === 'claim') return false;
    if (one.kind === 'objection') return true;
    return !hasJudges(obligation) && one.judge === 'to' && one.verdict === 'broken';
  });
  const first = firstOf(objections, obligation.by, view, until);
  return first && shown(first);
}

/**
 * When a remedy is due. The other obligation counts as broken from the verdict on, once the verdicts of enough judges are proved to be there (against whoever owes the remedy), but not before
 * it was due (a receipt may say so); or, if nothing was claimed, from the end of the time to object. The earlier one counts if it is both.
 */
function remedyLimit(remedy: Obligation, cause: Obligation, causeDue: number, view: View): Limit {
  const verdict = verdictTime(cause, causeDue, remedy.by, view);
  const silent = claimInTime(cause, causeDue, view) === undefined;
  const starts = [
    ...(verdict === undefined ? [] : [{ at: Math.max(verdict.at, causeDue), times: [shown(verdict)] }]),
    ...(silent ? [{ at: lastObjection(cause, causeDue), times: [] }] : []),
  ];
  const [start] = starts.toSorted((one, other) => one.at - other.at);
  if (start === undefined || typeof remedy.due === 'string') return { due: undefined, times: [] };
  return { due: start.at + remedy.due.days * DAY, times: start.times };
}

/** The time at which as many verdicts as are needed that it was broken are proved to be there. */
function verdictTime(obligation: Obligation, due: number, against: string, view: View): Counted | undefined {
  const times = verdictsOn(obligation, due, view)
    .broken.map((given) => firstOf(given, against, view))
    .filter((time) => time !== undefined)
    .toSorted((one, other) => one.at - other.at || inOrder(one, other));
  const last = times[needed(obligation) - 1];
  const claimed = times.slice(0, needed(obligation)).find(({ how }) => how === 'claimed');
  return last && { ...last, how: claimed?.how ?? last.how };
}

/** A time of a statement, in seconds since 1970. */
interface Counted {
  readonly of: TimedStatement['kind'];
  readonly at: number;
  readonly how: Seen['how'];
}

function shown({ of, at, how }: Counted): CountedTime {
  return { of, at: timeOf(at), how };
}

/** The time of some statements that counts against a side: of those up to `limit` a proved one, if there is one, then the earliest. */
function firstOf(
  statements: readonly TimedStatement[],
  against: string,
  { claimedTimes = false }: Trust,
  limit = LAST_SECOND,
): Counted | undefined {
  const counts = (seen: Seen) =>
    seen.at >= 0 &&
    seen.at <= Math.min(limit, LAST_SECOND) &&
    (seen.how === 'publication' || (seen.how === 'receipt' ? seen.by === against : claimedTimes));
  const times = statements.flatMap(({ kind: of, seen }) =>
    seen.filter(counts).map(({ at, how }) => ({ of, at, how })),
  );
  const isClaimed = ({ how }: Counted) => Number(how === 'claimed');
  return times.toSorted(
    (one, other) => isClaimed(one) - isClaimed(other) || one.at - other.at || inOrder(one, other),
  )[0];
}

const HOWS: readonly Seen['how'][] = ['publication', 'receipt', 'claimed'];
const KINDS: readonly TimedStatement['kind'][] = ['claim', 'objection', 'verdict'];

/** An order for times of one second, so that the order of what is given does not show. */
function inOrder(one: Counted, other: Counted): number {
  return HOWS.indexOf(one.how) - HOWS.indexOf(other.how) || KINDS.indexOf(one.of) - KINDS.indexOf(other.of);
}
