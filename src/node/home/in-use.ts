import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { LedgerError } from '../../errors.ts';
import { SocketLocks } from '../store/socket-locks.ts';
import type { HomeFile } from './backup/archive.ts';

/**
 * Throws LedgerError `ERR_SESSION_BUSY` if a session uses one of the ledgers in a home, or if the home's files have changed. `files` are the earlier
 * list (`listFiles`), `now` is the present one.
 */
export async function refuseInUse(
  home: string,
  files: readonly HomeFile[],
  now: readonly HomeFile[] = files,
): Promise<void> {
  const ledgers = new Set(files.filter(({ name }) => name.endsWith('.log')).map(({ name }) => dirname(name)));
  ledgers.add('identity.json.ledger');
  for (const ledger of ledgers) {
    if (await new SocketLocks(join(home, ledger, 'locks')).anyHeld())
      throw busy('a negotiation is under way here');
  }
  if (!isDeepStrictEqual(files, now)) throw busy('the home has changed meanwhile');
}

function busy(message: string): LedgerError {
  return new LedgerError('ERR_SESSION_BUSY', message, { hint: 'do it again when no session is under way' });
}
