export { rules } from '../protocols/registry.ts';
export type { Mandate, Rule, RuleTerms } from '../protocols/rule.ts';
