import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';
import { giveBack } from '../../crypto/give-back.ts';
import { ConnectionError, ParleyError, PeerLeftError } from '../../errors.ts';
import type { Channel } from '../../link/channel.ts';
import type { Address } from '../../link/endpoint.ts';

/** Bytes read and not yet taken, past which the socket is paused. */
const READ_AHEAD = 1 << 16;
/** Bytes handed to the socket and not yet sent, past which `send` makes its caller wait. */
const WRITE_AHEAD = 1 << 20;
/** Milliseconds that `close` gives the peer to close its side too. */
const LINGER = 1_000;

/** A listening socket. */
export interface Listener {
  /** Where it listens: the actual port if 0 was asked for. */
  readonly address: Address;
  /** The next connection, or undefined once the listener is closed. */
  accept(): Promise<Channel | undefined>;
  /** Stops listening, and drops connections that nobody accepted. */
  close(): Promise<void>;
}

/**
 * Listens on a TCP port. At most `backlog` (default 16) connections wait to be accepted; more are dropped at once.
 * Throws ConnectionError `ERR_CONNECT` if the address cannot be used.
 */
export async function listen(options: Address & { readonly backlog?: number }): Promise<Listener> {
  const backlog = options.backlog ?? 16;
  const waiting: SocketChannel[] = [];
  let wake: (() => void) | undefined;
  const server = createServer({ noDelay: true }, (socket) => {
    const channel = new SocketChannel(socket, false);
    if (waiting.length >= backlog) return channel.destroy();
    waiting.push(channel);
    wake?.();
  });
  await listening(server, options);
  const { address, port } = server.address() as AddressInfo;
  return {
    address: { host: address, port },
    async accept() {
      for (;;) {
        const channel = waiting.shift();
        if (channel !== undefined) return channel;
        if (!server.listening) return undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async close() {
      for (const channel of waiting.splice(0)) channel.destroy();
      if (server.listening) server.close();
      wake?.();
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
  return new Promise<Channel>((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled(signal));
    const socket = createConnection({ host, port, noDelay: true });
    const finish = (error?: ParleyError) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.off('error', onError);
      if (error === undefined) return resolve(new SocketChannel(socket, true));
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const onError = (cause: NodeJS.ErrnoException) => finish(unreachable(options, cause));
    const onAbort = () => finish(cancelled(signal!));
    const timer = setTimeout(() => finish(unreachable(options, undefined)), timeout);
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.once('error', onError);
    socket.once('connect', () => finish());
  });
}

/** A connected socket as a channel. It is paused while more than 64 KiB wait to be received. */
export class SocketChannel implements Channel {
  readonly initiator: boolean;
  private readonly socket: Socket;
  private readonly chunks: Uint8Array[] = [];
  private waiting = 0;
  private ended = false;
  private failure: ParleyError | undefined;
  private closing: Promise<void> | undefined;
  private wakeReader: (() => void) | undefined;
  private wakeWriters: (() => void)[] = [];

  constructor(socket: Socket, initiator: boolean) {
    this.socket = socket;
    this.initiator = initiator;
    socket.on('data', (chunk: Uint8Array) => {
      if (this.closing !== undefined) return;
      this.chunks.push(chunk);
      this.waiting += chunk.length;
      if (this.waiting > READ_AHEAD) socket.pause();
      this.wakeReader?.();
    });
    socket.on('end', () => {
      this.ended = true;
      this.wakeReader?.();
    });
    socket.on('error', () => this.fail(new PeerLeftError('the connection to the other side broke')));
    socket.on('close', () => this.fail(new PeerLeftError()));
  }

  async send(bytes: Uint8Array): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    if (this.closing !== undefined) throw closed();
    if (this.socket.writableCorked === 0) {
      this.socket.cork();
      process.nextTick(() => this.socket.uncork());
    }
    this.socket.write(bytes, (error) => {
      if (!error) giveBack(bytes);
      this.releaseWriters();
    });
    while (this.socket.writableLength > WRITE_AHEAD && this.failure === undefined) {
      await new Promise<void>((resolve) => this.wakeWriters.push(resolve));
    }
    if (this.failure !== undefined) throw this.failure;
  }

  async receive(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.chunks.shift();
      if (chunk !== undefined) {
        this.waiting -= chunk.length;
        if (this.waiting <= READ_AHEAD && this.socket.isPaused()) this.socket.resume();
        return chunk;
      }
      if (this.ended) return undefined;
      if (this.failure !== undefined) throw this.failure;
      await new Promise<void>((resolve) => {
        this.wakeReader = resolve;
      });
    }
  }

  close(): Promise<void> {
    this.closing ??= new Promise<void>((resolve) => {
      this.chunks.length = 0;
      if (this.socket.destroyed) return resolve();
      const timer = setTimeout(() => this.socket.destroy(), LINGER);
      this.socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      this.socket.end();
      this.socket.resume();
    });
    return this.closing;
  }

  destroy(): void {
    this.chunks.length = 0;
    this.ended = false;
    this.fail(closed());
    this.socket.destroy();
  }

  private fail(error: ParleyError): void {
    this.failure ??= error;
    this.wakeReader?.();
    this.releaseWriters();
  }

  private releaseWriters(): void {
    const writers = this.wakeWriters;
    this.wakeWriters = [];
    for (const wake of writers) wake();
  }
}

function listening(server: Server, { host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const hint =
        cause.code === 'EADDRINUSE' ? 'another program uses this port; choose another' : 'check --listen';
      reject(
        new ConnectionError('ERR_CONNECT', `cannot listen on ${host}:${port} (${cause.code})`, {
          hint,
          cause,
        }),
      );
    });
    server.listen({ host, port }, resolve);
  });
}

function unreachable({ host, port }: Address, cause: NodeJS.ErrnoException | undefined): ConnectionError {
  return new ConnectionError('ERR_CONNECT', `cannot reach ${host}:${port} (${cause?.code ?? 'no answer'})`, {
    hint: 'check the address, and that the other side is listening',
    ...(cause === undefined ? {} : { cause }),
  });
}

function cancelled(signal: AbortSignal): ParleyError {
  return new ParleyError('ERR_CANCELLED', 'the session was cancelled', { cause: signal.reason });
}

function closed(): ParleyError {
  return new ParleyError('ERR_CLOSED', 'the channel is closed');
}
