#!/usr/bin/env node
// Other users can read the arguments of a process. So an invite among them is hidden before anything else is loaded.
if (process.argv.some((word) => /parley\d+-/i.test(word))) process.title = 'parley join';
await import('./start.ts');
