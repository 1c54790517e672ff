import type { PublishTerms } from '../publish-terms.ts';
import type { PublicJwk } from '../terms.ts';
import { LAST_SECOND, secondsOf } from '../time.ts';
import { fixedDues, remedied } from './due.ts';
import { BROKEN, EXPIRES, hasJudges, type Obligation } from './terms.ts';

/** What obligations are checked against. */
export interface ObligingTerms {
  readonly obligations: readonly Obligation[];
  readonly publish?: PublishTerms | undefined;
  readonly arbiter?: { readonly window: number } | undefined;
  readonly ratify?: Readonly<Record<string, { readonly by: string }>> | undefined;
  readonly expires: string;
  readonly parties: Readonly<Record<string, PublicJwk>>;
}

/** Where a fault is, and what it is. */
type Fault = readonly [id: string, fault: string];

/**
 * What is wrong with the obligations of completed terms; undefined if nothing is. The schema has been checked. It applies to all terms, old or new, so it never gets stricter.
 */
export function obligationsFault(terms: ObligingTerms): string | undefined {
  const { obligations } = terms;
  const twice = obligations.find(({ id }, index) => obligations.findIndex((one) => one.id === id) < index);
  if (twice !== undefined) return `obligations: two of them are called ${twice.id}`;
  const [id, fault] =
    obligations.map((one) => partiesFault(one, terms)).find(isFault) ??
    obligations.map((one) => remedyFault(one, obligations)).find(isFault) ??
    obligations.map((one) => dueFault(one, terms)).find(isFault) ??
    [];
  return fault === undefined ? undefined : `obligations: ${id}: ${fault}`;
}

function isFault(fault: Fault | undefined): fault is Fault {
  return fault !== undefined;
}

/** Who owes it to whom, who judges, and where that can be seen. */
function partiesFault(obligation: Obligation, { parties, publish }: ObligingTerms): Fault | undefined {
  const { id, by, to, remedy } = obligation;
  const roles = Object.keys(parties);
  if (!roles.includes(by) || !roles.includes(to)) return [id, `by and to must be ${roles.join(' and ')}`];
  if (by === to) return [id, 'by and to are one side'];
  if (hasJudges(obligation)) {
    const keys = Object.values(parties).map(({ x }) => x);
    if (obligation.judge.members.some(({ x }) => keys.includes(x))) {
      return [id, 'a side of the terms is among the judges'];
    }
  }
  if (publish !== undefined) return undefined;
  if (!hasJudges(obligation)) {
    return [id, 'without judges the terms need publish, or whoever keeps its receipts back decides alone'];
  }
  if (remedy !== undefined) {
    return [id, 'with a remedy the terms need publish, or nobody can show since when the remedy is owed'];
  }
  return undefined;
}

function remedyFault({ id, if: when, remedy }: Obligation, all: readonly Obligation[]): Fault | undefined {
  if (remedy === undefined) return undefined;
  const other = all.find((one) => one.id === remedy);
  if (other === undefined) return [id, `its remedy ${remedy} is not there`];
  if (all.some((one) => one.remedy === remedy && one.id !== id)) {
    return [id, `its remedy ${remedy} is that of another obligation, too`];
  }
  if (when !== 'always' && other.if !== 'always' && when !== other.if) {
    return [id, `its remedy ${remedy} can never take effect: one is for a deal, the other for none`];
  }
  const of = remedied(all);
  const seen = new Set<string>();
  for (let at: string | undefined = id; at !== undefined; at = of.get(at)?.id) {
    if (seen.has(at)) return [id, 'remedies go in a circle'];
    seen.add(at);
  }
  return undefined;
}

function dueFault({ id, due, if: when }: Obligation, terms: ObligingTerms): Fault | undefined {
  const { obligations } = terms;
  const remedies = remedied(obligations);
  if (remedies.has(id)) {
    if (typeof due === 'object' && due.after === BROKEN) return undefined;
    return [
      id,
      'a remedy is due so many days after the other obligation is broken: { days, after: "broken" }',
    ];
  }
  if (typeof due === 'object') {
    if (due.after === BROKEN) return [id, 'it is due after something is broken, and is no remedy'];
    if (remedies.has(due.after)) return [id, `it is due after ${due.after}, which may never be due`];
    if (due.after !== EXPIRES && !obligations.some((one) => one.id === due.after)) {
      return [id, `it is due after ${due.after}, which is not there`];
    }
  }
  const at = fixedDues(terms).get(id);
  if (at === undefined) return [id, 'times go in a circle'];
  if (at > LAST_SECOND) return [id, 'it is due after the year 8999'];
  if (at < settled(terms, when)) return [id, 'it may be due before there is an agreement'];
  return undefined;
}

/** The second by which the outcome of terms binds, if it ever does: their deadline, after that the time of complaints, and for a deal the last moment of its ratification. */
function settled({ expires, arbiter, ratify = {} }: ObligingTerms, when: Obligation['if']): number {
  const ratified = when === 'no-deal' ? [] : Object.values(ratify).map(({ by }) => secondsOf(by));
  return Math.max(secondsOf(expires) + (arbiter?.window ?? 0), ...ratified);
}
