import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { toHex, utf8 } from '../../../src/crypto/encoding.ts';
import { disputeFile, disputeFiles, fileDisputes } from '../../../src/node/store/index.ts';

const root = mkdtempSync(join(tmpdir(), 'parley-disputes-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const session = (byte: number) => new Uint8Array(32).fill(byte);

test('keeps one file a session, for its owner only, and changes it as a whole', async () => {
  const folder = join(root, 'home', 'ledger');
  const store = fileDisputes(folder);
  expect(await store.list()).toEqual([]);
  await store.keep(session(1), utf8('one'));
  await store.keep(session(2), utf8('two'));
  await store.keep(session(1), utf8('one again'));
  writeFileSync(join(folder, '.parley-0123456789ab'), 'what a process that was killed leaves');
  writeFileSync(join(folder, `${toHex(session(3))}.dispute.json.void`), 'something else');
  const kept = await store.list();
  expect(kept.map(({ session: of, document }) => [of[0], String(document)]).toSorted()).toEqual([
    [1, 'one again'],
    [2, 'two'],
  ]);
  expect(await disputeFiles(folder)).toHaveLength(2);
  expect(store.place(session(1))).toBe(disputeFile(folder, session(1)));
  if (process.platform !== 'win32') expect(statSync(store.place(session(1))).mode & 0o777).toBe(0o600);
  await store.remove(session(1));
  await store.remove(session(1));
  expect(await store.list()).toHaveLength(1);
  expect(readdirSync(folder)).toHaveLength(3);
});

test('one that cannot be read does not hide the others', async () => {
  const folder = join(root, 'odd');
  const store = fileDisputes(folder);
  await store.keep(session(1), utf8('one'));
  mkdirSync(store.place(session(2))); // a folder under the name of a file, which every user fails to read
  const kept = await store.list();
  expect(kept.find(({ session: [first] }) => first === 1)).toEqual({
    session: session(1),
    document: Buffer.from('one'),
  });
  expect(kept.find(({ session: [first] }) => first === 2)).toEqual({
    session: session(2),
    document: undefined,
  });
});
