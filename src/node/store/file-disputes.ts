import { open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fromHex, toHex } from '../../crypto/encoding.ts';
import type { DisputeStore, KeptDispute } from '../../ledger/disputes.ts';
import { makeFolder, syncFolder } from '../folders.ts';
import { cannotRead, cannotWrite } from '../home/file-errors.ts';
import { fill, temporaryBeside } from '../home/publish.ts';

const ENDING = '.dispute.json';
const NAME = /^[0-9a-f]{64}\.dispute\.json$/;

/** The file of a session's dispute in a folder. */
export function disputeFile(folder: string, session: Uint8Array): string {
  return join(resolve(folder), `${toHex(session)}${ENDING}`);
}

/** The files of all disputes in a folder. None where there is no folder. Throws InputError `ERR_FILE`. */
export async function disputeFiles(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw cannotRead('the folder', folder, cause);
  });
  return files.filter((file) => NAME.test(file)).map((file) => join(resolve(folder), file));
}

/**
 * Disputes in a folder: `<session>.dispute.json`, mode 0600. A file is written and flushed under a temporary name, then takes the place of what was there. Throws
 * InputError `ERR_FILE`.
 */
export function fileDisputes(folder: string): DisputeStore {
  return {
    async keep(session, document) {
      const path = disputeFile(folder, session);
      const temporary = temporaryBeside(path);
      try {
        await makeFolder(resolve(folder));
        await fill(await open(temporary, 'wx', 0o600), document);
        await rename(temporary, path);
        await syncFolder(resolve(folder));
      } catch (cause) {
        await unlink(temporary).catch(() => undefined);
        throw cannotWrite(path, cause);
      }
    },
    async remove(session) {
      const path = disputeFile(folder, session);
      await unlink(path).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code !== 'ENOENT') throw cannotWrite(path, cause);
      });
    },
    async list() {
      const kept: KeptDispute[] = [];
      for (const path of await disputeFiles(folder)) {
        const session = fromHex(basename(path, ENDING));
        try {
          kept.push({ session, document: await readFile(path) });
        } catch (cause) {
          if ((cause as NodeJS.ErrnoException).code === 'ENOENT') continue; // over since the folder was read
          kept.push({ session, document: undefined });
        }
      }
      return kept;
    },
    place: (session) => disputeFile(folder, session),
  };
}
