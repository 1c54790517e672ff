import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readDispute, serializeDispute } from '../../src/arbiter/index.ts';
import { backUp, restore } from '../../src/node/home/backup/backup.ts';
import { fileHome, identityFile, ledgerFolder } from '../../src/node/home/home.ts';
import { fileDisputes } from '../../src/node/store/index.ts';
import { disputeOf, engaged, identities } from '../arbiter/support.ts';

const root = mkdtempSync(join(tmpdir(), 'parley-backup-'));
afterAll(() => rmSync(root, { recursive: true }));

test('a backup holds the open disputes, and brings them back', async () => {
  const [home, back] = [join(root, 'home'), join(root, 'back')];
  await fileHome({ folder: home }).keepIdentity(identities.seller);
  const of = await engaged();
  const disputesIn = (folder: string) => fileDisputes(ledgerFolder(identityFile(undefined, folder)));
  await disputesIn(home).keep(of.session, serializeDispute(disputeOf(of, 'seller')));
  const { files } = await backUp(home, join(root, 'backup.json'), 'correct horse battery');
  expect(files).toBe(2);
  await restore(join(root, 'backup.json'), back, 'correct horse battery');
  const [kept, ...more] = await disputesIn(back).list();
  expect(readDispute(kept!.document!)).toEqual(disputeOf(of, 'seller'));
  expect(more).toEqual([]);
});
