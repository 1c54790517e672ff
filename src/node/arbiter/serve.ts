import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Arbiter } from '../../arbiter/index.ts';
import { MAX_COMPLAINT } from '../../documents/complaint.ts';
import { ArbiterError, type ErrorCode, errorEntry, isParleyError } from '../../errors.ts';
import type { Address } from '../../link/channel.ts';
import { forwardedFor } from '../net/forwarded-for.ts';
import { Addresses } from '../net/relay-addresses.ts';
import { listening } from '../net/tcp.ts';
import { Connections } from './connections.ts';
import { Quota } from './quota.ts';
import { Uploads } from './uploads.ts';

/** Limits of an arbiter's server. Times are in milliseconds. */
export interface ArbiterLimits {
  /** The most connections. One more, and the oldest whose request is not complete is dropped. */
  readonly connections: number;
  /** The most connections of one address (one /64, for IPv6); behind a proxy, requests. */
  readonly byAddress: number;
  /** The most documents that one address is given in an hour: each may be a new record, which is kept for ever. */
  readonly answersByAddress: number;
  /** Time for a request's headers, and for all of it. The answer has as long again. */
  readonly headerTime: number;
  readonly requestTime: number;
  /** The most bytes of requests that are not complete. Beyond, the oldest of these is dropped. */
  readonly uploading: number;
}

export const defaultArbiterLimits: ArbiterLimits = {
  connections: 256,
  byAddress: 8,
  answersByAddress: 120,
  headerTime: 5_000,
  requestTime: 30_000,
  uploading: 64 << 20,
};

export interface ServeOptions extends Address {
  /** Whether a proxy in front adds the caller's address, as the last one in `X-Forwarded-For`. */
  readonly behindProxy?: boolean;
  readonly limits?: Partial<ArbiterLimits>;
  /** Receives every failure that is not the caller's. */
  readonly onFailure?: (error: unknown) => void;
}

/** An arbiter that answers over HTTP. */
export interface ServedArbiter {
  readonly address: Address;
  close(): Promise<void>;
}

const MAX_HEADER = 8_192;
const PATHS = { '/parley/1/complaints': 'answer', '/parley/1/questions': 'ask' } as const;

/** The status of each refusal; 500 for what is not in the list. */
const STATUS: Partial<Readonly<Record<ErrorCode, number>>> = {
  ERR_COMPLAINT_FORMAT: 400,
  ERR_COMPLAINT_PARTIES: 422,
  ERR_COMPLAINT_NOT_MINE: 422,
  ERR_COMPLAINT_ESCROW: 422,
  ERR_COMPLAINT_LATE: 410,
  ERR_ARBITER_STORE: 503,
  ERR_ARBITER_BUSY: 503,
};

/**
 * Serves an arbiter over HTTP, for a proxy in front that ends TLS: `POST /parley/1/complaints` and `POST /parley/1/questions`. The answer is the signed document
 * (200), that it cannot say yet (202), or `{ "error": { code, message, hint } }`. A request counts once all of it is there. Throws ConnectionError
 * `ERR_CONNECT` if it cannot listen.
 */
export async function serveArbiter(arbiter: Arbiter, options: ServeOptions): Promise<ServedArbiter> {
  const limits = { ...defaultArbiterLimits, ...options.limits };
  const { behindProxy = false, onFailure = () => undefined } = options;
  const answering = new Answering(arbiter, { limits, behindProxy, onFailure });
  const server = createServer({
    maxHeaderSize: MAX_HEADER,
    headersTimeout: limits.headerTime,
    requestTimeout: limits.requestTime,
    connectionsCheckingInterval: Math.min(limits.headerTime, 1_000),
    noDelay: true,
  });
  server.on('connection', (socket: Socket) => answering.connected(socket));
  server.on('request', (request, response) => answering.asked(request, response));
  await listening(server, options);
  const { address, port } = server.address() as AddressInfo;
  return {
    address: { host: address, port },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface AnsweringOptions {
  readonly limits: ArbiterLimits;
  readonly behindProxy: boolean;
  readonly onFailure: (error: unknown) => void;
}

/** Who is let in, and what requests are answered with. */
class Answering {
  private readonly arbiter: Arbiter;
  private readonly options: AnsweringOptions;
  private readonly connections: Connections;
  private readonly addresses: Addresses<'connected' | 'asking'>;
  private readonly quota: Quota;
  private readonly uploads: Uploads;

  constructor(arbiter: Arbiter, options: AnsweringOptions) {
    const { connections, byAddress, answersByAddress, uploading } = options.limits;
    this.arbiter = arbiter;
    this.options = options;
    this.connections = new Connections(connections);
    this.addresses = new Addresses({ connected: byAddress, asking: byAddress }, 0);
    this.quota = new Quota(answersByAddress);
    this.uploads = new Uploads(uploading);
  }

  connected(socket: Socket): void {
    const { behindProxy, limits } = this.options;
    const leave = behindProxy ? () => undefined : this.addresses.take('connected', socket.remoteAddress);
    if (leave === undefined) {
      socket.destroy();
      return;
    }
    this.connections.add(socket);
    // Each connection carries one request. Its answer has as much time as it had: nobody keeps a connection by not reading.
    const end = setTimeout(() => socket.destroy(), limits.headerTime + 2 * limits.requestTime);
    socket.once('close', () => {
      clearTimeout(end);
      leave();
    });
  }

  asked(request: IncomingMessage, response: ServerResponse): void {
    if (!this.connections.ask(request.socket)) return; // the answer to the first request ends the connection
    const remote = this.options.behindProxy ? forwardedFor(request) : request.socket.remoteAddress;
    const leave = this.addresses.take('asking', remote);
    response.once('close', () => leave?.());
    const admitted = leave !== undefined && !this.quota.isUsedUp(remote);
    this.respond(request, response, { remote, admitted }).catch((error: unknown) => {
      if (!response.headersSent) reply(response, 500, failure('ERR_INTERNAL', 'a fault of the arbiter'));
      this.options.onFailure(error);
    });
  }

  private async respond(
    request: IncomingMessage,
    response: ServerResponse,
    { remote, admitted }: { readonly remote: string | undefined; readonly admitted: boolean },
  ): Promise<void> {
    const path = request.url as keyof typeof PATHS;
    const does = Object.hasOwn(PATHS, path) ? PATHS[path] : undefined;
    if (does === undefined)
      return reply(response, 404, failure('ERR_USAGE', 'there is nothing at this path'));
    if (request.method !== 'POST') return reply(response, 405, failure('ERR_USAGE', 'only POST is answered'));
    if (!admitted)
      return refuse(response, new ArbiterError('ERR_ARBITER_BUSY', 'too many requests at a time'));
    const body = await this.uploads.read(request, MAX_COMPLAINT);
    if (body === undefined) return;
    this.connections.complete(request.socket);
    if (body === 'too long') {
      return reply(response, 413, failure('ERR_COMPLAINT_FORMAT', `more than ${MAX_COMPLAINT} bytes`));
    }
    try {
      const answer = await this.arbiter[does](body);
      if (answer === undefined) return reply(response, 202, utf8Json({ pending: true }));
      this.quota.count(remote);
      reply(response, 200, answer);
    } catch (error) {
      if (!isParleyError(error)) throw error;
      if (error.code === 'ERR_ARBITER_STORE') this.options.onFailure(error);
      refuse(response, error);
    }
  }
}

function refuse(
  response: ServerResponse,
  { code, message, hint }: { code: ErrorCode; message: string; hint: string },
) {
  reply(response, STATUS[code] ?? 500, utf8Json({ error: { code, message, hint } }));
}

function failure(code: ErrorCode, message: string): Uint8Array {
  return utf8Json({ error: { code, message, hint: errorEntry(code)?.action ?? '' } });
}

function utf8Json(value: object): Uint8Array {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

/** Answers, and ends the connection: each carries one request. */
function reply(response: ServerResponse, status: number, body: Uint8Array): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
    ...(status === 405 && { allow: 'POST' }),
    ...(status === 503 && { 'retry-after': '10' }),
  });
  response.end(body);
}
