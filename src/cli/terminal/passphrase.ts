import { addAbortSignal } from 'node:stream';
import type { PassphraseQuestion } from '../../desk/person.ts';
import { MIN_PASSPHRASE } from '../../documents/passphrase.ts';
import { InputError } from '../../errors.ts';
import { describeFailure, failureLine, usageError } from './failure.ts';
import { askHidden, askTwice, canAsk } from './prompt.ts';
import { say } from './terminal.ts';

/** The most characters that are read from standard input. */
const MAX_PIPED = 1_000;

/** Asks for a new passphrase for something, twice and without echo. */
export async function askNewPassphrase(what: string, signal: AbortSignal): Promise<string> {
  if (!canAsk()) throw usageError('there is no terminal to ask for a passphrase at', 'run it in a terminal');
  return askTwice(
    {
      question: `a passphrase for ${what}, at least ${MIN_PASSPHRASE} characters (not shown):`,
      read: (typed) => {
        if ([...typed].length >= MIN_PASSPHRASE) return typed;
        throw new InputError('ERR_PASSPHRASE', 'the passphrase is too short', { hint: 'take a longer one' });
      },
      word: 'passphrase',
    },
    signal,
  );
}

/** Asks for the passphrase of a file. */
export async function askPassphrase({ place, refused, signal }: PassphraseQuestion): Promise<string> {
  if (refused !== undefined) say(failureLine(describeFailure(refused)));
  return askHidden(`the passphrase of ${place} (not shown):`, signal);
}

/** The passphrase on the first line of a pipe, if there is no terminal. A passphrase is never an argument of a command. */
export async function pipedPassphrase(signal: AbortSignal): Promise<string> {
  let text = '';
  for await (const chunk of addAbortSignal(signal, process.stdin.setEncoding('utf8'))) {
    text += chunk;
    if (text.length > MAX_PIPED || text.includes('\n')) break;
  }
  const passphrase = text.split(/\r?\n/)[0]!;
  if (passphrase !== '' && text.length <= MAX_PIPED) return passphrase;
  throw usageError('there is no terminal to ask for a passphrase at', 'run it in a terminal, or pipe one in');
}
