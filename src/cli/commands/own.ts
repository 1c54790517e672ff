import { unlocked } from '../../desk/keys.ts';
import type { Identity } from '../../documents/identity.ts';
import { type FileHome, fileHome } from '../../node/home/home.ts';
import { usageError } from '../terminal/failure.ts';
import { TerminalPerson } from '../terminal/person.ts';

/** The home of an identity file, by default the person's own, and the identity. Throws InputError `ERR_USAGE` if there is none yet. */
export async function openOwn(
  path: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly home: FileHome; readonly identity: Identity }> {
  const home = fileHome({ identity: path });
  const found = await home.identity();
  if (found === undefined) {
    throw usageError(
      'there is no identity yet',
      `parley host and parley join make one, ${home.identityFile}`,
    );
  }
  return { home, identity: await unlocked(found, new TerminalPerson(), signal) };
}
