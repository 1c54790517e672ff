import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PeerRecords } from '../../desk/home.ts';
import { fileDisputes, fileLedger } from '../store/index.ts';
import { restorationsOf } from './backup/restored.ts';

const DIGEST = /^[0-9a-f]{64}$/;

/** Opens a party's records about its peers, and makes the folder if there is none. */
export async function openPeerRecords(folder: string): Promise<PeerRecords> {
  const ledger = await fileLedger(folder);
  const path = join(folder, 'verified-seal-keys');
  // If the file cannot be read, or a line was cut short, a key is only verified again.
  const text = await readFile(path, 'utf8').catch(() => '');
  const known = new Set(text.split('\n').filter((line) => DIGEST.test(line)));
  const add = (digest: string) => {
    known.add(digest);
    try {
      appendFileSync(path, `${digest}\n`, { mode: 0o600 });
    } catch {
      // kept for this process
    }
  };
  const restoration = (await restorationsOf(folder)).at(-1);
  const knownKeys = { has: (digest: string) => known.has(digest), add };
  return { ledger, disputes: fileDisputes(folder), knownKeys, restoration };
}
