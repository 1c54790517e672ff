import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { concatBytes } from '../../crypto/bytes.ts';
import { utf8 } from '../../crypto/encoding.ts';
import {
  decodeLine,
  type Entry,
  encodeLine,
  headerOf,
  type Line,
  LineReader,
  NO_LINE,
} from '../../ledger/lines.ts';
import { corrupt } from '../../ledger/store.ts';
import { syncFolder } from '../folders.ts';

/** Bytes that are read and checked at a time. */
const PIECE = 1 << 18;

/** The part of a log after a line, without a torn tail. */
export interface Tail {
  /** Whether the line is in the log. If not, this is the whole log. */
  readonly continued: boolean;
  readonly records: readonly Entry[];
  /** The log's bytes from `start` on. */
  readonly bytes: Uint8Array;
  readonly start: number;
  /** Where the last line ends, without its newline. */
  readonly end: number;
}

/** A tail, with what an append needs to know. */
interface WholeTail extends Tail {
  readonly last: Line;
  readonly terminated: boolean;
}

/** One log's file (README.md, _Appending_ and _Reading_). */
export class LogFile {
  private readonly path: string;
  private readonly log: string;

  constructor(path: string, log: string) {
    this.path = path;
    this.log = log;
  }

  /** The part of the log after a line, or the whole log. Throws LedgerError `ERR_LEDGER_CORRUPT`. */
  async read(after: Line | undefined): Promise<Tail> {
    const tail = await withFile(this.path, constants.O_RDONLY, (file) => this.readTail(file, after));
    return tail ?? { continued: after === undefined, records: [], bytes: new Uint8Array(), start: 0, end: 0 };
  }

  /** The texts of lines. Throws LedgerError `ERR_LEDGER_CORRUPT` if one of them is not there. */
  async pick(lines: readonly Line[]): Promise<string[]> {
    if (lines.length === 0) return [];
    const texts = await withFile(this.path, constants.O_RDONLY, async (file) => {
      const found: (string | undefined)[] = [];
      for (const line of lines) found.push(textOf(await readBytes(file, line.start, line.end), line));
      return found;
    });
    return (texts ?? [undefined]).map((text) => {
      if (text === undefined) throw corrupt();
      return text;
    });
  }

  /**
   * Appends a record if the line `after` is the log's last one, and resolves once the record is on disk; otherwise returns undefined. A torn
   * tail is cut off first. The caller holds the lock for appending. Throws LedgerError `ERR_LEDGER_CORRUPT`.
   */
  async append(record: string, after: Line | undefined): Promise<Tail | undefined> {
    const flags = constants.O_RDWR | (after === undefined ? constants.O_CREAT : 0);
    return withFile(this.path, flags, async (file) => {
      const tail = await this.readTail(file, after);
      if (!tail.continued || tail.records.length > 0) return undefined;
      const { last, terminated } = tail;
      const fresh = last === NO_LINE;
      const lines = fresh ? this.firstLines(record) : encodeLine(record, last.after);
      const bytes = fresh ? lines : concatBytes(utf8('\n'), lines);
      const offset = terminated && !fresh ? last.end + 1 : last.end;
      const { size } = await file.stat();
      if (size !== offset) await file.truncate(offset);
      await writeAll(file, bytes.subarray(bytes.length - lines.length - (terminated ? 0 : 1)), offset);
      await file.sync();
      if (fresh) await syncFolder(dirname(this.path));
      const reader = new LineReader(last, fresh);
      reader.push(bytes);
      const entry = reader.entries.at(-1)!;
      return { continued: true, records: [entry], bytes, start: last.end, end: entry.line.end };
    });
  }

  /** The digest of the log's bytes up to the end of a line; undefined if the log is shorter. */
  async digest({ end }: Line): Promise<Hash | undefined> {
    return withFile(this.path, constants.O_RDONLY, async (file) => {
      const hash = createHash('sha256');
      const piece = new Uint8Array(Math.min(end, PIECE));
      for (let offset = 0; offset < end; ) {
        const { bytesRead } = await file.read(piece, 0, Math.min(piece.length, end - offset), offset);
        if (bytesRead === 0) return undefined;
        hash.update(piece.subarray(0, bytesRead));
        offset += bytesRead;
      }
      return hash;
    });
  }

  private firstLines(record: string): Uint8Array {
    const header = new LineReader();
    const first = encodeLine(headerOf(this.log), NO_LINE.after);
    header.push(first);
    return concatBytes(first, encodeLine(record, header.last.after));
  }

  private async readTail(file: FileHandle, after: Line | undefined): Promise<WholeTail> {
    const start = after?.start ?? 0;
    const bytes = await readBytes(file, start, (await file.stat()).size);
    const length = after === undefined ? 0 : after.end - start;
    if (after !== undefined && textOf(bytes.subarray(0, length), after) === undefined) {
      return { ...(await this.readTail(file, undefined)), continued: false };
    }
    const reader = new LineReader(after, after === undefined);
    for (let offset = length; offset < bytes.length; offset += PIECE) {
      if (offset > length) await nextTurn();
      reader.push(bytes.subarray(offset, offset + PIECE));
    }
    reader.finish();
    const { entries, last, terminated } = reader;
    const [first] = entries;
    if (after === undefined && first !== undefined && first.text !== headerOf(this.log)) throw corrupt();
    const records = after === undefined ? entries.slice(1) : entries;
    return { continued: true, records, bytes, start, end: last.end, last, terminated };
  }
}

/** The text of bytes that should be a line. */
function textOf(bytes: Uint8Array, { before, after }: Line): string | undefined {
  const decoded = decodeLine(bytes, before);
  return decoded?.after === after ? decoded.text : undefined;
}

/** Runs `work` with a file of mode 0600; undefined if there is none. */
async function withFile<Value>(
  path: string,
  flags: number,
  work: (file: FileHandle) => Promise<Value>,
): Promise<Value | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, flags, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && (flags & constants.O_CREAT) === 0) {
      return undefined;
    }
    throw error;
  }
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

/** The bytes from `start` to `end`, or to the end of the file. */
async function readBytes(file: FileHandle, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(end - start, 0));
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, start + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
