import { networkInterfaces } from 'node:os';
import type { ArbiterSend } from '../../arbiter/index.ts';
import type { Network } from '../../desk/network.ts';
import { InputError } from '../../errors.ts';
import type { Channel, Listener } from '../../link/channel.ts';
import { type Endpoint, formatEndpoint } from '../../link/endpoint.ts';
import type { ArbiterClientOptions } from '../arbiter/client.ts';
import { connect, listen } from './tcp.ts';

/** Connects to an endpoint. Throws ConnectionError `ERR_CONNECT` if nobody answers within `timeout` milliseconds (default 10,000). */
export async function dial(
  endpoint: Endpoint,
  options: { readonly timeout?: number; readonly signal?: AbortSignal } = {},
): Promise<Channel> {
  const { host, port } = endpoint;
  if (endpoint.transport === 'tcp') return connect({ host, port, ...options });
  const { connectWebSocket } = await import('./websocket.ts');
  return connectWebSocket({ url: formatEndpoint(endpoint), ...options });
}

/** Listens at an endpoint, at every path. `behindProxy` is for WebSockets that arrive through a proxy. Throws ConnectionError `ERR_CONNECT`, and InputError `ERR_USAGE` for `wss`. */
export async function listenAt(
  { transport, host, port }: Endpoint,
  options: { readonly backlog?: number; readonly behindProxy?: boolean } = {},
): Promise<Listener> {
  if (transport === 'tcp') return listen({ host, port, ...options });
  if (transport === 'wss') {
    throw new InputError('ERR_USAGE', 'Parley does not listen with TLS itself', {
      hint: 'listen on ws:// behind a proxy that ends TLS',
    });
  }
  const { listenWebSocket } = await import('./websocket.ts');
  return listenWebSocket({ host, port, ...options });
}

/** The endpoint, with an address of this machine in place of a wildcard address. */
function reachable(endpoint: Endpoint): Endpoint {
  if (endpoint.host !== '0.0.0.0' && endpoint.host !== '::') return endpoint;
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outward = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
  return { ...endpoint, host: outward?.address ?? '127.0.0.1' };
}

/** `arbiterClient`, which is loaded when something is sent. */
export function arbiterAt(at: string, options?: ArbiterClientOptions): ArbiterSend {
  return async (request) => {
    const { arbiterClient } = await import('../arbiter/client.ts');
    return arbiterClient(at, options)(request);
  };
}

/** TCP, and WebSockets. */
export const nodeNetwork: Network = {
  dial,
  listen: listenAt,
  reachable,
  arbiter: (at, options) => (at === undefined ? undefined : arbiterAt(at, options)),
};
