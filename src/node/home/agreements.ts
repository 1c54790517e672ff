import { randomBytes } from 'node:crypto';
import { type FileHandle, link, lstat, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Reservation } from '../../desk/home.ts';
import { parseJson } from '../../documents/json.ts';
import { cannotWrite, existing, readBytes, writeNew } from './files.ts';

const MODE = 0o644;

/**
 * Takes a new file's name for an agreement: an empty file stands there until it is saved or given up. Throws InputError `ERR_FILE` if the name is
 * taken or cannot be written.
 */
export async function reserveFile(path: string): Promise<Reservation> {
  // Held open, so that no other file can get its number.
  const file = await create(path);
  let over = false;
  /** Lets go of the file; gives whether it still has its name. */
  const letGo = async () => {
    over = true;
    try {
      const [ours, there] = [await file.stat(), await lstat(path)];
      return ours.dev === there.dev && ours.ino === there.ino;
    } catch {
      return false;
    } finally {
      await file.close().catch(() => undefined);
    }
  };
  const release = async () => {
    if (!over && (await letGo())) await unlink(path).catch(() => undefined);
  };
  return {
    release,
    async save(agreement) {
      const temporary = temporaryBeside(path);
      try {
        await fill(await create(temporary), agreement);
        if (!(await letGo())) throw existing(path);
        await rename(temporary, path);
        return path;
      } catch (error) {
        await unlink(temporary).catch(() => undefined);
        await release();
        throw cannotWrite(path, error);
      }
    },
  };
}

/**
 * Makes sure that an agreement can be saved in a folder: an empty file of no name that anybody looks for stands there until it is. The name is
 * made of the agreement's first signature, and a file of the same content may have it already: both sides may work in one folder.
 */
export async function reserveInFolder(folder: string): Promise<Reservation> {
  const placeholder = temporaryBeside(join(folder, 'agreement'));
  await (await create(placeholder)).close();
  const release = () => unlink(placeholder).catch(() => undefined);
  return {
    release,
    async save(agreement) {
      const path = join(folder, `agreement-${shortName(firstSignature(agreement))}.json`);
      try {
        await fill(await open(placeholder, 'r+'), agreement);
        await link(placeholder, path).catch(async (cause: NodeJS.ErrnoException) => {
          const there = await readBytes(path, 'the agreement').catch(() => undefined);
          if (there === undefined || !Buffer.from(there).equals(agreement)) throw cause;
        });
        return path;
      } catch (error) {
        throw cannotWrite(path, error);
      } finally {
        await release();
      }
    },
  };
}

/** Saves an engagement beside the agreement that there is none of, or in the working folder. */
export async function keepEngagementBeside(
  agreement: string | undefined,
  engagement: string,
): Promise<string> {
  const path =
    agreement === undefined
      ? `engagement-${shortName(engagement.slice(-48))}.json`
      : `${agreement}.engagement`;
  await writeNew(path, engagement, MODE);
  return path;
}

async function create(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', MODE);
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

/** Writes all of a file to the disk, and closes it. */
async function fill(file: FileHandle, bytes: Uint8Array): Promise<void> {
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

function temporaryBeside(path: string): string {
  return join(dirname(path), `.parley-${randomBytes(6).toString('hex')}`);
}

function firstSignature(agreement: Uint8Array): string {
  const { signatures } = parseJson(agreement, 'the agreement') as {
    signatures: { signature: string }[];
  };
  return signatures[0]!.signature;
}

function shortName(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 8);
}
