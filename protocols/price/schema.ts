import { z } from 'zod';
import { rangeSchema } from '../../src/agreement/range.ts';
import type { RuleTerms } from '../rule.ts';

/** Strict schema of `{ rule, range }` for a price rule with these further members. */
export function priceTerms(name: string, members: z.ZodRawShape = {}): z.ZodType<RuleTerms> {
  return z.strictObject({
    rule: z.strictObject({ name: z.literal(name), ...members }),
    range: rangeSchema,
  }) as unknown as z.ZodType<RuleTerms>;
}
