#!/usr/bin/env node
// Other users can read the arguments of a process. An invite among them is taken out of their sight before anything else is loaded.
if (process.argv.some((word) => /parley\d+-/i.test(word))) process.title = 'parley join';
await import('./start.ts');
