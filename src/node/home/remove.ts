import { mkdtemp, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, ParleyError } from '../../errors.ts';
import { type HomeFile, listFiles } from './backup/archive.ts';
import { cannotRead, cannotWrite } from './file-errors.ts';
import { refuseInUse } from './in-use.ts';

/** What Parley keeps in a home's own folder. Whatever else is there is somebody else's. */
const OWN = /^(?:identity\.json(?:\.seal|\.ledger)?|peers|\.parley-.*)$/;

/** What removing a home would take away, and what it would leave. */
export interface Removal {
  readonly files: readonly HomeFile[];
  /** Names in its folder that are not Parley's. */
  readonly left: readonly string[];
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
  const files = (await listFiles(folder)).filter(({ name }) => OWN.test(name.split('/')[0]!));
  return { files, left };
}

/**
 * Removes what Parley keeps in a home, and the folder if nothing else is in it. Throws InputError `ERR_FILE`, and LedgerError `ERR_SESSION_BUSY`
 * if a session is under way.
 */
export async function removeHome(folder: string): Promise<Removal> {
  const removal = await whatToRemove(folder);
  await refuseInUse(folder, removal.files);
  try {
    // All of it leaves its place before any of it is deleted, so that half a home is never used.
    const away = await mkdtemp(join(folder, '.parley-removed-'));
    for (const entry of await readdir(folder)) {
      if (OWN.test(entry) && join(folder, entry) !== away)
        await rename(join(folder, entry), join(away, entry));
    }
    await rm(away, { recursive: true, force: true });
    if (removal.left.length === 0) await rmdir(folder).catch(() => undefined); // a mount point stays
    return removal;
  } catch (cause) {
    throw cause instanceof ParleyError ? cause : cannotWrite(folder, cause);
  }
}
