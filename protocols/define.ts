import type { RuleForTerms, RuleTerms, TermsSchema, UncheckedRuleTerms } from '../src/documents/rule.ts';
import { checkRulePart } from '../src/documents/terms.ts';
import { InputError } from '../src/errors.ts';
import type { BoundRule, Rule } from './rule.ts';

/** A rule, by the shape of its part of the terms and what follows from that. */
export interface RuleDefinition<Part extends RuleTerms> extends Pick<RuleForTerms, 'name' | 'roles'> {
  /** Strict, with every default written out in what it gives. */
  readonly schema: TermsSchema<Part>;
  /** The rule under what the schema has accepted. Cheap: terms are checked more often than computed with. */
  under(terms: Part): Omit<BoundRule, 'terms'>;
}

/** Makes a rule of its definition. */
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

/** The error for what is no mandate. Neither text may hold anything of the mandate. */
export function invalidMandate(message: string, hint: string): InputError {
  return new InputError('ERR_MANDATE_INVALID', message, { hint });
}

/** The names of an object's members, sorted and joined by commas; empty for what is no object. */
export function memberNames(value: unknown): string {
  return typeof value === 'object' && value !== null ? Object.keys(value).sort().join() : '';
}

/** An object's members, unknown as they are; none for what is no object. */
export function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
