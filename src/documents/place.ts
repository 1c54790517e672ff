import type { Party } from '../engine/engine.ts';
import { sameKey } from './identity.ts';
import type { RuleForTerms } from './rule.ts';
import type { PublicJwk } from './terms.ts';

/** One side of a negotiation: its role, the other's, and which party of the computation it is. */
export interface Place {
  readonly role: string;
  readonly peerRole: string;
  readonly party: Party;
}

/** The place of a role; undefined if the rule does not have it. */
export function placeOfRole({ roles }: Pick<RuleForTerms, 'roles'>, role: unknown): Place | undefined {
  const [first, second] = roles;
  if (role === first) return { role: first, peerRole: second, party: 'a' };
  if (role === second) return { role: second, peerRole: first, party: 'b' };
  return undefined;
}

/** The place of a key, by the parties that terms name; undefined if the key is not one of theirs. The terms may name only one party. */
export function placeOfKey(
  rule: Pick<RuleForTerms, 'roles'>,
  parties: Readonly<Record<string, PublicJwk>> | undefined,
  key: PublicJwk,
): Place | undefined {
  const role = rule.roles.find((name) => {
    const named = parties?.[name];
    return named !== undefined && sameKey(named, key);
  });
  return placeOfRole(rule, role);
}
