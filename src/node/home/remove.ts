import { lstat, mkdtemp, readdir, readlink, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { InputError, ParleyError } from '../../errors.ts';
import type { HomeFile } from './backup/archive.ts';
import { cannotRead, cannotWrite } from './file-errors.ts';
import { refuseInUse } from './in-use.ts';

/** The names that Parley uses in a home's own folder. Anything else there is not Parley's. */
const OWN = /^(?:identity\.json(?:\.seal|\.ledger)?|peers|\.parley-.*)$/;

/** What removing a home would delete, and what it would leave. */
export interface Removal {
  readonly files: readonly HomeFile[];
  /** Names in the folder that are not Parley's. */
  readonly left: readonly string[];
  /** The targets of links in the home. They are not deleted. */
  readonly linked: readonly string[];
}

/** Throws InputError `ERR_FILE` if there is no home. */
export async function whatToRemove(folder: string): Promise<Removal> {
  const entries = await readdir(folder).catch((cause: unknown) => {
    throw cannotRead('the folder', folder, cause);
  });
  const left = entries.filter((entry) => !OWN.test(entry));
  if (left.length === entries.length) {
    throw new InputError('ERR_FILE', `there is no home of Parley in ${folder}`, {
      hint: 'check PARLEY_HOME',
    });
  }
  const found: Found = { files: [], linked: [] };
  try {
    for (const entry of entries.filter((one) => OWN.test(one))) await look(folder, entry, found);
  } catch (cause) {
    throw cannotRead('the folder', folder, cause);
  }
  return { ...found, left };
}

interface Found {
  readonly files: HomeFile[];
  readonly linked: string[];
}

/** Lists everything below a name in a folder. Links are not followed. */
async function look(folder: string, name: string, found: Found): Promise<void> {
  const path = join(folder, name);
  const there = await lstat(path);
  if (there.isSymbolicLink()) found.linked.push(resolve(dirname(path), await readlink(path)));
  else if (there.isFile()) found.files.push({ name, size: there.size, time: there.mtimeMs });
  else if (there.isDirectory()) {
    for (const entry of (await readdir(path)).sort()) await look(folder, `${name}/${entry}`, found);
  }
}

/**
 * Removes what Parley keeps in a home, and the folder if nothing else is in it. Throws InputError `ERR_FILE`, and LedgerError `ERR_SESSION_BUSY`
 * if a session is under way.
 */
export async function removeHome(folder: string): Promise<Removal> {
  const removal = await whatToRemove(folder);
  await refuseInUse(folder, removal.files);
  try {
    // Everything is moved away before anything is deleted, so that half a home is never used.
    const away = await mkdtemp(join(folder, '.parley-removed-'));
    const entries = (await readdir(folder)).filter(
      (entry) => OWN.test(entry) && join(folder, entry) !== away,
    );
    const moved: string[] = [];
    try {
      for (const entry of entries) {
        await rename(join(folder, entry), join(away, entry));
        moved.push(entry);
      }
      // A session that has begun meanwhile holds a lock in a moved ledger, or in a new one.
      for (const place of [away, folder]) await refuseInUse(place, removal.files);
    } catch (cause) {
      for (const entry of moved) await rename(join(away, entry), join(folder, entry));
      await rmdir(away);
      throw cause;
    }
    await rm(away, { recursive: true, force: true });
    if (removal.left.length === 0) await rmdir(folder).catch(() => undefined); // a mount point stays
    return removal;
  } catch (cause) {
    throw cause instanceof ParleyError ? cause : cannotWrite(folder, cause);
  }
}
