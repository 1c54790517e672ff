import type { Rule } from './rule.ts';
import { split } from './split/index.ts';
import { zopa } from './zopa/index.ts';

/** The rules that Parley comes with. `negotiate({ rules })` takes others. */
export const rules: readonly Rule[] = [zopa, split] as readonly Rule[];
