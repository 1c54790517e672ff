import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { utf8 } from '../../../crypto/encoding.ts';
import { parseJson } from '../../../documents/json.ts';
import { InputError } from '../../../errors.ts';
import { exactMembers } from '../../../paillier/json.ts';
import { makeFolder, syncFolder } from '../../folders.ts';
import { cannotRead } from '../file-errors.ts';
import { ByteQueue } from './byte-queue.ts';
import { invalid } from './parts.ts';

/** A file of a home: its path from the home's folder, with slashes. */
export interface HomeFile {
  readonly name: string;
  readonly size: number;
  /** When it was last written. */
  readonly time: number;
}

/** What an archive holds. */
export interface Contents {
  /** When it was made, in UTC, as documents write times. */
  readonly made: string;
  readonly files: number;
  /** The size of all files together. */
  readonly bytes: number;
}

/** The longest line between files, in bytes. */
const MAX_LINE = 8_192;
const MAX_DEPTH = 8;
/** Unfinished files, and snapshots, which the ledger makes anew. */
const LEFT_OUT = /^\.parley-|\.snapshot(?:\.new)?$/;
/** A part of a path that is a plain name on every system. */
const NAME = /^(?!\.{1,2}$)[^/\\:\p{Cc}]{1,255}$/u;

/** When it was made, as documents write times. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/**
 * The files of a home to back up, by name; links are followed. Sockets and the like are left out. Throws InputError `ERR_FILE`, also for folders
 * that are too deep to be restored.
 */
export async function listFiles(folder: string, below = '', depth = 0): Promise<HomeFile[]> {
  const found: HomeFile[] = [];
  const here = join(folder, below);
  try {
    for (const entry of (await readdir(here)).sort()) {
      if (LEFT_OUT.test(entry)) continue;
      const name = below === '' ? entry : `${below}/${entry}`;
      const there = await stat(join(folder, name));
      if (there.isFile()) found.push({ name, size: there.size, time: there.mtimeMs });
      else if (there.isDirectory()) {
        if (depth === MAX_DEPTH) throw tooDeep(join(folder, name));
        found.push(...(await listFiles(folder, name, depth + 1)));
      }
    }
  } catch (cause) {
    throw cannotRead('the folder', here, cause);
  }
  return found;
}

/** Throws InputError `ERR_FILE` if a file has a name under which it could not be restored. */
export function requireNames(files: readonly HomeFile[]): void {
  const odd = files.find(({ name }) => !isPath(name));
  if (odd === undefined) return;
  throw new InputError('ERR_FILE', `${JSON.stringify(odd.name)} is no file name on every system`, {
    hint: 'rename it, or move it out of the home',
  });
}

function tooDeep(path: string): InputError {
  return new InputError('ERR_FILE', `${path} is more than ${MAX_DEPTH} folders deep in the home`, {
    hint: 'move it out of the home, or remove the link that leads back',
  });
}

/** The bytes of an archive: each file, in the length that it had when it was listed, with its digest; then the number of files. */
export async function* pack(
  folder: string,
  files: readonly HomeFile[],
  made: string,
): AsyncGenerator<Uint8Array> {
  yield line({ parley: 1, made });
  let bytes = 0;
  for (const { name, size } of files) {
    yield line({ file: name, size });
    const hash = createHash('sha256');
    try {
      for await (const chunk of size === 0 ? [] : createReadStream(join(folder, name), { end: size - 1 })) {
        hash.update(chunk as Uint8Array);
        yield chunk as Uint8Array;
      }
    } catch (cause) {
      throw cannotRead('the file', join(folder, name), cause);
    }
    yield line({ sha256: hash.digest('hex') });
    bytes += size;
  }
  yield line({ files: files.length, bytes });
}

/** Writes the files of an archive into a folder of their own, to the disk. Throws InputError `ERR_BACKUP_INVALID`. */
export async function unpack(archive: AsyncIterable<Uint8Array>, folder: string): Promise<Contents> {
  const queue = new ByteQueue(archive, invalid);
  const nextLine = async () => parseJson(await queue.line(MAX_LINE), 'the backup') as Record<string, unknown>;
  const header = exactMembers(await nextLine(), 'parley', 'made');
  const { parley, made } = header ?? {};
  if (parley !== 1 || typeof made !== 'string' || !TIME.test(made)) throw invalid();
  const folders = new Set([folder]);
  let [files, bytes] = [0, 0];
  for (;;) {
    const next = await nextLine();
    const end = exactMembers(next, 'files', 'bytes');
    if (end !== undefined) {
      if (end.files !== files || end.bytes !== bytes || !(await queue.isEmpty())) throw invalid();
      break;
    }
    const { file, size } = exactMembers(next, 'file', 'size') ?? {};
    if (!isPath(file) || !Number.isSafeInteger(size) || (size as number) < 0) throw invalid();
    const path = join(folder, ...file.split('/'));
    await makeFolder(dirname(path));
    folders.add(dirname(path));
    const digest = await writeFrom(queue, path, size as number);
    if (exactMembers(await nextLine(), 'sha256')?.sha256 !== digest) throw invalid();
    files += 1;
    bytes += size as number;
  }
  for (const one of folders) await syncFolder(one);
  return { made, files, bytes };
}

/** Writes `size` bytes to a new file. Returns their SHA-256, in hexadecimal digits. */
async function writeFrom(queue: ByteQueue, path: string, size: number): Promise<string> {
  const hash = createHash('sha256');
  const file: FileHandle = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of queue.bytes(size)) {
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

/** Whether this is a path that cannot lead out of its folder. */
function isPath(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  const parts = value.split('/');
  return parts.length <= MAX_DEPTH + 1 && parts.every((part) => NAME.test(part));
}

function line(value: object): Uint8Array {
  return utf8(`${JSON.stringify(value)}\n`);
}
