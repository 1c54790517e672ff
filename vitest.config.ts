import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { filesByProcess, type Process } from './test/support/processes.ts';
import { SlowFirst } from './test/support/slow-first.ts';

const files = filesByProcess(fileURLToPath(new URL('.', import.meta.url)));
/** Test files that run in such a process. */
const project = (name: Process) => ({
  test: {
    name,
    include: files[name],
    // A process of its own costs a test file a second: to begin, and to load the sources.
    isolate: name === 'alone',
    setupFiles: ['test/support/ready.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});

export default defineConfig({
  test: {
    globalSetup: ['test/support/compile.mjs'],
    sequence: { sequencer: SlowFirst },
    maxWorkers: 2,
    projects: [project('alone'), project('cheating'), project('shared')],
  },
});
