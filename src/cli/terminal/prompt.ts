import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { columnsOf } from '../../../protocols/lines.ts';
import { InputError } from '../../errors.ts';
import { describeFailure, failureLine } from './failure.ts';
import { watch } from './line.ts';
import { Meanings } from './meanings.ts';
import type { Read } from './readers.ts';
import { fitted, say, terminalColumns } from './terminal.ts';
import { isTerminal, releaseInput, takeInput } from './tty.ts';

/** Whether a person can be asked: both ends of the conversation are a terminal. */
export const canAsk = isTerminal;

/**
 * Asks on stderr and reads a line from the terminal without showing it. The text `below` the question is removed after the answer. Throws
 * InterruptedError on Ctrl-C, when the signal fires, and when the input ends.
 */
export async function askHidden(question: string, signal: AbortSignal, below?: string): Promise<string> {
  signal.throwIfAborted();
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: takeInput(), output: silent, terminal: true, historySize: 0 });
  const ending = watch(lines, signal);
  const secret = below === undefined ? '' : fitted(`  ${below}`);
  process.stderr.write(`${fitted(question)} ${secret === '' ? '' : `\n${secret} `}`);
  try {
    const typed = await lines.question('', { signal: ending.signal });
    if (!ending.interrupted) return typed;
    throw ending.error();
  } catch {
    throw ending.error();
  } finally {
    ending.forget();
    lines.close();
    releaseInput();
    if (secret === '') say();
    else process.stderr.write(erasure(`${secret} `));
  }
}

/** A question that is asked twice, without showing the answers. */
export interface Twice<Value> {
  readonly question: string;
  readonly read: Read<Value>;
  /** The word for the value, used if the two answers differ. */
  readonly word: string;
  /** The value in words, so that the person notices if it was misread. Without it, nothing is read back. */
  readonly readBack?: (value: Value) => string;
}

/**
 * Asks twice until `read` accepts both answers and they mean the same. If it throws an InputError, the person sees it and is asked again. A value that is
 * read back is shown below the second question until that is answered; Enter confirms it too.
 */
export async function askTwice<Value>(twice: Twice<Value>, signal: AbortSignal): Promise<Value> {
  const { question, read, word, readBack } = twice;
  for (;;) {
    try {
      const first = await understood(await read(await askHidden(question, signal)), signal);
      if (first === undefined) continue;
      const again = 'once more, to be sure:';
      const typed =
        readBack === undefined
          ? await askHidden(again, signal)
          : await askHidden(`Enter if this is right, or ${again}`, signal, readBack(first.value));
      if (readBack !== undefined && typed.trim() === '') return first.value;
      const second = await understood(await read(typed), signal);
      if (second !== undefined && isDeepStrictEqual(first.value, second.value)) return second.value;
      say(`the two ${word}s differ; type them again`);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      say(failureLine(describeFailure(error)));
    }
  }
}

/** Asks which of several meanings is right; undefined if none is. */
async function understood<Value>(
  found: Value | Meanings<Value>,
  signal: AbortSignal,
): Promise<{ readonly value: Value } | undefined> {
  if (!(found instanceof Meanings)) return { value: found };
  const list = found.choices.map(({ text }, index) => `${index + 1} for ${text}`).join(', ');
  return found.named(await askHidden('Which number? (Enter to write it again)', signal, list));
}

/** The sequence that erases what was written since the beginning of the line, over as many lines as it took. */
function erasure(written: string): string {
  const columns = terminalColumns();
  const rows = written
    .split('\n')
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(columnsOf(line) / columns)), 0);
  return `${'\r\u001b[K\u001b[A'.repeat(rows - 1)}\r\u001b[K`;
}
