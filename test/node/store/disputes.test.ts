import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { disputeFiles, fileDisputes } from '../../../src/node/store/index.ts';

const root = mkdtempSync(join(tmpdir(), 'parley-disputes-'));
afterAll(() => rmSync(root, { recursive: true }));
const inside = () => join(mkdtempSync(join(root, 'at-')), 'ledger');
const session = (byte: number) => new Uint8Array(32).fill(byte);
const text = (words: string) => new TextEncoder().encode(words);

test('a document takes the place of the one before, and is gone when it is removed', async () => {
  const folder = inside();
  const disputes = fileDisputes(folder);
  expect(await disputes.list()).toEqual([]);
  await disputes.keep(session(1), text('first'));
  await disputes.keep(session(2), text('other'));
  await disputes.keep(session(1), text('second'));
  const kept = (await disputes.list()).map((document) => new TextDecoder().decode(document));
  expect(kept.sort()).toEqual(['other', 'second']);
  const place = disputes.place(session(1));
  expect(place).toBe(join(folder, `${'01'.repeat(32)}.dispute.json`));
  expect(readFileSync(place, 'utf8')).toBe('second');
  if (process.platform !== 'win32') expect(statSync(place).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toHaveLength(2); // nothing temporary
  await disputes.remove(session(1));
  await disputes.remove(session(1));
  expect(await disputeFiles(folder)).toEqual([disputes.place(session(2))]);
});

test('other files in the folder are none', async () => {
  const folder = inside();
  const disputes = fileDisputes(folder);
  await disputes.keep(session(1), text('one'));
  for (const name of ['x.dispute.json', `${'01'.repeat(32)}.dispute.json.void`, '.parley-1.tmp']) {
    writeFileSync(join(folder, name), 'x');
  }
  expect(await disputes.list()).toHaveLength(1);
});

test('what cannot be written is told, and what was there stays', async () => {
  const folder = inside();
  const disputes = fileDisputes(folder);
  await disputes.keep(session(1), text('one'));
  const file = join(folder, 'file');
  writeFileSync(file, 'x');
  const below = fileDisputes(join(file, 'below'));
  await expect(below.keep(session(1), text('two'))).rejects.toMatchObject({ code: 'ERR_FILE' });
  symlinkSync(join(folder, 'nowhere'), join(folder, `${'02'.repeat(32)}.dispute.json`));
  expect(await disputes.list()).toHaveLength(1);
});
