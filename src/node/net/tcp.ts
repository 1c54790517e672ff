import { type AddressInfo, createConnection, createServer, type Server } from 'node:net';
import { ConnectionError, ParleyError } from '../../errors.ts';
import { AcceptQueue } from '../../link/accept-queue.ts';
import type { Address, Channel, Listener } from '../../link/channel.ts';
import { formatEndpoint } from '../../link/endpoint.ts';
import { after, requireTime } from '../../link/timer.ts';
import { StreamChannel } from './stream-channel.ts';
import { unreachable } from './unreachable.ts';

/**
 * Listens on a TCP port. At most `backlog` (default 16) connections wait to be accepted; more are dropped at once.
 * Throws ConnectionError `ERR_CONNECT` if the address cannot be used.
 */
export async function listen(options: Address & { readonly backlog?: number }): Promise<Listener> {
  const queue = new AcceptQueue(options.backlog ?? 16);
  const server = createServer({ noDelay: true }, (socket) =>
    queue.add(new StreamChannel(socket, socket, false, socket.remoteAddress)),
  );
  await listening(server, options);
  const { address, port } = server.address() as AddressInfo;
  return {
    address: { host: address, port },
    accept: () => queue.next(),
    async close() {
      queue.close();
      if (server.listening) server.close();
    },
  };
}

/**
 * Connects to a TCP address. Throws ConnectionError `ERR_CONNECT` if nobody answers within `timeout` milliseconds (default 10,000).
 */
export async function connect(
  options: Address & { readonly timeout?: number; readonly signal?: AbortSignal },
): Promise<Channel> {
  const { host, port, timeout = 10_000, signal } = options;
  requireTime(timeout);
  const where = formatEndpoint({ transport: 'tcp', host, port, path: '' });
  return new Promise<Channel>((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled(signal));
    const socket = createConnection({ host, port, noDelay: true });
    const finish = (error?: ParleyError) => {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
      socket.off('error', onError);
      if (error === undefined) return resolve(new StreamChannel(socket, socket, true));
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const onError = (cause: NodeJS.ErrnoException) => finish(unreachable(where, host, cause));
    const onAbort = () => finish(cancelled(signal!));
    const timer = after(timeout, () => finish(unreachable(where, host, 'no-answer')));
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.once('error', onError);
    socket.once('connect', () => finish());
  });
}

/** Begins to listen. Throws ConnectionError `ERR_CONNECT` if the address cannot be used. */
export function listening(server: Server, { host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE';
      const hint = taken ? 'another program uses this port; choose another' : 'check the address';
      const message = `cannot listen on ${host}:${port} (${cause.code})`;
      reject(new ConnectionError('ERR_CONNECT', message, { hint, cause }));
    });
    server.listen({ host, port }, resolve);
  });
}

/** The error for a connection whose caller no longer wants it. */
export function cancelled(signal: AbortSignal): ParleyError {
  return new ParleyError('ERR_CANCELLED', 'the session was cancelled', { cause: signal.reason });
}
