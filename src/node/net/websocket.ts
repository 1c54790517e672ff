import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createWebSocketStream, WebSocket, WebSocketServer } from 'ws';
import type { ParleyError } from '../../errors.ts';
import { AcceptQueue } from '../../link/accept-queue.ts';
import type { Address, Channel, Listener } from '../../link/channel.ts';
import { after, requireTime } from '../../link/timer.ts';
import { forwardedFor } from './forwarded-for.ts';
import { MAX_WRITE, StreamChannel } from './stream-channel.ts';
import { cancelled, listening } from './tcp.ts';
import { unreachable } from './unreachable.ts';

/** Limits for connections that are not yet WebSockets: bytes of HTTP header, milliseconds, connections at a time. */
const MAX_HEADER = 8_192;
const UPGRADE_TIME = 5_000;
const MAX_UPGRADING = 1_024;
const READ_AHEAD = 1 << 16;

/**
 * Listens for WebSockets (RFC 6455) on a TCP port, at any path. Binary messages carry the stream; their boundaries mean nothing. Any other
 * connection is dropped without an answer. At most `backlog` (default 16) connections wait to be accepted. Throws ConnectionError `ERR_CONNECT`.
 */
export async function listenWebSocket(
  options: Address & {
    readonly backlog?: number;
    /** Whether a proxy in front adds the caller's address, as the last one in `X-Forwarded-For`. */
    readonly behindProxy?: boolean;
  },
): Promise<Listener> {
  const queue = new AcceptQueue(options.backlog ?? 16);
  const upgrading = new Set<Socket>();
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_WRITE,
    perMessageDeflate: false,
  });
  sockets.on('wsClientError', (_error, socket) => socket.destroy());
  const server = createServer({
    maxHeaderSize: MAX_HEADER,
    headersTimeout: UPGRADE_TIME,
    requestTimeout: UPGRADE_TIME,
    connectionsCheckingInterval: UPGRADE_TIME / 5,
    requireHostHeader: false, // otherwise a request without the header gets an answer
    noDelay: true,
  });
  server.on('connection', (socket: Socket) => {
    upgrading.add(socket);
    socket.once('close', () => upgrading.delete(socket));
    if (upgrading.size <= MAX_UPGRADING) return;
    const [oldest] = upgrading;
    oldest!.destroy();
  });
  server.on('request', (request: IncomingMessage) => request.socket.destroy());
  server.on('clientError', (_error, socket) => socket.destroy());
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    upgrading.delete(socket);
    if (queue.full) {
      socket.destroy();
      return;
    }
    const remote = options.behindProxy === true ? forwardedFor(request) : socket.remoteAddress;
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      queue.add(toChannel(webSocket, false, remote)),
    );
  });
  await listening(server, options);
  const { address, port } = server.address() as AddressInfo;
  return {
    address: { host: address, port },
    accept: () => queue.next(),
    async close() {
      queue.close();
      for (const socket of upgrading) socket.destroy();
      if (server.listening) server.close();
    },
  };
}

/**
 * Connects to a `ws:` or `wss:` URL. TLS certificates are checked, though nothing depends on them: the session encrypts and
 * authenticates by itself. Throws ConnectionError `ERR_CONNECT` if nobody answers within `timeout` milliseconds (default 10,000).
 */
export async function connectWebSocket(options: {
  readonly url: string;
  readonly timeout?: number;
  readonly signal?: AbortSignal | undefined;
}): Promise<Channel> {
  const { url, timeout = 10_000, signal } = options;
  requireTime(timeout);
  return new Promise<Channel>((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled(signal));
    const socket = new WebSocket(url, {
      maxPayload: MAX_WRITE,
      perMessageDeflate: false,
      followRedirects: false,
    });
    const finish = (error?: ParleyError) => {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
      socket.off('error', onError);
      if (error === undefined) return resolve(toChannel(socket, true));
      socket.on('error', () => undefined);
      socket.terminate();
      reject(error);
    };
    const onAbort = () => finish(cancelled(signal!));
    const onError = (cause: NodeJS.ErrnoException) => finish(unreachable(url, new URL(url).hostname, cause));
    const timer = after(timeout, () => finish(unreachable(url, new URL(url).hostname, 'no-answer')));
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.once('error', onError);
    socket.once('open', () => finish());
  });
}

function toChannel(socket: WebSocket, initiator: boolean, remote?: string): Channel {
  const stream = createWebSocketStream(socket, {
    readableHighWaterMark: READ_AHEAD,
    writableHighWaterMark: READ_AHEAD,
  });
  return new StreamChannel(stream, stream, initiator, remote);
}
