import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fileCases } from '../../../src/node/arbiter/file-cases.ts';

const root = mkdtempSync(join(tmpdir(), 'parley-cases-'));
afterAll(() => rmSync(root, { recursive: true }));
const bytes = (text: string) => new TextEncoder().encode(text);
const name = (digit: string) => digit.repeat(64);

test('a record is made once, and stays', async () => {
  const folder = join(root, 'once');
  const [one, other] = [await fileCases(folder), await fileCases(folder)];
  expect(await one.get(name('a'))).toBeUndefined();
  expect(await one.create(name('a'), bytes('first'))).toBe(true);
  expect(await other.create(name('a'), bytes('second'))).toBe(false);
  expect(Buffer.from((await other.get(name('a')))!).toString()).toBe('first');
  expect(readdirSync(folder)).toEqual([`${name('a')}.json`]);
  if (process.platform !== 'win32') {
    expect(statSync(join(folder, `${name('a')}.json`)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  }
});

test('of fifty at a time exactly one makes it, and everybody then finds that one', async () => {
  const folder = join(root, 'fifty');
  const stores = await Promise.all([fileCases(folder), fileCases(folder)]);
  const made = await Promise.all(
    Array.from({ length: 50 }, (_, i) => stores[i % 2]!.create(name('b'), bytes(`record ${i}`))),
  );
  expect(made.filter((first) => first)).toHaveLength(1);
  const found = await stores[0]!.get(name('b'));
  expect(Buffer.from(found!).toString()).toBe(`record ${made.indexOf(true)}`);
  expect(readdirSync(folder)).toHaveLength(1);
});

test('what a writer left half-written counts for nothing', async () => {
  const folder = join(root, 'half');
  const store = await fileCases(folder);
  writeFileSync(join(folder, '.parley-0123456789ab'), 'hal');
  expect(await store.get(name('c'))).toBeUndefined();
  expect(await store.create(name('c'), bytes('whole'))).toBe(true);
});

test('a name is that of a case', async () => {
  const store = await fileCases(join(root, 'names'));
  for (const wrong of ['', '../../x', `${name('d')}0`, name('D'), `${name('d').slice(1)}/`]) {
    await expect(store.get(wrong)).rejects.toThrow(RangeError);
    await expect(store.create(wrong, bytes('x'))).rejects.toThrow(RangeError);
  }
});

test.skipIf(process.getuid?.() === 0)(
  'a record that cannot be written is an error, not an answer',
  async () => {
    const folder = join(root, 'closed');
    const store = await fileCases(folder);
    chmodSync(folder, 0o500);
    await expect(store.create(name('e'), bytes('x'))).rejects.toMatchObject({ code: 'EACCES' });
    chmodSync(folder, 0o700);
  },
);

test('something else in the place of the folder is refused', async () => {
  const file = join(root, 'file');
  writeFileSync(file, 'x');
  await expect(fileCases(file)).rejects.toMatchObject({ code: 'ERR_FILE' });
  expect(readFileSync(file, 'utf8')).toBe('x');
});
