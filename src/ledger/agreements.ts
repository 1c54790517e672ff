import { platform } from '#platform';
import type { Agreement } from '../documents/agreement.ts';
import { decodeRecord } from './record.ts';
import { START, type Store } from './store.ts';

/** Records that are read at a time. */
const SLICE = 256;

/** The agreements in one peer's log, oldest first. */
export async function readAgreements(
  store: Store,
  name: string,
): Promise<{ readonly matter: string; readonly time: string; readonly agreement: Agreement }[]> {
  const { records } = await store.read(name, START);
  const found = [];
  for (const [index, { text }] of records.entries()) {
    if (index % SLICE === SLICE - 1) await platform.nextTurn();
    const record = decodeRecord(text);
    if (record.type !== 'agreed' || record.document === undefined) continue;
    found.push({ matter: record.matter, time: record.time, agreement: record.document });
  }
  return found;
}
