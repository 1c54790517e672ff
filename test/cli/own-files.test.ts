import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { desk, inProcess } from './support.ts';

afterEach(() => vi.unstubAllEnvs());

test('the ledger and openings are those of the usual identity, if none is named', async () => {
  const { folder, put } = desk();
  const home = join(folder, 'home');
  mkdirSync(home);
  vi.stubEnv('PARLEY_HOME', home);
  expect(await inProcess('ledger', '--json')).toMatchObject({ code: 0, stdout: '{"peers":[]}\n' });
  const agreement = put('agreement.json', '{}');
  const { code, stderr } = await inProcess('open', agreement, '--out', join(folder, 'opening.json'));
  expect(code).toBe(2);
  expect(stderr).toContain(join(home, 'identity.json'));
});
