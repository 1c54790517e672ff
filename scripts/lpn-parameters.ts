import { writeFileSync } from 'node:fs';
import { page } from './lpn-parameters/page.ts';

// Writes docs/lpn-parameters.md.
writeFileSync(new URL('../docs/lpn-parameters.md', import.meta.url), page());
