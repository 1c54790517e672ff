import { access, constants, lstat, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parsePublicJwk } from '../../documents/identity.ts';
import { MAX_JSON_LENGTH, parseJson } from '../../documents/json.ts';
import { type PublicJwk, parseDraft, type TermsDraft } from '../../documents/terms.ts';
import { InputError } from '../../errors.ts';
import { makeFolder } from '../folders.ts';
import { cannotRead, cannotWrite, existing, reasonOf } from './file-errors.ts';
import { type Content, fill, publish, temporaryBeside } from './publish.ts';

/** A file's bytes. Throws InputError `ERR_FILE` naming the file and why. */
export async function readBytes(path: string, what: string): Promise<Uint8Array> {
  let file: Awaited<ReturnType<typeof open>> | undefined;
  try {
    file = await open(path, 'r');
    const { size } = await file.stat();
    if (size > 4 * MAX_JSON_LENGTH) throw Object.assign(new Error(), { code: 'EFBIG' });
    return await file.readFile();
  } catch (cause) {
    throw cannotRead(what, path, cause);
  } finally {
    await file?.close();
  }
}

/** A file that holds one JSON document, read strictly. */
export async function readJson(path: string, what: string): Promise<unknown> {
  return parseJson(await readBytes(path, what), `${what} ${path}`);
}

/** A terms file. */
export async function readDraft(path: string): Promise<TermsDraft> {
  return parseDraft(await readJson(path, 'the terms file'));
}

/**
 * A public key as people name one: a file with a public JWK, the JWK itself, or a 43-character thumbprint. A private key
 * file is refused, so that nobody gets used to passing one around.
 */
export async function readKey(text: string): Promise<PublicJwk | string> {
  if (/^[A-Za-z0-9_-]{43}$/.test(text)) return text;
  if (text.trimStart().startsWith('{')) return parsePublicJwk(parseJson(text, 'the key'));
  return parsePublicJwk(await readJson(text, 'the key file'));
}

/** Throws `ERR_FILE` if no new file of this name can be made. Called before the work whose result the file is to hold. */
export async function refuseExisting(path: string): Promise<void> {
  if (!(await isMissing(path))) throw existing(path);
  await access(dirname(path), constants.W_OK).catch((cause: unknown) => {
    throw cannotWrite(path, cause);
  });
}

/** Whether there is nothing under this name, or only an empty file, as a writer that was killed leaves it. */
export function isMissing(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isFile() && found.size === 0,
    (cause: NodeJS.ErrnoException) => cause.code === 'ENOENT',
  );
}

/** Writes a new file whole or not at all, and never over another one. Throws InputError `ERR_FILE`. */
export async function writeNew(path: string, bytes: Content, mode: number): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await fill(await open(temporary, 'wx', mode), bytes);
    await publish(temporary, path);
  } catch (cause) {
    throw cannotWrite(path, cause);
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

/** Makes a folder of the person's own. Throws InputError `ERR_FILE`. */
export async function makeHomeFolder(path: string): Promise<void> {
  try {
    await makeFolder(path);
  } catch (cause) {
    throw new InputError('ERR_FILE', `cannot make the folder ${path} (${reasonOf(cause)})`, {
      hint: 'set PARLEY_HOME to a folder that can be written',
      cause,
    });
  }
}
