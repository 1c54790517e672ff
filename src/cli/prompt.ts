import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { InputError } from '../errors.ts';
import { describeFailure, failureLine, InterruptedError } from './failure.ts';
import { say } from './terminal.ts';

/** Whether a person can be asked: both ends of the conversation are a terminal. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Asks on stderr and reads a line from the terminal without showing it. Throws InterruptedError on Ctrl-C, when the signal
 * fires, and when the input ends.
 */
export async function askHidden(question: string, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true, historySize: 0 });
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
    say();
  }
}

/** Asks twice until `read` takes both answers and they mean the same; after three attempts gives up with `ERR_MANDATE_INVALID`. */
export async function askTwice<Value>(
  question: string,
  read: (answer: string) => Value,
  signal: AbortSignal,
): Promise<Value> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const first = read(await askHidden(question, signal));
      const second = read(await askHidden('once more, to be sure:', signal));
      if (isDeepStrictEqual(first, second)) return second;
      say('the two figures differ; nothing was sent');
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      say(failureLine(describeFailure(error)));
    }
  }
  throw new InputError('ERR_MANDATE_INVALID', 'no figure was entered', { hint: 'start again' });
}
