import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { InputError } from '../../errors.ts';
import { describeFailure, failureLine, InterruptedError } from './failure.ts';
import { say } from './terminal.ts';
import { isTerminal, releaseInput, takeInput } from './tty.ts';

/** Whether a person can be asked: both ends of the conversation are a terminal. */
export const canAsk = isTerminal;

/**
 * Asks on stderr and reads a line from the terminal without showing it. Throws InterruptedError on Ctrl-C, when the signal
 * fires, and when the input ends.
 */
export async function askHidden(question: string, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: takeInput(), output: silent, terminal: true, historySize: 0 });
  const stopped = new AbortController();
  const stop = () => stopped.abort();
  lines.once('SIGINT', stop);
  lines.once('close', stop);
  signal.addEventListener('abort', stop, { once: true });
  process.stderr.write(`${question} `);
  try {
    return await lines.question('', { signal: stopped.signal });
  } catch {
    throw signal.reason instanceof Error ? signal.reason : new InterruptedError();
  } finally {
    signal.removeEventListener('abort', stop);
    lines.close();
    releaseInput();
    say();
  }
}

/** Asks twice until `read` takes both answers and they mean the same. What it refuses with an InputError is said, and asked again. */
export async function askTwice<Value>(
  question: string,
  read: (answer: string) => Value,
  signal: AbortSignal,
  word = 'figure',
): Promise<Value> {
  for (;;) {
    try {
      const first = read(await askHidden(question, signal));
      const second = read(await askHidden('once more, to be sure:', signal));
      if (isDeepStrictEqual(first, second)) return second;
      say(`the two ${word}s differ; type them again`);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      say(failureLine(describeFailure(error)));
    }
  }
}
