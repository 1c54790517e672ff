import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openPeerRecords } from '../../src/node/home/peer-records.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-records-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('remembers verified seal keys from one process to the next', async () => {
  const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(64)) as [string, string, string];
  const first = await openPeerRecords(folder);
  expect(first.knownKeys.has(one)).toBe(false);
  first.knownKeys.add(one);
  first.knownKeys.add(two);
  // a line cut short by a crash is no key
  appendFileSync(join(folder, 'verified-seal-keys'), three.slice(1));
  const second = await openPeerRecords(folder);
  expect([one, two, three, three.slice(1)].map((digest) => second.knownKeys.has(digest))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

it('goes on without the file where it cannot be written', async () => {
  const { knownKeys } = await openPeerRecords(join(folder, 'gone'));
  rmSync(join(folder, 'gone'), { recursive: true });
  knownKeys.add('4'.repeat(64));
  expect(knownKeys.has('4'.repeat(64))).toBe(true);
});
