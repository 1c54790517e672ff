import { DAY, secondsOf } from '../time.ts';
import { EXPIRES, type Obligation } from './terms.ts';

/** What obligations are reckoned from, and the obligations. */
export interface ObligedTerms {
  readonly obligations?: readonly Obligation[] | undefined;
  readonly expires: string;
}

/** By id: the obligation that this one is the remedy of. */
export function remedied(obligations: readonly Obligation[]): ReadonlyMap<string, Obligation> {
  return new Map(
    obligations.flatMap((broken) => (broken.remedy === undefined ? [] : [[broken.remedy, broken]])),
  );
}

/** The last second, since 1970, in which an objection to a claim is in time. */
export function lastObjection({ objection }: Pick<Obligation, 'objection'>, due: number): number {
  return due + objection * DAY;
}

/**
 * By id: the last second, since 1970, in which an obligation is fulfilled in time. Undefined for a remedy, whose time begins when the other obligation is broken, and for what
 * no valid terms have: a time after something unknown, after a remedy, or after itself.
 */
export function fixedDues({
  obligations = [],
  expires,
}: ObligedTerms): ReadonlyMap<string, number | undefined> {
  const known = new Map<string, number | undefined>();
  const find = (id: string): number | undefined => {
    if (known.has(id)) return known.get(id);
    known.set(id, undefined); // while it is being reckoned: whoever comes back here goes in a circle
    const due = obligations.find((one) => one.id === id)?.due;
    if (typeof due === 'string') known.set(id, secondsOf(due));
    else if (due !== undefined) {
      const start = due.after === EXPIRES ? secondsOf(expires) : find(due.after);
      known.set(id, start === undefined ? undefined : start + due.days * DAY);
    }
    return known.get(id);
  };
  for (const { id } of obligations) find(id);
  return known;
}
