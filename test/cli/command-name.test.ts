import { afterEach, expect, test, vi } from 'vitest';
import { commandName } from '../../src/cli/terminal/command-name.ts';

afterEach(() => vi.unstubAllEnvs());

test.each([
  ['in this repository', { npm_lifecycle_event: 'parley', npm_command: 'run' }, 'npm run -s parley --'],
  [
    'by npx',
    { npm_lifecycle_event: 'npx', npm_command: 'exec', npm_lifecycle_script: 'parley demo' },
    'npx parley-mpc',
  ],
  ['by itself', {}, 'parley'],
  [
    'from something else that npx runs',
    { npm_command: 'exec', npm_lifecycle_script: 'vitest run' },
    'parley',
  ],
])('started %s, it is told to others alike', (_, environment, name) => {
  for (const variable of ['npm_lifecycle_event', 'npm_command', 'npm_lifecycle_script'])
    vi.stubEnv(variable, undefined);
  for (const [variable, value] of Object.entries(environment)) vi.stubEnv(variable, value);
  expect(commandName()).toBe(name);
});
