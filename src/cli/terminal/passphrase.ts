import type { PassphraseQuestion } from '../../desk/person.ts';
import { MIN_PASSPHRASE } from '../../documents/passphrase.ts';
import { InputError } from '../../errors.ts';
import { describeFailure, failureLine, usageError } from './failure.ts';
import { askHidden, askTwice, canAsk } from './prompt.ts';
import { say } from './terminal.ts';

/** Asks for a new passphrase, twice and without echo. */
export async function askNewPassphrase(signal: AbortSignal): Promise<string> {
  if (!canAsk()) throw usageError('there is no terminal to ask for a passphrase at', 'run it in a terminal');
  return askTwice(
    {
      question: `a passphrase for the key, at least ${MIN_PASSPHRASE} characters (not shown):`,
      read: (typed) => {
        if ([...typed].length >= MIN_PASSPHRASE) return typed;
        throw new InputError('ERR_PASSPHRASE', 'the passphrase is too short', { hint: 'take a longer one' });
      },
      word: 'passphrase',
    },
    signal,
  );
}

/** Asks for the passphrase of a key file. */
export async function askPassphrase({ place, refused, signal }: PassphraseQuestion): Promise<string> {
  if (refused !== undefined) say(failureLine(describeFailure(refused)));
  return askHidden(`the passphrase of ${place} (not shown):`, signal);
}
