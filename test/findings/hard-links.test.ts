import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { inProcess } from '../cli/support.ts';

/** A file system without hard links: exFAT, SMB, Android. */
vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  link: () => Promise.reject(Object.assign(new Error('operation not permitted'), { code: 'EPERM' })),
}));

test('B7: files are written where there are no hard links', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'parley-links-')), 'my.key');
  expect((await inProcess('keygen', '--out', path)).code).toBe(0);
  expect(existsSync(path)).toBe(true);
});
