import { hasJudges, type Obligation } from '../../documents/obligations/terms.ts';
import type { TimedStatement, TimedVerdict } from './statement.ts';

/** What one judge has said that counts. */
interface Judged {
  readonly kept: readonly TimedVerdict[];
  readonly broken: readonly TimedVerdict[];
}

/** The verdicts that count, of each judge who has given one. */
export interface Verdicts {
  readonly kept: readonly (readonly TimedVerdict[])[];
  readonly broken: readonly (readonly TimedVerdict[])[];
}

/** How many judges are needed. */
export function needed(obligation: Obligation): number {
  return hasJudges(obligation) ? obligation.judge.threshold : 1;
}

/**
 * The verdicts on an obligation that count, at `now`, in seconds. `broken` counts once it is over, and only from judges; a verdict that was public by `due` was given while it could still be kept. If
 * both verdicts are assembled, a judge who has signed both counts for the one that was provably public first, if that leaves one of the two: otherwise one judge could undo what enough of them
 * have said. Receipts do not show what came first: a side that gains by an early date would sign them.
 */
export function verdictsOn(
  obligation: Obligation,
  due: number | undefined,
  { statements, now }: { readonly statements: readonly TimedStatement[]; readonly now: number },
): Verdicts {
  const over = due !== undefined && now > due && hasJudges(obligation);
  const given = statements.filter(
    (one): one is TimedVerdict =>
      one.kind === 'verdict' && one.obligation === obligation.id && !(publicSince([one]) > now),
  );
  const judges = hasJudges(obligation) ? obligation.judge.members.map(({ x }) => x) : ['to'];
  const all = judges.map((judge): Judged => {
    const own = given.filter((one) => one.judge === judge);
    return {
      kept: own.filter(({ verdict }) => verdict === 'kept'),
      broken: own.filter((one) => over && one.verdict === 'broken' && !(publicSince([one]) <= due)),
    };
  });
  const enough = (judged: readonly Judged[], verdict: keyof Judged) =>
    judged.filter((one) => one[verdict].length > 0).length >= needed(obligation);
  if (enough(all, 'kept') && enough(all, 'broken')) {
    const first = all.map(saidFirst);
    if (enough(first, 'kept') !== enough(first, 'broken')) return byVerdict(first);
  }
  return byVerdict(all);
}

function byVerdict(judged: readonly Judged[]): Verdicts {
  const those = (verdict: keyof Judged) =>
    judged.map((one) => one[verdict]).filter(({ length }) => length > 0);
  return { kept: those('kept'), broken: those('broken') };
}

/** Of a judge's verdicts those that were provably public before the others; all of them, if that is not proved. */
function saidFirst(judged: Judged): Judged {
  const [kept, broken] = [judged.kept, judged.broken].map((verdicts) => {
    const since = publicSince(verdicts);
    return Number.isNaN(since) ? Number.POSITIVE_INFINITY : since;
  }) as [number, number];
  if (judged.kept.length === 0 || judged.broken.length === 0 || kept === broken) return judged;
  return kept < broken ? { ...judged, broken: [] } : { ...judged, kept: [] };
}

/** The first second at which one of these was provably public; not a number if none was. */
function publicSince(verdicts: readonly TimedVerdict[]): number {
  const times = verdicts.flatMap(({ seen }) =>
    seen.filter(({ how }) => how === 'publication').map(({ at }) => at),
  );
  return times.length === 0 ? Number.NaN : Math.min(...times);
}
