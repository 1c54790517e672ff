export * as z from 'zod';
export {
  defineRule,
  invalidMandate,
  memberNames,
  membersOf,
  type RuleDefinition,
} from '../protocols/define.ts';
export type { LeakageModel, PriceModel, Run } from '../protocols/leakage/model.ts';
export { countOptions, dealOn, type MenuDeal, menuSchema } from '../protocols/menu/options.ts';
export { formatAmount } from '../protocols/price/amount.ts';
export type { Zone } from '../protocols/price/circuit.ts';
export {
  type PriceDescription,
  type PriceRuleDefinition,
  type PriceTerms,
  type Pricing,
  priceRule,
} from '../protocols/price/rule.ts';
export { rules } from '../protocols/registry.ts';
export type {
  AppliedCircuit,
  BoundRule,
  Bounds,
  BriefDescription,
  CommittedInputs,
  Entry,
  Fitted,
  Mandate,
  MandateForm,
  Outcome,
  OwnMandate,
  PolicyBounds,
  Rule,
  RuleDescription,
  RuleTerms,
  SealedEntries,
} from '../protocols/rule.ts';
export * from './circuit/index.ts';
export { type Random, seededRandom, systemRandom } from './crypto/random.ts';
export type { Json } from './documents/json.ts';
export {
  type Grid,
  gridIndex,
  gridPrice,
  integerString,
  parseInteger,
  parseRange,
  rangeSchema,
} from './documents/range.ts';
export { type OutcomeJson, ruleNamed, type TermsSchema, type UncheckedRuleTerms } from './documents/rule.ts';
export type { Menu, Range } from './documents/terms.ts';
export { isPlainText } from './documents/text.ts';
/** For tests of a rule only: both engines in one process, in the clear. */
export { clearEngines } from './engine/clear.ts';
export type { Engine, Fixing, Party, Release, Wires } from './engine/engine.ts';
