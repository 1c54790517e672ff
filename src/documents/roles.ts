import * as z from 'zod';
import { looksOf } from './confusable.ts';
import type { RuleForTerms } from './rule.ts';
import type { Terms } from './terms.ts';

/** The terms' own names for the two parties of the computation, in place of the rule's names for their roles: one word each. */
export interface RoleNames {
  readonly a: string;
  readonly b: string;
}

type Roles = RuleForTerms['roles'];

/** Letters, digits and hyphens: a name stands in the middle of sentences, without quotation marks. */
const NAME = /^\p{L}[\p{L}\p{M}\p{N}-]{0,29}$/u;
const name = z.string().regex(NAME, 'not one word of at most 30 letters, digits and hyphens');

export const roleNames: z.ZodType<RoleNames> = z.strictObject({ a: name, b: name });

/** What is wrong with the terms' names for the roles; undefined if nothing is. Neither side may have the rule's name for the other. Applies to all terms, old or new. */
export function roleFault(roles: Roles, { a, b }: RoleNames): string | undefined {
  if (same(a, b)) return 'both roles have one name';
  return same(a, roles[1]) || same(b, roles[0]) ? 'a role has the name of the other one' : undefined;
}

/** Whether the names look too much alike. Applies to new terms, besides `roleFault`. */
export function roleLooksWrong(roles: Roles, { a, b }: RoleNames): boolean {
  const [first, second, one, other] = [a, b, ...roles].map(looksOf);
  return first === second || first === other || second === one;
}

/** The names of a rule's roles under terms, in party order. */
export function rolesIn(
  { roles }: Pick<RuleForTerms, 'roles'>,
  terms: { readonly roles?: RoleNames | undefined },
): Roles {
  return terms.roles === undefined ? roles : [terms.roles.a, terms.roles.b];
}

/** The name of a role of the rule under completed terms. */
export function calledIn(terms: Pick<Terms, 'parties' | 'roles'>, role: string): string {
  if (terms.roles === undefined) return role;
  return role === Object.keys(terms.parties)[0] ? terms.roles.a : terms.roles.b;
}

/**
 * The same for somebody who has to act on it: with the rule's own name for the role added, where that is a word. Terms may call a seller anything, even
 * "purchaser", and the rule's name decides which way a figure counts.
 */
export function placeIn(terms: Pick<Terms, 'parties' | 'roles'>, role: string): string {
  const called = calledIn(terms, role);
  return role.length === 1 || same(called, role) ? called : `${called} (by the rule the ${role})`;
}

/** The rule's role with this name, in the rule or in the terms, in capitals or not; undefined if there is none. */
export function roleNamed(
  rule: Pick<RuleForTerms, 'roles'>,
  terms: { readonly roles?: RoleNames | undefined },
  given: string,
): string | undefined {
  const called = rolesIn(rule, terms);
  return rule.roles.find((role, i) => same(role, given) || same(called[i]!, given));
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
