import * as z from 'zod';
import { countMembers } from './collections.ts';
import { sameKey } from './identity.ts';
import { roleMember, timeMember } from './members.ts';
import { areMembers, MAX_MEMBERS, type Members, membersShape } from './principal.ts';
import type { Terms } from './terms.ts';
import { DAY, LAST_SECOND, secondsOf } from './time.ts';

/** Who has to agree to a deal on one side before it is in force. */
export interface RatifyingSide extends Members {
  /** The last second in which they can: UTC. */
  readonly by: string;
}

/** The sides whose deals have to be ratified, by role: one, or both. */
export type RatifyTerms = Readonly<Record<string, RatifyingSide>>;

const side = z
  .strictObject({ ...membersShape, by: timeMember })
  .refine(({ by }) => secondsOf(by) <= LAST_SECOND, 'by is too far off')
  .refine(areMembers, `not up to ${MAX_MEMBERS} different keys, and how many of them have to agree`);

/** The member `ratify` of terms. */
export const ratifySchema: z.ZodType<RatifyTerms> = z
  .custom<unknown>((value) => [1, 2].includes(countMembers(value) ?? 0), 'not one or two sides')
  .pipe(z.record(roleMember, side));

/**
 * What is wrong with `ratify` beside the other members of terms; undefined if nothing is. Without a place of publication the other side could prevent every ratification, by giving
 * no receipts. Before a day has passed since the last moment at which an outcome can be bound, members may not even have seen it.
 */
export function ratifyFault(terms: Terms): string | undefined {
  const { ratify, parties, mandates = {}, expires, arbiter, publish } = terms;
  if (ratify === undefined) return undefined;
  if (publish === undefined)
    return 'ratify needs publish: the log in which members can publish what they say';
  const bound = secondsOf(expires) + (arbiter?.window ?? 0);
  const sides = Object.entries(ratify);
  for (const [role, { by, members }] of sides) {
    if (!Object.hasOwn(parties, role)) return `ratify names ${role}, which is no role of the rule`;
    if (secondsOf(by) < bound + DAY) {
      return `ratify.${role}.by leaves its members less than a day after the last moment at which the outcome can be bound`;
    }
    if (mandates[role] !== undefined && members.some((member) => sameKey(member, parties[role]!))) {
      return `ratify.${role} has the delegate’s key among its members: whom it acts for ratifies`;
    }
    const others = Object.entries(parties).filter(([other]) => other !== role);
    if (members.some((member) => others.some(([, key]) => sameKey(member, key)))) {
      return `ratify.${role} has the key of the other side among its members`;
    }
  }
  const [one, other] = sides.map(([, { members }]) => members);
  if (one?.some((member) => other?.some((another) => sameKey(member, another)))) {
    return 'ratify has one member on both sides';
  }
  return undefined;
}
