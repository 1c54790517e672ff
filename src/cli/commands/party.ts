import { negotiatePinned, type PinnedOptions } from '../../desk/pinned.ts';
import type { Channel } from '../../link/channel.ts';
import { readDraft } from '../../node/home/files.ts';
import { endpointOf, listenEndpoint } from '../terminal/endpoints.ts';
import { say } from '../terminal/terminal.ts';
import { finish } from './finish.ts';
import { known } from './known.ts';
import { leakageNotice } from './leak.ts';
import { openPorts, type PartyFlags } from './ports.ts';

export interface PinnedFlags extends PartyFlags {
  readonly terms: string;
  readonly identity: string;
  readonly listen?: string;
  readonly connect?: string;
  readonly peer?: string;
}

/** `parley host` and `parley join` with the terms and keys at hand. Gives the exit code. */
export async function party(side: 'host' | 'join', flags: PinnedFlags, signal: AbortSignal): Promise<number> {
  const ports = await openPorts(flags, {
    signal,
    initiator: side === 'join',
    onTerms: async ({ rule, terms }) => {
      for (const line of await leakageNotice(rule, terms)) say(line);
    },
  });
  const options: PinnedOptions = {
    ...ports.desk,
    terms: await readDraft(flags.terms),
    role: flags.role,
    peer: flags.peer === undefined ? undefined : await (await known()).key(flags.peer),
    way: wayOf(side, flags, ports.channel),
  };
  return finish(ports, flags, signal, () => negotiatePinned(options));
}

function wayOf(
  side: 'host' | 'join',
  flags: PinnedFlags,
  channel: Channel | undefined,
): PinnedOptions['way'] {
  if (channel !== undefined) return { channel, initiator: side === 'join' };
  if (side === 'join') return { dial: endpointOf(flags.connect!, '--connect') };
  return { listen: flags.listen === undefined ? undefined : listenEndpoint(flags.listen) };
}
