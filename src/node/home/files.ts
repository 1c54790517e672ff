import { randomBytes } from 'node:crypto';
import { link, lstat, open, unlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { usageError } from '../../cli/terminal/failure.ts';
import { fingerprint, importIdentity, type LocalIdentity, parsePublicJwk } from '../../documents/identity.ts';
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
  return parseJson(Buffer.from(await readBytes(path, what)).toString('utf8'), `${what} ${path}`);
}

/** A terms file. */
export async function readDraft(path: string): Promise<TermsDraft> {
  return parseDraft(await readJson(path, 'the terms file'));
}

/** A private key file; for one under a passphrase, that is asked for. */
export async function readIdentity(path: string, signal?: AbortSignal): Promise<LocalIdentity> {
  const file = await readJson(path, 'the key file');
  const { isLocked } = await import('../../documents/passphrase.ts');
  if (!isLocked(file)) return importIdentity(file);
  const { askToUnlock } = await import('../../cli/terminal/passphrase.ts');
  return askToUnlock(file, path, signal ?? new AbortController().signal);
}

/**
 * A public key from the command line: a file with a public JWK, the JWK itself, or a 43-character thumbprint. A private key
 * file is refused, so that nobody gets used to passing one around.
 */
export async function readKey(text: string): Promise<PublicJwk | string> {
  if (/^[A-Za-z0-9_-]{43}$/.test(text)) return text;
  if (text.trimStart().startsWith('{')) return parsePublicJwk(parseJson(text, 'the key'));
  return parsePublicJwk(await readJson(text, 'the key file'));
}

/** The thumbprint of what `readKey` gave. */
export async function thumbprintOf(key: PublicJwk | string): Promise<string> {
  return typeof key === 'string' ? key : fingerprint(key);
}

/** Throws `ERR_FILE` if a file is there already: checked before anything is done whose result it would take. */
export async function refuseExisting(path: string): Promise<void> {
  if (!(await isMissing(path))) throw existing(path);
}

/** A path for people: `~` for their home. */
export function shownPath(path: string): string {
  const home = `${homedir()}${sep}`;
  return path.startsWith(home) ? `~${sep}${path.slice(home.length)}` : path;
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
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw existing(path);
    throw fileError(`cannot write ${path} (${reason(cause)})`, cause);
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

function existing(path: string): InputError {
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

/** `HOST:PORT`, `[IPv6]:PORT`, or a port alone where a default host makes sense. */
export function parseAddress(text: string, flag: string, host?: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]:|([^:\s]+):|:?)(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  const named = match?.[1] ?? match?.[2] ?? host;
  if (match === null || port > 65_535 || named === undefined) {
    throw usageError(
      `${flag} ${text} is not HOST:PORT`,
      'write an address like 192.0.2.7:4466 or [::1]:4466',
    );
  }
  return { host: named, port };
}

/** A duration like `30s`, `10m`, `500ms` or plain seconds, in milliseconds. */
export function parseDuration(text: string, flag: string): number {
  const match = /^(\d{1,7}(?:\.\d{1,3})?)(ms|s|m|h)?$/.exec(text);
  const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[match?.[2] ?? 's']!;
  const milliseconds = Number(match?.[1]) * unit;
  if (match === null || milliseconds < 1 || milliseconds > 2 ** 31 - 1) {
    throw usageError(`${flag} ${text} is not a duration`, 'write one like 30s, 10m or 500ms');
  }
  return milliseconds;
}

/** A number of bits like `12` or `1.5`. */
export function parseBits(text: string): number {
  if (!/^\d{1,6}(?:\.\d{1,6})?$/.test(text)) {
    throw usageError(`--max-disclosure ${text} is not a number of bits`, 'write one like 12 or 1.5');
  }
  return Number(text);
}
