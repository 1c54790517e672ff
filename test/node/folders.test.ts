import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFolder } from '../../src/node/folders.ts';

const root = mkdtempSync(join(tmpdir(), 'parley-folders-'));
afterAll(() => rmSync(root, { recursive: true }));

describe('a folder', () => {
  it('is made with those above it, for its owner only, once or twice', async () => {
    const path = join(root, 'one', 'two', 'three');
    await makeFolder(path);
    await makeFolder(path);
    expect([statSync(path).mode & 0o777, statSync(join(root, 'one')).mode & 0o777]).toEqual([0o700, 0o700]);
    const both = join(root, 'both', 'at', 'once');
    await Promise.all([makeFolder(both), makeFolder(both)]);
    expect(statSync(both).isDirectory()).toBe(true);
  });

  it('is made though somebody else makes the one above it in between', async () => {
    for (let round = 0; round < 100; round++) {
      const [above, path] = [join(root, `race-${round}`), join(root, `race-${round}`, 'below')];
      await Promise.all([makeFolder(path), makeFolder(above), makeFolder(above)]);
      expect(statSync(path).isDirectory()).toBe(true);
    }
  });

  it('is not made where there is a file', async () => {
    writeFileSync(join(root, 'file'), '');
    await expect(makeFolder(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(root, 'file', 'in', 'it'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it.runIf(process.platform === 'linux')(
    'B19: is refused, and not tried for ever, where none can be',
    async () => {
      await expect(makeFolder('/proc/parley/home')).rejects.toMatchObject({ code: 'ENOENT' });
    },
  );
});
