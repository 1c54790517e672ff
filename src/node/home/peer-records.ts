import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ledger } from '../../ledger/index.ts';
import type { KeyMemory } from '../../seals/index.ts';

/** What a party keeps about its peers, in the ledger's folder. */
export interface PeerRecords {
  readonly ledger: Ledger;
  /** Which peers' seal keys it has verified, so that each is verified once. */
  readonly knownKeys: KeyMemory;
}

const DIGEST = /^[0-9a-f]{64}$/;

/** Opens them, and makes the folder if there is none. */
export async function openPeerRecords(folder: string): Promise<PeerRecords> {
  const ledger = await Ledger.open(folder);
  const path = join(folder, 'verified-seal-keys');
  // A file that cannot be read, or a line that was cut short, only means that a key is verified again.
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
  return { ledger, knownKeys: { has: (digest) => known.has(digest), add } };
}
