import type { Address } from './channel.ts';

/** Where and how a side can be reached: TCP, or a WebSocket with or without TLS. `path` is empty for TCP, and otherwise begins with /. */
export interface Endpoint extends Address {
  readonly transport: 'tcp' | 'ws' | 'wss';
  readonly path: string;
}

const FORM =
  /^(?:(wss?):\/\/)?(?:\[([0-9a-fA-F:.]{2,45})\]|([A-Za-z0-9._-]{1,253}))(?::(\d{1,5}))?(\/[\w./~-]{0,200})?$/;

/**
 * `HOST:PORT`, `[IPv6]:PORT`, `ws://HOST[:PORT][/PATH]` or `wss://…`. Only letters, digits and a few marks are allowed, so it can be shown as it is.
 * Undefined for any other text.
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
