import { menu } from './menu/index.ts';
import { postedPrice } from './posted-price/index.ts';
import { randomSplit } from './random-split/index.ts';
import type { Rule } from './rule.ts';
import { split } from './split/index.ts';
import { zopa } from './zopa/index.ts';

/** The rules that Parley comes with. `negotiate({ rules })` takes others. */
export const rules: readonly Rule[] = [zopa, split, randomSplit, postedPrice, menu] as readonly Rule[];
