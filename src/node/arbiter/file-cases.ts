import { link, open, readFile, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { CaseStore } from '../../arbiter/store.ts';
import { InputError } from '../../errors.ts';
import { makeFolder, syncFolder } from '../folders.ts';
import { cannotWrite } from '../home/file-errors.ts';
import { fill, temporaryBeside } from '../home/publish.ts';

const NAME = /^[0-9a-f]{64}$/;

/**
 * The records of an arbiter in a folder: `<case>.json`, mode 0600, one file a case, for any number of processes on one machine. A record is written and
 * flushed under a temporary name, and then gets its own by a hard link, which fails if the name is taken. So a process that dies at any instruction leaves a whole
 * record or none; what is left under a temporary name counts for nothing. Throws InputError `ERR_FILE`.
 */
export async function fileCases(folder: string): Promise<CaseStore> {
  const place = resolve(folder);
  try {
    await makeFolder(place);
    // A folder that is lost in a crash takes its records with it. Where the one above cannot be read, this one is not new.
    await syncFolder(dirname(place)).catch(() => undefined);
    await requireLinks(place);
  } catch (cause) {
    throw cannotWrite(place, cause);
  }
  const pathOf = (name: string) => {
    if (!NAME.test(name)) throw new RangeError('a case is named by 64 hexadecimal digits');
    return join(place, `${name}.json`);
  };
  return {
    async get(name) {
      const record = await readFile(pathOf(name)).catch(ifMissing);
      // Another process may have made the name a moment ago: whoever gets the record must find it again after a crash.
      if (record !== undefined) await syncFolder(place);
      return record;
    },
    async create(name, record) {
      const path = pathOf(name);
      const temporary = temporaryBeside(path);
      try {
        await fill(await open(temporary, 'wx', 0o600), record);
        if (!(await take(temporary, path))) return false;
        await syncFolder(place);
        return true;
      } finally {
        await unlink(temporary).catch(() => undefined);
      }
    },
  };
}

/** Gives a file a further name. Returns false if the name is taken. */
async function take(file: string, name: string): Promise<boolean> {
  try {
    await link(file, name);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cause;
  }
}

/** Throws InputError `ERR_FILE` on a file system without hard links: nothing else there takes a name once and with its whole content. */
async function requireLinks(folder: string): Promise<void> {
  const [file, name] = [temporaryBeside(join(folder, 'x')), temporaryBeside(join(folder, 'x'))];
  await fill(await open(file, 'wx', 0o600), '');
  try {
    await link(file, name);
  } catch (cause) {
    throw new InputError('ERR_FILE', `the file system of ${folder} has no hard links`, {
      hint: 'keep the records of cases on another one',
      cause,
    });
  } finally {
    for (const path of [file, name]) await unlink(path).catch(() => undefined);
  }
}

function ifMissing(cause: NodeJS.ErrnoException): undefined {
  if (cause.code !== 'ENOENT') throw cause;
}
