import * as z from 'zod';
import { type Grid, parseRange, rangeSchema } from '../../src/documents/range.ts';
import type { RuleTerms, TermsSchema } from '../../src/documents/rule.ts';
import type { Range } from '../../src/documents/terms.ts';

/** The most rounds that terms may have. */
const MAX_ROUNDS = 256;
/** More than 0 and at most 100 percent, in steps of a hundredth. Each value can be written in only one way. */
const PERCENT = /^(?:100|(?!0%)[1-9]?[0-9](?:\.[0-9]?[1-9])?)%$/;

/** Members of `rule` that every price rule accepts. Neither has a default: if they are absent, there is one round and no near-miss bit. */
const common = {
  rounds: z.int().min(2).max(MAX_ROUNDS).exactOptional(),
  nearMiss: z.string().regex(PERCENT, 'not a percentage like "5%" or "0.25%"').exactOptional(),
};

/** A price rule's part of terms. */
export interface PriceRuleTerms extends RuleTerms {
  readonly range: Range;
}

/**
 * Strict schema of `{ rule, range }` for a price rule with these further members. `refine` describes a fault of the rule
 * on a grid, if there is one.
 */
export function priceTerms(
  name: string,
  members: z.ZodRawShape,
  refine: (rule: RuleTerms['rule'], grid: Grid) => string | undefined,
): TermsSchema<PriceRuleTerms> {
  const shape: z.ZodRawShape = { name: z.literal(name), ...common, ...members };
  return z.strictObject({ rule: z.strictObject(shape), range: rangeSchema }).transform((part, context) => {
    const terms = { rule: { ...part.rule, name }, range: part.range };
    const problem = refine(terms.rule, parseRange(terms.range));
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['rule'], message: problem });
    return terms;
  });
}

/** Number of rounds, undefined where the terms do not have rounds. */
export function roundsOf({ rounds }: RuleTerms['rule']): number | undefined {
  return typeof rounds === 'number' ? rounds : undefined;
}

/** The largest gap, in grid steps, that counts as a near miss: a share of the range's width. Undefined without the near-miss bit. */
export function nearMissGap({ nearMiss }: RuleTerms['rule'], grid: Grid): bigint | undefined {
  if (typeof nearMiss !== 'string') return undefined;
  const [whole, hundredths = ''] = nearMiss.slice(0, -1).split('.');
  return ((grid.count - 1n) * BigInt(whole + hundredths.padEnd(2, '0'))) / 10_000n;
}
