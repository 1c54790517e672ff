import { ruleNamed } from '../src/documents/rule.ts';
import { quoted } from '../src/documents/text.ts';
import { InputError } from '../src/errors.ts';
import { menu } from './menu/index.ts';
import { postedPrice } from './posted-price/index.ts';
import { randomSplit } from './random-split/index.ts';
import type { Rule } from './rule.ts';
import { split } from './split/index.ts';
import { zopa } from './zopa/index.ts';

/** Parley's own rules. `negotiate({ rules })` accepts others. */
export const rules: readonly Rule[] = [zopa, split, randomSplit, postedPrice, menu];

/** The rule that terms or a draft name: one of `own`, or one of Parley's. Throws InputError `ERR_TERMS_INVALID`. */
export function ruleOf(
  { rule }: { readonly rule: { readonly name: string } },
  own: readonly Rule[] = [],
): Rule {
  const all = [...own, ...rules];
  const found = ruleNamed(all, rule.name);
  if (found !== undefined) return found;
  throw new InputError(
    'ERR_TERMS_INVALID',
    `the terms name a rule that is not known here: ${quoted(rule.name)}`,
    {
      hint: `known rules: ${all.map(({ name }) => name).join(', ')}`,
    },
  );
}
