import { ParleyError } from '../../errors.ts';
import { reasonOf } from '../../node/home/file-errors.ts';

/** Why standard output could not take what was printed, until that has been reported. */
let refusal: NodeJS.ErrnoException | undefined;
let watched = false;

/** Prints on standard output. `settleOutput` tells whether that worked. */
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

/** Keeps the process running when nobody reads its output: the session may own standard output, and nothing depends on standard error. */
export function tolerateClosedStreams(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

/** Resolves once standard output has taken all that was printed. If it could not, resolves with `ERR_OUTPUT`, once. */
export async function settleOutput(): Promise<ParleyError | undefined> {
  const { stdout } = process;
  if (watched && refusal === undefined && stdout.writableLength > 0) {
    await new Promise((resolve) => stdout.write('', resolve));
  }
  // A stream reports an error a turn later.
  await new Promise((resolve) => setImmediate(resolve));
  const cause = refusal;
  refusal = undefined;
  if (cause === undefined) return undefined;
  const reason = cause.code === 'EPIPE' ? 'its reader is gone' : reasonOf(cause);
  return new ParleyError('ERR_OUTPUT', `standard output did not take what was printed (${reason})`, {
    cause,
  });
}
