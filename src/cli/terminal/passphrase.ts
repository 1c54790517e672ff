import type { FlattenedJWE } from 'jose';
import type { LocalIdentity } from '../../documents/identity.ts';
import { MIN_PASSPHRASE, unlockIdentity } from '../../documents/passphrase.ts';
import { InputError } from '../../errors.ts';
import { describeFailure, failureLine, usageError } from './failure.ts';
import { askHidden, askTwice, canAsk } from './prompt.ts';
import { say } from './terminal.ts';

const ATTEMPTS = 3;

/** Asks for a new passphrase, twice and without echo. */
export async function askNewPassphrase(signal: AbortSignal): Promise<string> {
  if (!canAsk()) throw usageError('there is no terminal to ask for a passphrase at', 'run it in a terminal');
  return askTwice(
    `a passphrase for the key, at least ${MIN_PASSPHRASE} characters (not shown):`,
    (typed) => {
      if ([...typed].length >= MIN_PASSPHRASE) return typed;
      throw new InputError('ERR_PASSPHRASE', 'the passphrase is too short', { hint: 'take a longer one' });
    },
    signal,
    { word: 'passphrase', code: 'ERR_PASSPHRASE' },
  );
}

/** Asks for the passphrase of a key file, three times at most. Throws InputError `ERR_PASSPHRASE`, `ERR_USAGE` without a terminal. */
export async function askToUnlock(
  file: FlattenedJWE,
  path: string,
  signal: AbortSignal,
): Promise<LocalIdentity> {
  if (!canAsk()) {
    throw usageError(
      `${path} is under a passphrase, and there is no terminal to ask at`,
      'run it in a terminal',
    );
  }
  for (let attempt = 1; ; attempt++) {
    const typed = await askHidden(`the passphrase of ${path} (not shown):`, signal);
    try {
      return await unlockIdentity(file, typed);
    } catch (error) {
      if (!(error instanceof InputError) || error.code !== 'ERR_PASSPHRASE' || attempt === ATTEMPTS)
        throw error;
      say(failureLine(describeFailure(error)));
    }
  }
}
