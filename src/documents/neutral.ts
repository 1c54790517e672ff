import { sameKey } from './identity.ts';
import { hasJudges } from './obligations/terms.ts';
import type { OptionalMembers } from './optional-members.ts';
import { asMembers, type Principal } from './principal.ts';
import { publisherKeys } from './publish-terms.ts';
import type { PublicJwk } from './terms.ts';

/** Terms as far as keys of the sides must not stand in them for somebody else's. */
type Named = Pick<OptionalMembers, 'obligations' | 'ratify' | 'publish'> & {
  readonly parties: Readonly<Record<string, PublicJwk>>;
};

/**
 * What is wrong with terms because a key of a side stands where only others may: among the judges, as the log or a witness, or among those who ratify for the other side; undefined if nothing is. A side's
 * keys are that of its party, those of the members who ratify for it, and those of `principals`, by role, for whom delegates act. Who else is close to whom, no key shows.
 */
export function neutralityFault(
  { parties, obligations = [], ratify = {}, publish }: Named,
  principals: ReadonlyMap<string, Principal> = new Map(),
): string | undefined {
  const keysOf = (role: string): readonly PublicJwk[] => {
    const principal = principals.get(role);
    const behind = principal === undefined ? [] : asMembers(principal).members;
    return [parties[role]!, ...(ratify[role]?.members ?? []), ...behind];
  };
  const roles = Object.keys(parties);
  const sides = roles.flatMap(keysOf);
  const judged = obligations.find((one) => hasJudges(one) && share(one.judge.members, sides));
  if (judged !== undefined) return `obligations: ${judged.id}: a side of the terms is among the judges`;
  if (publish !== undefined && share(publisherKeys(publish), sides)) {
    return 'publish: the log or a witness has the key of a side';
  }
  for (const [role, { members }] of Object.entries(ratify)) {
    if (roles.some((other) => other !== role && share(members, keysOf(other)))) {
      return `ratify.${role} has a key of the other side among its members`;
    }
  }
  return undefined;
}

function share(some: readonly PublicJwk[], others: readonly PublicJwk[]): boolean {
  return some.some((one) => others.some((other) => sameKey(one, other)));
}
