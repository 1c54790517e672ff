import type { Bits } from '../circuit/bits.ts';
import type { Json } from './json.ts';
import type { Terms } from './terms.ts';

/** The part of terms that belongs to the rule. A rule's own members are inside `rule`, at any depth; `range` and `menu` are shared by several rules. */
export type RuleTerms = Pick<Terms, 'rule' | 'range' | 'menu'>;

/** The rule's part as somebody wrote it, unchecked. Other members of the object are ignored. */
export interface UncheckedRuleTerms {
  readonly rule: unknown;
  readonly range?: unknown;
  readonly menu?: unknown;
}

/** An outcome as JSON: whether there is a deal, and the rule's own members. Numbers that may be large are decimal strings. */
export interface OutcomeJson {
  readonly deal: boolean;
  readonly [member: string]: Json;
}

/** Checks the rule's part of terms and writes its defaults out. A zod schema fits. */
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
  /** The members that the schema does not know, if they are the fault. */
  readonly keys?: readonly string[];
}

/**
 * What documents need of a rule: its name, its roles in party order, and the reading of its part of terms. A member that a rule gains later must
 * have no default and may be absent, or earlier agreements would no longer verify.
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
  /** Bits that the rule reveals of its outcome, 1 to 1,024. Present, with `readOutcome`, in a rule whose outcomes an arbiter can help to open. */
  readonly outcomeWidth?: number | undefined;
  /** The outcome that so many opened bits say, whichever they are; what no computation gives is nothing that `permits` accepts. */
  readOutcome?(bits: Bits): OutcomeJson;
  /** Present if entries can be sealed, as numbers of `width` bits. With `committed` an entry has more, in one further input per width. */
  readonly seal?: SealShape | undefined;
}

interface SealShape {
  readonly width: number;
  readonly committed?: { readonly widths: readonly number[] } | undefined;
}

/** The first rule of that name; undefined if there is none. */
export function ruleNamed<Named extends { readonly name: string }>(
  rules: readonly Named[],
  name: string,
): Named | undefined {
  return rules.find((rule) => rule.name === name);
}
