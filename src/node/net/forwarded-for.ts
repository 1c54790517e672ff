import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** The caller's address as the proxy in front has added it to `X-Forwarded-For`. The entries before it come from the caller and prove nothing. */
export function forwardedFor({ headers, socket }: IncomingMessage): string | undefined {
  const named = [headers['x-forwarded-for']].flat().join().split(',').at(-1)!.trim();
  return isIP(named) === 0 ? socket.remoteAddress : named;
}
