import { type ErrorCode, errorEntry, InputError, isParleyError, ParleyError } from '../../errors.ts';
import { reasonOf } from '../../node/home/file-errors.ts';
import { adviceFor } from './advice.ts';

/**
 * Exit codes of every command. `unpinned`: a valid document whose keys the verifier has not named. `notInForce`: a valid agreement that has not been ratified. `pending`, `void`: what
 * an arbiter says of a dispute that it has not resolved.
 */
export const exitCodes = {
  ...{ done: 0, failed: 1, usage: 2, unpinned: 3, notInForce: 4 },
  ...{ pending: 3, void: 4 },
  ...{ fault: 70, interrupted: 130 },
} as const;

/** Ctrl-C, at any prompt or phase, or the end of the terminal's input: `ERR_INTERRUPTED`. */
export class InterruptedError extends ParleyError {
  constructor(message = 'interrupted') {
    super('ERR_INTERRUPTED', message, { hint: 'nothing further was sent' });
  }
}

/** A flag or argument that cannot be used: `ERR_USAGE`, exit code 2. */
export function usageError(message: string, hint?: string): InputError {
  return new InputError('ERR_USAGE', message, { hint });
}

/** What went wrong, as `--json` prints it, and as the line on stderr shows it. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** An error as cause and action. An error that is neither a ParleyError nor from the system is our bug, and is reported as such. */
export function describeFailure(thrown: unknown): Failure {
  const error = withSystemNamed(thrown);
  if (isParleyError(error) && error.code !== 'ERR_INTERNAL') {
    return { code: error.code, message: error.message, hint: adviceFor(error) };
  }
  if (isParleyError(error) && error.cause === undefined) return fault(error.message);
  const cause = isParleyError(error) ? error.cause : error;
  const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return fault(`a fault in Parley (${text.split('\n')[0]})`);
}

function fault(message: string): Failure {
  return { code: 'ERR_INTERNAL', message, hint: adviceFor(new ParleyError('ERR_INTERNAL', message)) };
}

/** Turns an error of the system that no lower layer has put in words into `ERR_FILE`. Other errors stay unchanged. */
function withSystemNamed(error: unknown): unknown {
  const cause = isParleyError(error) && error.code === 'ERR_INTERNAL' ? error.cause : error;
  if (!(cause instanceof Error)) return error;
  const { errno, syscall, path } = cause as NodeJS.ErrnoException;
  if (errno === undefined || syscall === undefined) return error;
  if (syscall === 'uv_os_homedir') {
    return new InputError('ERR_FILE', 'you have no home folder', { hint: 'set HOME to one', cause });
  }
  const what = path === undefined ? syscall : `${syscall} ${path}`;
  return new InputError('ERR_FILE', `the system refuses ${what} (${reasonOf(cause)})`, { cause });
}

/** The exit code for an error. */
export function exitCodeOf(thrown: unknown): number {
  const error = withSystemNamed(thrown);
  return isParleyError(error) ? (errorEntry(error.code)?.exit ?? exitCodes.failed) : exitCodes.fault;
}

/** Control characters and marks of direction. The name of a file can contain them. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** One line: cause, then action. */
export function failureLine({ message, hint }: Failure): string {
  return (hint === '' ? message : `${message}; ${hint}`).replaceAll(CONTROLS, '\uFFFD');
}
