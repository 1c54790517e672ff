import { InputError, ParleyError } from '../../errors.ts';

/** The error for a file that could not be read. Parley's own errors stay unchanged. */
export function cannotRead(what: string, path: string, cause: unknown): ParleyError {
  if (cause instanceof ParleyError) return cause;
  return fileError(`cannot read ${what} ${path} (${reasonOf(cause)})`, cause);
}

/** The error for a file that could not be written. Parley's own errors stay unchanged. */
export function cannotWrite(path: string, cause: unknown): ParleyError {
  if (cause instanceof ParleyError) return cause;
  if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return existing(path);
  return fileError(`cannot write ${path} (${reasonOf(cause)})`, cause);
}

/** The error for a name that is taken. */
export function existing(path: string): InputError {
  return new InputError('ERR_FILE', `${path} exists and is never overwritten`, {
    hint: 'choose another name, or move the file away',
  });
}

function fileError(message: string, cause: unknown): InputError {
  const hint = NO_ROOM.has(codeOf(cause) ?? '') ? 'make room, or choose another disk' : CHECK;
  return new InputError('ERR_FILE', message, { hint, cause });
}

const CHECK = 'check the path and its permissions';
const NO_ROOM = new Set(['ENOSPC', 'EDQUOT']);

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EEXIST: 'something else has that name',
  ENOTDIR: 'a part of the path is no directory',
  EACCES: 'not permitted',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left',
  EDQUOT: 'no space left',
  EISDIR: 'it is a directory',
  EFBIG: 'too large',
  ENXIO: 'nobody reads from that pipe',
};

/** Why the system refused something: in words if they are known, otherwise its code. */
export function reasonOf(cause: unknown): string {
  const code = codeOf(cause);
  return REASONS[code ?? ''] ?? code ?? 'unknown cause';
}

function codeOf(cause: unknown): string | undefined {
  return (cause as NodeJS.ErrnoException).code;
}
