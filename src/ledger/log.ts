import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { encodeBase64url } from '../documents/json.ts';
import { LedgerError } from '../errors.ts';
import {
  CHAIN_START,
  chainOf,
  decodeRecord,
  encodeRecord,
  type LedgerRecord,
  type PeerRecord,
} from './record.ts';

/** What a log file holds: its records, the chain value after them, and the length of the part that checks. */
interface Contents {
  readonly records: readonly LedgerRecord[];
  readonly chain: string;
  readonly length: number;
  /** Whether that part ends in a newline. */
  readonly terminated: boolean;
}

/** What a disk shows where a block of a line never reached it. */
const HOLE = Buffer.alloc(8);

/**
 * All records of a peer, oldest first; none if there is no file. A torn tail is ignored. Throws LedgerError
 * `ERR_LEDGER_CORRUPT`.
 */
export async function readLog(path: string, peer: Uint8Array): Promise<PeerRecord[]> {
  const file = await openExisting(path);
  if (file === undefined) return [];
  try {
    return recordsIn(parseLog(await file.readFile(), peer));
  } finally {
    await file.close();
  }
}

/**
 * Appends what `decide` makes of all records so far, and resolves with all of them once it is on disk. A torn tail is cut off
 * first. The caller holds the lock for appending. Throws LedgerError `ERR_LEDGER_CORRUPT`, and what `decide` throws.
 */
export async function appendToLog(
  path: string,
  peer: Uint8Array,
  decide: (records: PeerRecord[]) => PeerRecord,
): Promise<PeerRecord[]> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    const bytes = await file.readFile();
    const { records, chain, length, terminated } = parseLog(bytes, peer);
    const earlier = recordsIn({ records });
    const record = decide(earlier);
    let text = terminated ? '' : '\n';
    let last = chain;
    const add = (next: LedgerRecord): void => {
      const line = encodeRecord(next, last);
      last = chainOf(line);
      text += line;
    };
    if (records.length === 0) add({ type: 'ledger', parley: 1, peer: encodeBase64url(peer) });
    add(record);
    if (bytes.length !== length) await file.truncate(length);
    await writeAll(file, Buffer.from(text), length);
    await file.sync();
    if (length === 0) await syncDirectory(dirname(path));
    return [...earlier, record];
  } finally {
    await file.close();
  }
}

/** Checks every line. Throws LedgerError `ERR_LEDGER_CORRUPT` for anything but a torn tail. */
export function parseLog(bytes: Buffer, peer: Uint8Array): Contents {
  const records: LedgerRecord[] = [];
  let chain = CHAIN_START;
  let offset = 0;
  let terminated = true;
  while (offset < bytes.length) {
    const newline = bytes.indexOf(0x0a, offset);
    const end = newline < 0 ? bytes.length : newline;
    const line = bytes.subarray(offset, end);
    const record = decodeRecord(line.toString('utf8'), chain);
    if (record === undefined) {
      if (!isTorn(line, chain, newline < 0, end >= bytes.length - 1)) throw corrupt();
      break;
    }
    const first = records.length === 0;
    if (first !== (record.type === 'ledger')) throw corrupt();
    if (record.type === 'ledger' && record.peer !== encodeBase64url(peer)) throw corrupt();
    records.push(record);
    chain = chainOf(line.toString('utf8'));
    terminated = newline >= 0;
    offset = terminated ? end + 1 : end;
  }
  return { records, chain, length: offset, terminated };
}

/** Whether a line that does not check was never written whole, as opposed to damaged afterwards. */
function isTorn(line: Buffer, chain: string, open: boolean, last: boolean): boolean {
  if (!last) return false;
  if (!open) return line.includes(HOLE);
  // A whole record and one more byte: its newline was damaged.
  return decodeRecord(line.subarray(0, -1).toString('utf8'), chain) === undefined;
}

function recordsIn({ records }: Pick<Contents, 'records'>): PeerRecord[] {
  return records.filter((record): record is PeerRecord => record.type !== 'ledger');
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** Makes a new file's name durable, where the system can. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function corrupt(): LedgerError {
  return new LedgerError('ERR_LEDGER_CORRUPT', 'the ledger of attempts with this peer is damaged', {
    hint: 'restore its file from a backup; while it is damaged, bids to this peer are not bound',
  });
}
