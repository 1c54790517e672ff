import type { Obligation } from '../../../src/documents/obligations/terms.ts';
import type { Seen, TimedStatement } from '../../../src/verify/obligations/statement.ts';
import type { Status } from '../../../src/verify/obligations/status.ts';

const DAY = 24 * 60 * 60;

export interface Case {
  readonly obligations: readonly Obligation[];
  readonly expires: string;
  readonly deal: boolean;
  /** Until when the only member has to say yes that ratifies the deal, and when its yes was public. */
  readonly ratify: { readonly by: number; readonly yes: number | undefined } | undefined;
  readonly statements: readonly TimedStatement[];
  /** Seconds. */
  readonly now: number;
  readonly trust: boolean;
}

/**
 * The status of one obligation, from the table in words and not from the code: slow, and without anything clever. Sets of judges are tried one by one.
 */
export function naiveStatus(id: string, at: Case): Status {
  const { obligations, deal, ratify, now } = at;
  const it = obligations.find((one) => one.id === id)!;
  if (ratify !== undefined && deal) {
    const bound = ratify.yes !== undefined && ratify.yes <= ratify.by && ratify.yes <= now;
    if (!bound && now <= ratify.by) return 'pending';
    if (!bound) return 'void';
  }
  if (it.if === 'deal' && !deal) return 'void';
  if (it.if === 'no-deal' && deal) return 'void';
  const broken = obligations.find((one) => one.remedy === id);
  if (broken !== undefined && naiveStatus(broken.id, at) !== 'broken') return 'void';
  const due = naiveDue(id, at);
  const kept = heard(it, 'kept', due, at, false);
  const late = heard(it, 'broken', due, at, false);
  if (kept && late) {
    const [first, also] = [heard(it, 'kept', due, at, true), heard(it, 'broken', due, at, true)];
    if (first && !also) return 'kept';
    if (also && !first) return 'broken';
    return 'disputed';
  }
  if (kept) return 'kept';
  if (late) return 'broken';
  if (due === undefined || now <= due) return 'open';
  if (!claimed(it, due, at)) return 'broken';
  const end = due + it.objection * DAY;
  if (now <= end) return 'open';
  return objected(it, end, at) ? 'disputed' : 'kept';
}

export function naiveDue(id: string, at: Case): number | undefined {
  const { obligations, expires } = at;
  const it = obligations.find((one) => one.id === id)!;
  if (typeof it.due === 'string') return Date.parse(it.due) / 1000;
  const { days, after } = it.due;
  if (after === 'expires') return Date.parse(expires) / 1000 + days * DAY;
  if (after !== 'broken') return naiveDue(after, at)! + days * DAY;
  const cause = obligations.find((one) => one.remedy === id)!;
  if (naiveStatus(cause.id, at) !== 'broken') return undefined;
  const causeDue = naiveDue(cause.id, at);
  if (causeDue === undefined) return undefined;
  let start: number | undefined;
  const candidate = (second: number) => {
    if (start === undefined || second < start) start = second;
  };
  if (!claimed(cause, causeDue, at)) candidate(causeDue + cause.objection * DAY);
  const torn = heard(cause, 'kept', causeDue, at, false) && heard(cause, 'broken', causeDue, at, false);
  for (const panel of cause.judge === 'to' ? [] : panels(cause)) {
    if (!panel.every((judge) => gave(cause, judge, 'broken', causeDue, at, torn))) continue;
    // Each member's verdict at the earliest time that counts against whoever owes the remedy; the panel has spoken with its last member.
    const times = panel.map((judge) => {
      const seconds = said(cause, judge, 'broken', causeDue, at).flatMap((one) =>
        counting(one.seen, it.by, at),
      );
      return preferred(seconds);
    });
    if (times.every((second) => second !== undefined)) candidate(Math.max(causeDue, ...(times as number[])));
  }
  return start === undefined ? undefined : start + days * DAY;
}

/** All sets of as many judges as are needed. */
function panels({ judge }: Obligation): string[][] {
  if (judge === 'to') return [['to']];
  const sets: string[][] = [];
  for (let bits = 0; bits < 2 ** judge.members.length; bits++) {
    const set = judge.members.filter((_, i) => (bits >> i) % 2 === 1).map(({ x }) => x);
    if (set.length === judge.threshold) sets.push(set);
  }
  return sets;
}

/** Whether some panel has given this verdict. `strictly`: a judge who has given both counts for the first one only, where a log shows which it was. */
function heard(it: Obligation, verdict: Given, due: number | undefined, at: Case, strictly: boolean) {
  return panels(it).some((panel) => panel.every((judge) => gave(it, judge, verdict, due, at, strictly)));
}

type Given = 'kept' | 'broken';

function gave(
  it: Obligation,
  judge: string,
  verdict: Given,
  due: number | undefined,
  at: Case,
  strictly: boolean,
): boolean {
  const own = said(it, judge, verdict, due, at);
  const opposite = said(it, judge, verdict === 'kept' ? 'broken' : 'kept', due, at);
  if (own.length === 0) return false;
  if (!strictly || opposite.length === 0) return true;
  const [mine, other] = [own, opposite].map((all) => Math.min(...all.flatMap(logged), 1e15));
  return mine! <= other!;
}

function logged({ seen }: TimedStatement): number[] {
  return seen.filter(({ how }) => how === 'publication').map(({ at }) => at);
}

/** What a judge has said, without what was logged after now; and without `broken` before it can be broken: now, or when it was logged. */
function said(
  { id, judge: who }: Obligation,
  judge: string,
  verdict: Given,
  due: number | undefined,
  at: Case,
) {
  if (verdict === 'broken' && (who === 'to' || due === undefined || at.now <= due)) return [];
  return at.statements.filter((one) => {
    if (one.kind !== 'verdict' || one.obligation !== id || one.judge !== judge) return false;
    const times = logged(one);
    if (one.verdict !== verdict) return false;
    if (times.length > 0 && times.every((second) => second > at.now)) return false;
    return verdict === 'kept' || times.every((second) => second > due!);
  });
}

function claimed({ id, to }: Obligation, due: number, at: Case): boolean {
  return at.statements.some(
    (one) =>
      one.kind === 'claim' &&
      one.obligation === id &&
      counting(one.seen, to, at).some(({ at: second }) => second <= due),
  );
}

function objected({ id, by, judge }: Obligation, end: number, at: Case): boolean {
  return at.statements.some(
    (one) =>
      one.obligation === id &&
      (one.kind === 'objection' ||
        (judge === 'to' && one.kind === 'verdict' && one.judge === 'to' && one.verdict === 'broken')) &&
      counting(one.seen, by, at).some(({ at: second }) => second <= end),
  );
}

function counting(seen: readonly Seen[], against: string, { trust }: Case): Seen[] {
  return seen.filter((one) => {
    if (one.how === 'publication') return true;
    if (one.how === 'receipt') return one.by === against;
    return trust;
  });
}

/** A proved time rather than a claimed one, then the earliest. */
function preferred(seen: readonly Seen[]): number | undefined {
  const proved = seen.filter(({ how }) => how !== 'claimed');
  const seconds = (proved.length > 0 ? proved : seen).map(({ at }) => at);
  return seconds.length === 0 ? undefined : Math.min(...seconds);
}
