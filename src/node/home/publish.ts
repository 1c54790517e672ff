import { randomBytes } from 'node:crypto';
import { type FileHandle, link, lstat, open, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { syncFolder } from '../folders.ts';
import { existing } from './file-errors.ts';

/** Milliseconds for which an empty file may belong to a process that is about to fill it. */
const SETTLES = 100;

/** A new temporary name in the folder of a file. */
export function temporaryBeside(path: string): string {
  return join(dirname(path), `.parley-${randomBytes(6).toString('hex')}`);
}

/** The content of a file: all at once, or piece by piece. */
export type Content = Uint8Array | string | AsyncIterable<string>;

/** Writes all of a file, flushes it to the disk, and closes it. */
export async function fill(file: FileHandle, bytes: Content): Promise<void> {
  try {
    await writeFile(file, bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Gives a finished file its name, in one step. It never replaces another file, unless that one is empty. Throws InputError
 * `ERR_FILE` if the name is taken, and errors of the system. The temporary name may be left.
 */
export async function publish(temporary: string, path: string): Promise<void> {
  if (!(await tryPublish(temporary, path))) {
    if (!(await clearEmpty(path)) || !(await tryPublish(temporary, path))) throw existing(path);
  }
  await syncFolder(dirname(path)).catch(() => undefined); // some file systems cannot sync a folder
}

/** Whether the file got its name; false if the name is taken. */
async function tryPublish(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
    return true;
  } catch (cause) {
    if (isTaken(cause)) return false;
  }
  // Without hard links (exFAT, SMB), an empty file takes the name first, and the finished file then replaces it.
  try {
    await (await open(path, 'wx')).close();
  } catch (cause) {
    if (isTaken(cause)) return false;
    throw cause;
  }
  try {
    await rename(temporary, path);
  } catch (cause) {
    await unlink(path).catch(() => undefined);
    throw cause;
  }
  return true;
}

/**
 * Removes an empty file: a process that is killed leaves one under the name that it had taken. Returns whether there was one. A file that
 * somebody fills meanwhile gets its name back.
 */
export async function clearEmpty(path: string): Promise<boolean> {
  if (!(await isEmpty(path))) return false;
  await sleep(SETTLES);
  if (!(await isEmpty(path))) return false;
  const aside = temporaryBeside(path);
  await rename(path, aside);
  const empty = await isEmpty(aside);
  // A file that cannot get its name back keeps the temporary one.
  if (empty || (await tryPublish(aside, path))) await unlink(aside).catch(() => undefined);
  return empty;
}

/** Whether this is an empty file. */
export async function isEmpty(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isFile() && found.size === 0,
    () => false,
  );
}

function isTaken(cause: unknown): boolean {
  return (cause as NodeJS.ErrnoException).code === 'EEXIST';
}
