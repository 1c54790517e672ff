import { writeFileSync } from 'node:fs';
import { largestCases } from './error-budget/cases.ts';
import { page } from './error-budget/page.ts';

// Writes docs/error-budget.md.
writeFileSync(new URL('../docs/error-budget.md', import.meta.url), page(await largestCases()));
