import { randomBytes } from 'node:crypto';
import { link, lstat, open, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parsePublicJwk } from '../../documents/identity.ts';
import { MAX_JSON_LENGTH, parseJson } from '../../documents/json.ts';
import { type PublicJwk, parseDraft, type TermsDraft } from '../../documents/terms.ts';
import { InputError } from '../../errors.ts';

/** A file's bytes. Throws InputError `ERR_FILE` naming the file and why. */
export async function readBytes(path: string, what: string): Promise<Uint8Array> {
  let file: Awaited<ReturnType<typeof open>> | undefined;
  try {
    file = await open(path, 'r');
    const { size } = await file.stat();
    if (size > 4 * MAX_JSON_LENGTH) throw Object.assign(new Error(), { code: 'EFBIG' });
    return await file.readFile();
  } catch (cause) {
    throw fileError(`cannot read ${what} ${path} (${reason(cause)})`, cause);
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

/** Throws `ERR_FILE` if a file is there already: checked before anything is done whose result it would take. */
export async function refuseExisting(path: string): Promise<void> {
  if (!(await isMissing(path))) throw existing(path);
}

/** Whether there is nothing at all under this name. */
export function isMissing(path: string): Promise<boolean> {
  return lstat(path).then(
    () => false,
    (cause: NodeJS.ErrnoException) => cause.code === 'ENOENT',
  );
}

/**
 * Writes a new file whole or not at all: a temporary file beside it is written, flushed and linked to its name, which
 * fails if that name is taken. Throws InputError `ERR_FILE`.
 */
export async function writeNew(path: string, bytes: Uint8Array | string, mode: number): Promise<void> {
  const temporary = join(dirname(path), `.parley-${randomBytes(6).toString('hex')}`);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(temporary, path);
  } catch (cause) {
    throw cannotWrite(path, cause);
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

/** What it means that a file could not be written; an InputError stays what it is. */
export function cannotWrite(path: string, cause: unknown): InputError {
  if (cause instanceof InputError) return cause;
  if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return existing(path);
  return fileError(`cannot write ${path} (${reason(cause)})`, cause);
}

export function existing(path: string): InputError {
  return new InputError('ERR_FILE', `${path} exists and is never overwritten`, {
    hint: 'choose another name, or move the file away',
  });
}

function fileError(message: string, cause: unknown): InputError {
  return new InputError('ERR_FILE', message, { hint: 'check the path and its permissions', cause });
}

function reason(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'no such file or directory';
  if (code === 'EACCES' || code === 'EPERM') return 'not permitted';
  if (code === 'EISDIR') return 'it is a directory';
  if (code === 'EFBIG') return 'too large';
  return code ?? 'unknown cause';
}
