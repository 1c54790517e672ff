import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Restoration } from '../../../desk/home.ts';
import { syncFolder } from '../../folders.ts';

const FILE = 'restored';
const LINE = /^(\S+) (\S+)$/;

/** Notes in a ledger's folder that the ledger was restored from a backup, so that its owner knows that records may be missing. */
export async function noteRestored(folder: string, { made, restored }: Restoration): Promise<void> {
  await appendFile(join(folder, FILE), `${made} ${restored}\n`, { mode: 0o600, flush: true });
  await syncFolder(folder);
}

/** The restorations of the ledger in a folder, the latest last. */
export async function restorationsOf(folder: string): Promise<Restoration[]> {
  const text = await readFile(join(folder, FILE), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const [, made, restored] = LINE.exec(line) ?? [];
    return made === undefined || restored === undefined ? [] : [{ made, restored }];
  });
}
