import { systemRandom } from '../crypto/random.ts';
import { ConnectionError, InputError } from '../errors.ts';
import type { Channel, Listener } from '../link/channel.ts';
import { type Endpoint, parseEndpoint } from '../link/endpoint.ts';
import { enterRelay, listenAtRelay } from '../link/relay-client.ts';
import type { Desk } from './desk.ts';
import { type Invite, type InvitePlace, inviteRoom, makeInvite } from './invite.ts';
import type { Network } from './network.ts';
import { hostUnreached, relayUnreached } from './unreached.ts';

/** An endpoint, or its text as `parseEndpoint` reads it. */
export type EndpointText = Endpoint | string;

/** Where a side listens by default. If the port is taken, it listens at any free one. */
export const DEFAULT_ENDPOINT: Endpoint = { transport: 'tcp', host: '0.0.0.0', port: 4466, path: '' };
/** The most connections that wait to be accepted. */
const BACKLOG = 128;
/** Milliseconds to wait for the host at a relay. */
const RELAY_WAIT = 20_000;

/** How a host can be reached. At most one of `relay`, `listen` and `channel`. */
export interface HostWays {
  /** A relay at which both meet. */
  readonly relay?: EndpointText | undefined;
  /** Where to listen. Default: port 4466 of every address, or any port if that is taken. */
  readonly listen?: EndpointText | undefined;
  /** The endpoint to put in the invite, if the other side reaches this one under another endpoint than the one it listens at. */
  readonly address?: EndpointText | undefined;
  /** A connection made by the caller, such as standard input and output. */
  readonly channel?: Channel | undefined;
}

/** Where a host waits, and the invite that leads there. */
export interface Waiting {
  readonly invite: Invite;
  readonly listener: Listener;
  readonly endpoint: Endpoint;
}

/** Reads an endpoint. Throws InputError `ERR_USAGE`. */
export function endpointOf(given: EndpointText): Endpoint {
  const endpoint = typeof given === 'string' ? parseEndpoint(given) : given;
  if (endpoint !== undefined) return endpoint;
  throw new InputError('ERR_USAGE', 'that is not an address', {
    hint: 'write one like 192.0.2.7:4466, ws://192.0.2.7:4466 or wss://host.example/path',
  });
}

/** Throws InputError `ERR_USAGE` for more than one way. */
export function requireOneWay({ relay, listen, channel }: HostWays): void {
  if ([relay, listen, channel].filter((way) => way !== undefined).length <= 1) return;
  throw new InputError('ERR_USAGE', 'a host waits at one place', {
    hint: 'name a relay, or where to listen, or give a connection',
  });
}

/** Begins to wait at a relay or on this machine. `host` is the thumbprint of this side's key. */
export async function beginWaiting(
  { options: { network }, clocks: { signal }, tell }: Desk,
  host: string,
  ways: HostWays,
): Promise<Waiting> {
  if (ways.relay !== undefined) {
    const endpoint = endpointOf(ways.relay);
    const invite = makeInvite(host, { kind: 'relay', endpoint }, systemRandom);
    const listener = await listenAtRelay({
      room: inviteRoom(invite.secret),
      dial: dialRelay(network, endpoint),
      signal,
      address: endpoint,
      onTrouble: (error) => tell({ kind: 'relayTrouble', error }),
    }).catch((error: unknown) => {
      invite.secret.fill(0);
      throw error;
    });
    return { invite, listener, endpoint };
  }
  const address = ways.address === undefined ? undefined : endpointOf(ways.address);
  const { listener, endpoint } = await listenHere({ options: { network } }, ways.listen);
  const place: InvitePlace = {
    kind: 'direct',
    endpoint: advertised(address, endpoint) ?? network.reachable(endpoint),
  };
  return { invite: makeInvite(host, place, systemRandom), listener, endpoint };
}

/** Listens at `where`. Without it, listens at the default port, or at any if that is taken. */
export async function listenHere(
  { options: { network } }: { readonly options: Pick<Desk['options'], 'network'> },
  where: EndpointText | undefined,
): Promise<{ readonly listener: Listener; readonly endpoint: Endpoint }> {
  const wanted = where === undefined ? DEFAULT_ENDPOINT : endpointOf(where);
  const options = { backlog: BACKLOG };
  const listener = await network.listen(wanted, options).catch((error: unknown) => {
    if (where !== undefined || !(error instanceof ConnectionError)) throw error;
    return network.listen({ ...wanted, port: 0 }, options);
  });
  return { listener, endpoint: { ...wanted, ...listener.address } };
}

/** The endpoint to put in an invite. A TCP address takes the listener's transport and, if its port is 0, the listener's port. */
function advertised(address: Endpoint | undefined, bound: Endpoint): Endpoint | undefined {
  if (address === undefined || address.transport !== 'tcp') return address;
  return { ...bound, host: address.host, port: address.port === 0 ? bound.port : address.port };
}

/** The channel to the host that an invite names. Throws ConnectionError `ERR_CONNECT`. */
export async function reachHost(
  { options: { network }, clocks: { signal } }: Desk,
  { place, secret }: Invite,
  pipe: Channel | undefined,
): Promise<Channel> {
  if (place.kind === 'stdio') return pipe!;
  const { endpoint } = place;
  if (place.kind === 'relay') {
    const dial = dialRelay(network, endpoint);
    return enterRelay({ side: 'joiner', room: inviteRoom(secret), dial, signal, wait: RELAY_WAIT });
  }
  try {
    return await network.dial(endpoint, { signal });
  } catch (error) {
    throw hostUnreached(endpoint, error);
  }
}

function dialRelay(network: Network, endpoint: Endpoint): (signal: AbortSignal) => Promise<Channel> {
  return (signal) =>
    network.dial(endpoint, { signal }).catch((error: unknown) => {
      throw relayUnreached(error);
    });
}
