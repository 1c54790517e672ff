import type { Json } from './json.ts';
import type { Terms } from './terms.ts';

/** The part of terms that belongs to the rule. A rule has members of its own inside `rule`, however deep; `range` and `menu` it shares with others. */
export type RuleTerms = Pick<Terms, 'rule' | 'range' | 'menu'>;

/** The same as somebody has written it, unchecked; whatever else the object has is left alone. */
export interface UncheckedRuleTerms {
  readonly rule: unknown;
  readonly range?: unknown;
  readonly menu?: unknown;
}

/** What a rule reveals, as JSON: whether there is a deal, and members of the rule's own. Numbers that may be large are decimal strings. */
export interface OutcomeJson {
  readonly deal: boolean;
  readonly [member: string]: Json;
}

/** What checks the rule's part of terms and writes its defaults out; a schema of zod is one. */
export interface TermsSchema<Part> {
  safeParse(
    part: unknown,
  ):
    | { readonly success: true; readonly data: Part }
    | { readonly success: false; readonly error: { readonly issues: readonly SchemaIssue[] } };
}

interface SchemaIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** The members that the schema does not know, where that is what is wrong. */
  readonly keys?: readonly string[];
}

/**
 * What documents need of a rule: its name, its roles in party order, and what it makes of its part of terms. A member that a rule gains later
 * has no default and may be absent, or agreements made before it would no longer verify.
 */
export interface RuleForTerms {
  readonly name: string;
  readonly roles: readonly [string, string];
  /** Throws InputError `ERR_TERMS_INVALID`. */
  under(terms: UncheckedRuleTerms): RuleUnderTerms;
}

/** What documents need of a rule under given terms. */
export interface RuleUnderTerms {
  /** The rule's part, every default written out. */
  readonly terms: RuleTerms;
  /** Whether the rule can give this outcome (exact form, in range, on the grid). */
  permits(outcome: OutcomeJson): boolean;
  /** Where entries can be sealed: as numbers of `width` bits; with `committed` there is more, entered in as many inputs as it has widths. */
  readonly seal?: SealShape | undefined;
}

interface SealShape {
  readonly width: number;
  readonly committed?: { readonly widths: readonly number[] } | undefined;
}

/** The rule of that name; undefined if there is none. The first of several counts. */
export function ruleNamed<Named extends { readonly name: string }>(
  rules: readonly Named[],
  name: string,
): Named | undefined {
  return rules.find((rule) => rule.name === name);
}
