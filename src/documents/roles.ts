import * as z from 'zod';
import { looksOf } from './confusable.ts';
import type { RuleForTerms } from './rule.ts';
import type { Terms } from './terms.ts';

/** What terms call the two parties of the computation, in place of the rule's names for their roles: one word each. */
export interface RoleNames {
  readonly a: string;
  readonly b: string;
}

type Roles = RuleForTerms['roles'];

/** Letters, digits and hyphens: a name stands in the middle of sentences, without quotation marks. */
const NAME = /^\p{L}[\p{L}\p{M}\p{N}-]{0,29}$/u;
const name = z.string().regex(NAME, 'not one word of at most 30 letters, digits and hyphens');

export const roleNames: z.ZodType<RoleNames> = z.strictObject({ a: name, b: name });

/** What is wrong with the names of a rule's roles in any terms; undefined if nothing is. No name may be the rule's for the other side. */
export function roleFault(roles: Roles, { a, b }: RoleNames): string | undefined {
  if (same(a, b)) return 'both roles have one name';
  return same(a, roles[1]) || same(b, roles[0]) ? 'a role has the name of the other one' : undefined;
}

/** The same for new terms: nor may a name look like the other's. */
export function roleLooksWrong(roles: Roles, { a, b }: RoleNames): boolean {
  const [first, second, one, other] = [a, b, ...roles].map(looksOf);
  return first === second || first === other || second === one;
}

/** What the roles of a rule are called under terms, in party order. */
export function rolesIn(
  { roles }: Pick<RuleForTerms, 'roles'>,
  terms: { readonly roles?: RoleNames | undefined },
): Roles {
  return terms.roles === undefined ? roles : [terms.roles.a, terms.roles.b];
}

/** What completed terms call a role of their rule's. */
export function calledIn(terms: Pick<Terms, 'parties' | 'roles'>, role: string): string {
  if (terms.roles === undefined) return role;
  return role === Object.keys(terms.parties)[0] ? terms.roles.a : terms.roles.b;
}

/**
 * The same for whoever is to act on it: with the rule's own name for the role, where that is a word. Terms may call a seller anything, a purchaser
 * too, and which way a figure counts goes by the rule's name.
 */
export function placeIn(terms: Pick<Terms, 'parties' | 'roles'>, role: string): string {
  const called = calledIn(terms, role);
  return role.length === 1 || same(called, role) ? called : `${called} (by the rule the ${role})`;
}

/** The rule's role of a name that the rule or the terms have for it, in capitals or not; undefined if neither has. */
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
