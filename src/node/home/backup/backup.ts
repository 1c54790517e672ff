import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, realpath, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import type { Restoration } from '../../../desk/home.ts';
import { formatTime } from '../../../documents/terms.ts';
import { InputError, ParleyError } from '../../../errors.ts';
import { makeFolder, syncFolder } from '../../folders.ts';
import { cannotRead, cannotWrite } from '../file-errors.ts';
import { writeNew } from '../files.ts';
import { refuseInUse } from '../in-use.ts';
import { type Contents, listFiles, pack, requireNames, unpack } from './archive.ts';
import { ByteQueue } from './byte-queue.ts';
import { invalid, lockParts, MAX_LINE, openParts } from './parts.ts';
import { noteRestored } from './restored.ts';

/** What was restored. `leftovers` are folders beside the home, of other restores that are under way or were killed. */
export type Restored = Contents & Restoration & { readonly leftovers: readonly string[] };

/** The beginning of the temporary name of the folder that becomes the home. */
const BESIDE = '.parley-restore-';
/** The log of a peer in a ledger. */
const LOG = /(?:^|\/)[0-9a-f]{64}\.log$/;

/**
 * Writes all of a home into one new file under a passphrase (README.md). Throws InputError `ERR_FILE`, `ERR_USAGE`, `ERR_PASSPHRASE`, and
 * LedgerError `ERR_SESSION_BUSY` if a session is under way or the home changes meanwhile. If `signal` fires, no file is left.
 */
export async function backUp(
  folder: string,
  path: string,
  passphrase: string,
  signal?: AbortSignal,
): Promise<Contents> {
  const home = await realpath(folder).catch((cause: unknown) => {
    throw cannotRead('the folder', folder, cause);
  });
  const target = await realpath(dirname(resolve(path))).catch(() => dirname(resolve(path)));
  if (`${target}${sep}`.startsWith(`${home}${sep}`)) {
    throw new InputError('ERR_USAGE', 'a backup in the home itself would be lost with it', {
      hint: 'name a file elsewhere, best on another disk',
    });
  }
  const files = await listFiles(home);
  if (files.length === 0) {
    throw new InputError('ERR_FILE', `there is nothing in ${folder} to back up`, {
      hint: 'check PARLEY_HOME',
    });
  }
  requireNames(files);
  await refuseInUse(home, files);
  const made = formatTime(Date.now());
  const text = async function* () {
    for await (const line of lockParts(pack(home, files, made), passphrase)) {
      signal?.throwIfAborted();
      yield `${line}\n`;
    }
    await refuseInUse(home, files, await listFiles(home));
  };
  await writeNew(path, text(), 0o600);
  return { made, files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

/** Throws InputError `ERR_FILE` unless the folder is missing or empty. */
export async function refuseHome(folder: string): Promise<void> {
  const files = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw cannotRead('the folder', folder, cause);
  });
  if (files.length > 0) throw occupied(folder);
}

/**
 * Restores a backup where there is no home yet: all of it or, also if `signal` fires, nothing. Throws InputError `ERR_FILE`, `ERR_PASSPHRASE`,
 * `ERR_BACKUP_INVALID`.
 */
export async function restore(
  path: string,
  folder: string,
  passphrase: string,
  signal?: AbortSignal,
): Promise<Restored> {
  await refuseHome(folder);
  const home = await realpath(folder).catch(() => resolve(folder));
  let beside: string | undefined;
  try {
    await makeFolder(dirname(home));
    const leftovers = (await readdir(dirname(home)).catch(() => []))
      .filter((entry) => entry.startsWith(BESIDE))
      .map((entry) => join(dirname(home), entry));
    beside = await mkdtemp(join(dirname(home), BESIDE));
    const contents = await unpack(openParts(linesOf(path, signal), passphrase), beside);
    const restored = formatTime(Date.now());
    for (const ledger of await ledgersIn(beside)) await noteRestored(ledger, { ...contents, restored });
    signal?.throwIfAborted();
    await takePlace(beside, home);
    return { ...contents, restored, leftovers };
  } catch (cause) {
    if (beside !== undefined) await rm(beside, { recursive: true, force: true }).catch(() => undefined);
    throw cause instanceof ParleyError ? cause : cannotWrite(folder, cause);
  }
}

/** The folders of ledgers in a home: those with logs of peers, whatever they are called. */
async function ledgersIn(home: string): Promise<Set<string>> {
  const logs = (await listFiles(home)).filter(({ name }) => LOG.test(name));
  return new Set(logs.map(({ name }) => join(home, dirname(name))));
}

/** Moves a complete folder to a name that is free or an empty folder's. */
async function takePlace(whole: string, home: string): Promise<void> {
  try {
    await rmdir(home);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw await whyTaken(home, cause);
  }
  try {
    await rename(whole, home);
  } catch (cause) {
    throw await whyTaken(home, cause);
  }
  await syncFolder(dirname(home));
}

async function whyTaken(home: string, cause: unknown): Promise<unknown> {
  return (await readdir(home).catch(() => [])).length > 0 ? occupied(home) : cause;
}

function occupied(folder: string): InputError {
  return new InputError('ERR_FILE', `${folder} is not empty, and a home is never overwritten`, {
    hint: 'move it away, or name another folder with PARLEY_HOME',
  });
}

/** The lines of a backup file, up to the longest length. */
async function* linesOf(path: string, signal: AbortSignal | undefined): AsyncGenerator<string> {
  const queue = new ByteQueue(chunksOf(path), invalid);
  while (!(await queue.isEmpty())) {
    signal?.throwIfAborted();
    yield Buffer.from(await queue.line(MAX_LINE)).toString('latin1');
  }
}

async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Uint8Array;
  } catch (cause) {
    throw cannotRead('the backup', path, cause);
  }
}
