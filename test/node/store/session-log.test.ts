import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { fileSessionLog } from '../../../src/node/store/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-session-log-'));
afterAll(() => rmSync(folder, { recursive: true }));
let path: string;
let runs = 0;
beforeEach(() => {
  path = join(folder, String(runs++));
});

const id = (fill: string) => `${fill.repeat(8)}-0000-4000-8000-${fill.repeat(12)}`;

describe('the file of the day’s negotiations', () => {
  it('goes on after a line that was cut off at any byte, which took no place', async () => {
    await fileSessionLog(path).take(9, 0);
    const before = readFileSync(path, 'utf8');
    for (const kind of ['take', 'drop']) {
      const line = `${kind} ${id('a')} ${Date.now()}`;
      for (let length = 1; length < line.length - 1; length++) {
        writeFileSync(path, before + line.slice(0, length));
        const log = fileSessionLog(path);
        // Of an hour's places one is taken, and one is left.
        const since = Date.now() - 3_600_000;
        expect(await log.take(2, since), `after ${length} bytes`).toBe(true);
        expect(await log.take(2, since), `after ${length} bytes`).toBe(false);
      }
    }
  });

  it('goes on after blocks that never reached the disk', async () => {
    await fileSessionLog(path).take(9, 0);
    const before = readFileSync(path, 'utf8');
    for (const tail of ['\0'.repeat(60), `take ${id('b')}${'\0'.repeat(16)}`, 'tak\0\0\0\0\0']) {
      writeFileSync(path, before + tail);
      expect(await fileSessionLog(path).take(2, 0)).toBe(true);
      expect(await fileSessionLog(path).take(2, 0)).toBe(false);
    }
  });

  it('counts a whole line that lost its newline', async () => {
    writeFileSync(path, `take ${id('c')} ${Date.now()}`);
    expect(await fileSessionLog(path).take(1, 0)).toBe(false);
    expect(await fileSessionLog(path).take(2, 0)).toBe(true);
  });

  it('is refused where it holds something else', async () => {
    for (const text of [
      'something else\n',
      'take\tit\n',
      `take ${id('g')} 1\n`,
      `take ${id('a')} 1 2\n`,
      '{}',
    ]) {
      writeFileSync(path, text);
      await expect(fileSessionLog(path).take(9, 0), text).rejects.toMatchObject({ code: 'ERR_FILE' });
    }
  });
});
