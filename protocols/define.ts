import type { RuleForTerms, RuleTerms, TermsSchema, UncheckedRuleTerms } from '../src/documents/rule.ts';
import { checkRulePart } from '../src/documents/terms.ts';
import { InputError } from '../src/errors.ts';
import type { BoundRule, Rule } from './rule.ts';

/** The definition of a rule: the schema of its part of the terms, and the rule under given terms. */
export interface RuleDefinition<Part extends RuleTerms> extends Pick<RuleForTerms, 'name' | 'roles'> {
  /** A strict schema. Its output has every default written out. */
  readonly schema: TermsSchema<Part>;
  /** The rule under terms that the schema has accepted. Must be cheap: terms are checked more often than computed with. */
  under(terms: Part): Omit<BoundRule, 'terms'>;
}

/** Makes a rule from its definition. */
export function defineRule<Part extends RuleTerms>(definition: RuleDefinition<Part>): Rule {
  const { name, roles, schema } = definition;
  return {
    name,
    roles,
    under(given: UncheckedRuleTerms): BoundRule {
      const terms = checkRulePart(schema, given);
      return Object.assign(definition.under(terms), { terms });
    },
  };
}

/** The error for an invalid mandate. Neither text may contain anything of the mandate. */
export function invalidMandate(message: string, hint: string): InputError {
  return new InputError('ERR_MANDATE_INVALID', message, { hint });
}

/** The names of an object's members, sorted and joined by commas; empty for any other value. */
export function memberNames(value: unknown): string {
  return typeof value === 'object' && value !== null ? Object.keys(value).sort().join() : '';
}

/** An object's members, with unknown types; none for any other value. */
export function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
