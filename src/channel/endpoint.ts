import { InputError } from '../errors.ts';
import type { Channel } from './channel.ts';
import { type Address, connect, type Listener, listen } from './tcp.ts';

/** Where a side can be reached, and how: TCP, or a WebSocket with or without TLS. `path` is empty for TCP, and begins with / otherwise. */
export interface Endpoint extends Address {
  readonly transport: 'tcp' | 'ws' | 'wss';
  readonly path: string;
}

const FORM =
  /^(?:(wss?):\/\/)?(?:\[([0-9a-fA-F:.]{2,45})\]|([A-Za-z0-9._-]{1,253}))(?::(\d{1,5}))?(\/[\w./~-]{0,200})?$/;

/**
 * `HOST:PORT`, `[IPv6]:PORT`, `ws://HOST[:PORT][/PATH]` or `wss://…`. Letters, digits and a few marks only, so it can be shown as it is.
 * Undefined if it is none of them.
 */
export function parseEndpoint(text: string): Endpoint | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, scheme, v6, name, digits, path] = match;
  const transport = (scheme ?? 'tcp') as Endpoint['transport'];
  if (transport === 'tcp' && (digits === undefined || path !== undefined)) return undefined;
  const port = digits === undefined ? { ws: 80, wss: 443, tcp: 0 }[transport] : Number(digits);
  if (port > 65_535) return undefined;
  return { transport, host: (v6 ?? name)!, port, path: transport === 'tcp' ? '' : (path ?? '/') };
}

/** The shortest text that `parseEndpoint` reads as this endpoint. */
export function formatEndpoint({ transport, host, port, path }: Endpoint): string {
  const name = host.includes(':') ? `[${host}]` : host;
  if (transport === 'tcp') return `${name}:${port}`;
  return `${transport}://${name}:${port}${path === '/' ? '' : path}`;
}

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

/** Listens at an endpoint, at every path. Throws ConnectionError `ERR_CONNECT`, and InputError `ERR_USAGE` for `wss`. */
export async function listenAt(
  { transport, host, port }: Endpoint,
  options: { readonly backlog?: number } = {},
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
