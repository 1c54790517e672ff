import { type FileHandle, lstat, open, rename, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { platform } from '#platform';
import { toHex } from '../../crypto/encoding.ts';
import type { Reservation } from '../../desk/home.ts';
import { type Agreement, agreementName, shortName } from '../../documents/agreement.ts';
import { parseJson } from '../../documents/json.ts';
import { MAX_JWS_LENGTH } from '../../documents/jws.ts';
import type { ParleyError } from '../../errors.ts';
import { syncFolder } from '../folders.ts';
import { cannotWrite, existing } from './file-errors.ts';
import { isMissing, readBytes, writeNew } from './files.ts';
import { clearEmpty, fill, temporaryBeside } from './publish.ts';

const MODE = 0o644;
/** Bytes that must be free on the disk before anything is sent. An agreement has a few thousand. */
const ROOM = 1 << 16;
/** Names that this process holds. */
const held = new Set<string>();

/**
 * Takes a new file's name for an agreement: an empty file holds the name until the agreement is saved or the place is given up. If a process is killed,
 * the next one takes over its empty file. Throws InputError `ERR_FILE` if the name is taken, or there is no room.
 */
export async function reserveFile(path: string): Promise<Reservation> {
  const name = resolve(path);
  if (held.has(name)) throw existing(path);
  held.add(name);
  // Held open, so that no other file can get its number.
  let file: FileHandle;
  try {
    file = await take(path);
  } catch (cause) {
    held.delete(name);
    throw cannotWrite(path, cause);
  }
  let over = false;
  /** Closes the file. Returns whether it still has its name. */
  const letGo = async () => {
    over = true;
    held.delete(name);
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
        await fill(await open(temporary, 'wx', MODE), agreement);
        if (!(await letGo())) throw existing(path);
        await rename(temporary, path);
      } catch (error) {
        await unlink(temporary).catch(() => undefined);
        await release();
        throw cannotWrite(path, error);
      }
      await syncFolder(dirname(path)).catch(() => undefined);
      return path;
    },
  };
}

/**
 * Makes sure that an agreement can be saved in a folder, and leaves nothing there until then. The file is named after the agreement. A file with the
 * same content may have that name already, since both sides may work in one folder. Throws InputError `ERR_FILE`.
 */
export async function reserveInFolder(folder: string): Promise<Reservation> {
  const probe = join(folder, 'agreement.json');
  try {
    await requireRoom(probe);
  } catch (cause) {
    throw cannotWrite(probe, cause);
  }
  return {
    release: async () => undefined,
    async save(agreement) {
      const path = join(folder, `agreement-${nameOf(agreement)}.json`);
      await writeSame(path, agreement);
      return path;
    },
  };
}

/** Saves an engagement beside the place of the agreement that did not come about, or in the working folder. */
export async function keepEngagementBeside(
  agreement: string | undefined,
  engagement: string,
  delegation?: ParleyError['delegation'],
): Promise<string> {
  const name = shortName(engagement.slice(-48));
  const first = agreement === undefined ? `engagement-${name}.json` : `${agreement}.engagement`;
  // An engagement of an earlier session may have that name.
  const path = agreement !== undefined && !(await isMissing(first)) ? `${first}-${name}` : first;
  await writeNew(path, engagement, MODE);
  for (const [kind, document] of Object.entries(delegation ?? {}))
    await writeNew(`${path}.${kind}`, document, MODE);
  return path;
}

/** Saves a proved outcome in the same way. The same one may be there already. */
export async function keepOutcomeBeside(agreement: string | undefined, proof: Uint8Array): Promise<string> {
  const name = toHex(platform.sha256(proof)).slice(0, 12);
  const path = agreement === undefined ? `outcome-${name}.json` : `${agreement}.outcome-${name}.json`;
  await writeSame(path, proof);
  return path;
}

/** Writes a new file, unless there is one with the same content. Throws InputError `ERR_FILE`. */
export async function writeSame(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeNew(path, bytes, MODE);
  } catch (cause) {
    const there = await readBytes(path, 'the file').catch(() => undefined);
    if (there === undefined || !Buffer.from(there).equals(bytes)) throw cause;
  }
}

/** An empty file of a new name, in a folder with room. */
async function take(path: string): Promise<FileHandle> {
  await clearEmpty(path);
  const file = await open(path, 'wx', MODE);
  try {
    await requireRoom(path);
    return file;
  } catch (cause) {
    await file.close();
    await unlink(path).catch(() => undefined);
    throw cause;
  }
}

/** Makes sure that there is room beside a file. */
async function requireRoom(path: string): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await fill(await open(temporary, 'wx', MODE), new Uint8Array(ROOM));
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

function nameOf(agreement: Uint8Array): string {
  return agreementName(parseJson(agreement, 'the agreement', MAX_JWS_LENGTH) as Agreement);
}
