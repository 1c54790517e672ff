import { ParleyError } from '../../errors.ts';
import { reasonOf } from '../../node/home/file-errors.ts';

/** Why standard output did not take what was printed, if nobody has been told yet. */
let refusal: NodeJS.ErrnoException | undefined;
let watched = false;

/** Prints on standard output. Whether it got there, `settleOutput` says. */
export function print(text: string): void {
  const { stdout } = process;
  if (!watched) {
    watched = true;
    stdout.on('error', (error) => {
      refusal ??= error;
    });
  }
  try {
    stdout.write(text);
  } catch (error) {
    refusal ??= error as NodeJS.ErrnoException;
  }
}

/** Keeps the process going when nobody takes what it writes: the session may have standard output, and standard error is not owed to anyone. */
export function tolerateClosedStreams(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

/** Resolves once standard output has taken all that was printed; with `ERR_OUTPUT`, once, if it has not. */
export async function settleOutput(): Promise<ParleyError | undefined> {
  const { stdout } = process;
  if (watched && refusal === undefined && stdout.writableLength > 0) {
    await new Promise((resolve) => stdout.write('', resolve));
  }
  // A stream says a turn later what went wrong.
  await new Promise((resolve) => setImmediate(resolve));
  const cause = refusal;
  refusal = undefined;
  if (cause === undefined) return undefined;
  const reason = cause.code === 'EPIPE' ? 'its reader is gone' : reasonOf(cause);
  return new ParleyError('ERR_OUTPUT', `standard output did not take what was printed (${reason})`, {
    cause,
  });
}
