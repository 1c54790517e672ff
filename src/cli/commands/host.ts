import { host } from '../../desk/host.ts';
import { type Endpoint, parseEndpoint } from '../../link/endpoint.ts';
import { readDraft } from '../../node/home/files.ts';
import { endpointOf, listenEndpoint } from '../terminal/endpoints.ts';
import { usageError } from '../terminal/failure.ts';
import { finish } from './finish.ts';
import { openPorts, type PartyFlags } from './ports.ts';

export interface HostFlags extends PartyFlags {
  readonly terms: string;
  readonly listen?: string;
  readonly address?: string;
  readonly relay?: string;
  /** What the person calls the other side. */
  readonly name?: string;
}

/** `parley host --terms DRAFT`: makes an invite, waits for its holder, and offers the terms. Returns the exit code. */
export async function hostByInvite(flags: HostFlags, signal: AbortSignal): Promise<number> {
  const ports = await openPorts(flags, { signal, initiator: false });
  const options = {
    ...ports.desk,
    terms: await readDraft(flags.terms),
    role: flags.role,
    name: flags.name,
    relay: flags.relay === undefined ? undefined : endpointOf(flags.relay, '--relay'),
    listen: flags.listen === undefined ? undefined : listenEndpoint(flags.listen),
    address: flags.address === undefined ? undefined : addressOf(flags.address),
    channel: ports.channel,
  };
  return finish(ports, flags, signal, () => host(options).result);
}

/** The endpoint that the invite names, from `--address`. Port 0 stands for the port at which this side listens. */
function addressOf(text: string): Endpoint {
  const given = parseEndpoint(text);
  const endpoint = given ?? parseEndpoint(`${text}:0`);
  if (endpoint === undefined || given?.port === 0) {
    throw usageError(`--address ${text} is not an address`, 'write HOST or HOST:PORT');
  }
  return endpoint;
}
