import { createHash, type Hash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LedgerError } from '../../errors.ts';
import { Ledger } from '../../ledger/ledger.ts';
import { lineAt, positionOf } from '../../ledger/lines.ts';
import { corrupt, type Position, type Reading, type Snapshot, type Store } from '../../ledger/store.ts';
import { makeFolder } from '../folders.ts';
import { LogFile, type Tail } from './log-file.ts';
import { readSnapshot, writeSnapshot } from './snapshot-file.ts';
import { SocketLocks } from './socket-locks.ts';

/** Milliseconds that an append waits for others. */
const PATIENCE = 10_000;
/** The most logs whose digests are kept up to date. A further log gets its next snapshot once it has been read from its beginning. */
const MEMORY = 256;
const NAME = /^[0-9a-f]{2,128}$/;
const LOG_NAME = /^([0-9a-f]{64})\.log$/;

/** A digest of a log's bytes up to `end`, the end of a line without its newline. */
interface Digest {
  readonly hash: Hash;
  end: number;
}

/** A store in a folder (README.md). The folder is made with mode 0700 if there is none. */
export async function fileStore(folder: string): Promise<Store> {
  await makeFolder(folder);
  return new FileStore(resolve(folder));
}

/**
 * A ledger in a folder, which any number of processes may use at the same time. Throws LedgerError `ERR_LEDGER_UNUSABLE`.
 */
export async function fileLedger(folder: string, now?: () => Date): Promise<Ledger> {
  try {
    return new Ledger(await fileStore(folder), now);
  } catch (cause) {
    throw new LedgerError('ERR_LEDGER_UNUSABLE', 'the ledger of attempts cannot be read or written', {
      hint: 'check its folder, permissions and free space',
      cause,
    });
  }
}

class FileStore implements Store {
  private readonly folder: string;
  private readonly locks: SocketLocks;
  private readonly digests = new Map<string, Digest>();

  constructor(folder: string) {
    this.folder = folder;
    this.locks = new SocketLocks(join(folder, 'locks'));
  }

  async list(): Promise<string[]> {
    const files = await readdir(this.folder);
    return files.flatMap((file) => LOG_NAME.exec(file)?.[1] ?? []);
  }

  async read(log: string, after: Position): Promise<Reading> {
    const tail = await this.logFile(log).read(lineAt(after));
    this.digest(log, tail);
    const records = tail.records.map(({ text, line }) => ({ text, position: positionOf(line) }));
    return { continued: tail.continued, records };
  }

  pick(log: string, positions: readonly Position[]): Promise<string[]> {
    const lines = positions.map((position) => lineAt(position));
    return this.logFile(log).pick(
      lines.map((line) => {
        if (line === undefined) throw corrupt();
        return line;
      }),
    );
  }

  async append(log: string, record: string, after: Position): Promise<Position | undefined> {
    const lock = await this.locks.hold(`append ${log}`, PATIENCE);
    if (lock === undefined) throw new Error('the log is being written by another process');
    try {
      const tail = await this.logFile(log).append(record, lineAt(after));
      if (tail === undefined) return undefined;
      this.digest(log, tail);
      return positionOf(tail.records[0]!.line);
    } finally {
      await lock.release();
    }
  }

  hold(name: string, patience: number) {
    return this.locks.hold(`session ${name}`, patience);
  }

  readonly snapshots = {
    load: async (log: string): Promise<Snapshot | undefined> => {
      const kept = await readSnapshot(this.snapshotOf(log), log);
      const line = kept && lineAt(kept.position);
      if (kept === undefined || line === undefined) return undefined;
      const hash = await this.logFile(log).digest(line);
      if (hash?.copy().digest('hex') !== kept.digest) return undefined;
      this.digests.set(log, { hash: hash!, end: line.end });
      return kept;
    },
    save: async (log: string, { position, state }: Snapshot): Promise<void> => {
      const known = this.digests.get(log);
      if (known === undefined || known.end !== lineAt(position)?.end) return;
      const digest = known.hash.copy().digest('hex');
      await writeSnapshot(this.snapshotOf(log), log, { position, state, digest });
    },
  };

  /** Adds the bytes of a tail to the digest of its log. */
  private digest(log: string, { bytes, start, end, continued }: Tail): void {
    let known = this.digests.get(log);
    this.digests.delete(log);
    if (!continued || start === 0) known = { hash: createHash('sha256'), end: 0 };
    if (known === undefined || known.end < start || known.end > end) return;
    known.hash.update(bytes.subarray(known.end - start, end - start));
    known.end = end;
    this.digests.set(log, known);
    for (const oldest of this.digests.keys()) {
      if (this.digests.size <= MEMORY) break;
      this.digests.delete(oldest);
    }
  }

  private logFile(log: string): LogFile {
    if (!NAME.test(log)) throw new RangeError('a log is named by hexadecimal digits');
    return new LogFile(join(this.folder, `${log}.log`), log);
  }

  private snapshotOf(log: string): string {
    return join(this.folder, `${log}.snapshot`);
  }
}
