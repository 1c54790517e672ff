import { join } from '../../desk/join.ts';
import { readDraft } from '../../node/home/files.ts';
import { readInvite } from '../terminal/invite.ts';
import { finish } from './finish.ts';
import { openPorts, type PartyFlags } from './ports.ts';

export interface JoinFlags extends PartyFlags {
  readonly terms?: string;
  /** What the person calls the other side. */
  readonly name?: string;
}

/** `parley join`: asks for the invite unless it is in `words`, receives the terms, shows them, and takes the free role if the person accepts. Returns the exit code. */
export async function joinByInvite(
  words: readonly string[],
  flags: JoinFlags,
  signal: AbortSignal,
): Promise<number> {
  const ports = await openPorts(flags, { signal, initiator: true });
  const terms = flags.terms === undefined ? undefined : await readDraft(flags.terms);
  const { desk, channel } = ports;
  const invite = await readInvite(words, { stdio: flags.stdio === true, signal });
  return finish(ports, flags, signal, () => join({ ...desk, invite, terms, name: flags.name, channel }));
}
