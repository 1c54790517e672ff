import type { Rule } from '../../protocols/rule.ts';
import { sameKey } from '../documents/identity.ts';
import type { Place } from '../documents/place.ts';
import { roleNamed, rolesIn } from '../documents/roles.ts';
import type { PublicJwk, RoleNames, TermsDraft } from '../documents/terms.ts';
import { InputError } from '../errors.ts';

/** What decides which side this is. */
export interface SideFacts {
  /** The keys that the terms name, by role. */
  readonly parties: TermsDraft['parties'];
  /** This side's key. */
  readonly own: PublicJwk;
  /** The role that this side asks for. */
  readonly role: string | undefined;
  /** What the terms call the roles. */
  readonly names?: RoleNames | undefined;
}

/**
 * Which side this is: by the keys in the terms or, where they do not decide, by the role asked for; undefined if neither decides. A key that is not this
 * side's counts as the other side's. Throws InputError `ERR_USAGE` if key, role and terms do not fit together, and `ERR_TERMS_INVALID` for a party that the rule does not have.
 */
export function findSide(
  { name, roles }: Pick<Rule, 'name' | 'roles'>,
  { parties = {}, own, role: given, names }: SideFacts,
): Place | undefined {
  const stray = Object.keys(parties).find((named) => !roles.includes(named));
  if (stray !== undefined) {
    throw new InputError('ERR_TERMS_INVALID', `the terms name a party that rule ${name} does not have`, {
      hint: `its roles are ${roles.join(' and ')}`,
    });
  }
  const called = rolesIn({ roles }, { roles: names });
  const role = given === undefined ? undefined : roleNamed({ roles }, { roles: names }, given);
  if (given !== undefined && role === undefined) {
    throw new InputError('ERR_USAGE', 'the rule has no such role', { hint: `choose ${called.join(' or ')}` });
  }
  const named = roles.filter((one) => parties[one] !== undefined);
  const mine = named.find((one) => sameKey(parties[one]!, own));
  if (mine === undefined && named.length === roles.length) {
    throw new InputError('ERR_USAGE', "this side's key is not in the terms", {
      hint: 'use the identity whose public key the terms name',
    });
  }
  const byKey = mine ?? (named.length === 0 ? undefined : roles.find((one) => one !== named[0]));
  if (byKey !== undefined && role !== undefined && role !== byKey) {
    throw new InputError(
      'ERR_USAGE',
      `by the keys in the terms this side is the ${called[roles.indexOf(byKey)]}`,
      {
        hint: 'leave the role out, or use the other identity',
      },
    );
  }
  const found = byKey ?? role;
  return found === undefined ? undefined : sideOf(roles, found);
}

/** Like `findSide`, but throws InputError `ERR_USAGE` if nothing decides. */
export function requireSide(rule: Pick<Rule, 'name' | 'roles'>, facts: SideFacts): Place {
  const side = findSide(rule, facts);
  if (side !== undefined) return side;
  throw new InputError('ERR_USAGE', 'the terms do not say which side is which', {
    hint: `name a role: ${rolesIn(rule, { roles: facts.names }).join(' or ')}`,
  });
}

/** The side that has a role. */
export function sideOf(roles: Rule['roles'], role: string): Place {
  const party = role === roles[0] ? 'a' : 'b';
  return { party, role, peerRole: roles[party === 'a' ? 1 : 0] };
}
