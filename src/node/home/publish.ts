import { randomBytes } from 'node:crypto';
import { type FileHandle, link, lstat, open, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { syncFolder } from '../folders.ts';
import { existing } from './file-errors.ts';

/** Milliseconds for which an empty file may belong to somebody who is about to fill it. */
const SETTLES = 100;

/** A new name in the folder of a file, which nobody looks for. */
export function temporaryBeside(path: string): string {
  return join(dirname(path), `.parley-${randomBytes(6).toString('hex')}`);
}

/** What is written to a file: at once, or as it comes. */
export type Content = Uint8Array | string | AsyncIterable<string>;

/** Writes all of a file to the disk, and closes it. */
export async function fill(file: FileHandle, bytes: Content): Promise<void> {
  try {
    await writeFile(file, bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Gives a finished file its name, whole, and never in the place of another file: only an empty one, which holds nothing, gives way. Throws InputError
 * `ERR_FILE` if the name is taken, and what the system says. The temporary name may be left.
 */
export async function publish(temporary: string, path: string): Promise<void> {
  if (!(await tryPublish(temporary, path))) {
    if (!(await clearEmpty(path)) || !(await tryPublish(temporary, path))) throw existing(path);
  }
  await syncFolder(dirname(path)).catch(() => undefined); // some file systems cannot
}

/** Whether the file got its name; false if that is taken. */
async function tryPublish(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
    return true;
  } catch (cause) {
    if (isTaken(cause)) return false;
  }
  // There are no hard links here (exFAT, SMB): an empty file takes the name first, and then the finished one its place.
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
 * Takes an empty file away, which is all that a process leaves under a name it has taken when it is killed. Whether there was one. A file that
 * somebody fills meanwhile gets its name back.
 */
export async function clearEmpty(path: string): Promise<boolean> {
  if (!(await isEmpty(path))) return false;
  await sleep(SETTLES);
  if (!(await isEmpty(path))) return false;
  const aside = temporaryBeside(path);
  await rename(path, aside);
  const empty = await isEmpty(aside);
  // What cannot go back keeps its other name.
  if (empty || (await tryPublish(aside, path))) await unlink(aside).catch(() => undefined);
  return empty;
}

/** Whether this is a file, and holds nothing. */
export async function isEmpty(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isFile() && found.size === 0,
    () => false,
  );
}

function isTaken(cause: unknown): boolean {
  return (cause as NodeJS.ErrnoException).code === 'EEXIST';
}
