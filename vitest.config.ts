import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { filesAlone } from './test/support/alone.ts';
import { SlowFirst } from './test/support/slow-first.ts';

const alone = filesAlone(fileURLToPath(new URL('.', import.meta.url)));
const common = {
  setupFiles: ['test/support/ready.ts'],
  testTimeout: 30_000,
  hookTimeout: 30_000,
};

export default defineConfig({
  test: {
    globalSetup: ['test/support/compile.mjs'],
    sequence: { sequencer: SlowFirst },
    maxWorkers: 2,
    projects: [
      { test: { ...common, name: 'alone', include: alone } },
      // A process of its own costs a test file a second: to begin, and to load the sources.
      { test: { ...common, name: 'shared', include: ['test/**/*.test.ts'], exclude: alone, isolate: false } },
    ],
  },
});
