import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { giveBack } from '../../crypto/give-back.ts';
import { ParleyError, PeerLeftError } from '../../errors.ts';
import type { Channel } from '../../link/channel.ts';

/** Reading is paused while more bytes than this have been read and not yet received. */
const READ_AHEAD = 1 << 16;
/** `send` makes its caller wait while more bytes than this have been written and not yet sent. */
const WRITE_AHEAD = 1 << 20;
/** The most bytes in one write. Over a WebSocket, this is the longest message. */
export const MAX_WRITE = 1 << 20;
/** Milliseconds that `close` waits for written bytes to leave, and for the peer of a duplex to close too. */
const LINGER = 1_000;

/**
 * A readable and a writable stream as one channel: standard input and output, the pipes of a child process, or a duplex, such as a socket, given
 * twice. Both belong to the channel from here on. Reading is paused while more than 64 KiB wait to be received.
 */
export class StreamChannel implements Channel {
  readonly initiator: boolean | undefined;
  readonly remote: string | undefined;
  private readonly input: Readable;
  private readonly output: Writable;
  private readonly chunks: Uint8Array[] = [];
  private waiting = 0;
  private ended = false;
  private failure: ParleyError | undefined;
  private closing: Promise<void> | undefined;
  private wakeReader: (() => void) | undefined;
  private wakeWriters: (() => void)[] = [];

  constructor(input: Readable, output: Writable, initiator?: boolean, remote?: string) {
    this.input = input;
    this.output = output;
    this.initiator = initiator;
    this.remote = remote;
    const left = () => this.fail(new PeerLeftError());
    const broke = () => this.fail(new PeerLeftError('the connection to the other side broke'));
    input.on('data', (chunk: Uint8Array) => this.onData(chunk));
    input.on('end', () => {
      this.ended = true;
      this.wakeReader?.();
    });
    for (const stream of new Set<Readable | Writable>([input, output])) stream.on('error', broke);
    input.on('close', () => {
      if (!this.ended) left();
    });
    output.on('close', left);
  }

  async send(bytes: Uint8Array): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    if (this.closing !== undefined) throw closed();
    const { output } = this;
    if (output.writableCorked === 0) {
      output.cork();
      queueMicrotask(() => output.uncork());
    }
    for (let offset = 0; offset < bytes.length; offset += MAX_WRITE) {
      const last = offset + MAX_WRITE >= bytes.length;
      output.write(bytes.subarray(offset, offset + MAX_WRITE), (error) => {
        // Bytes that a socket has written are with the system. Other streams may still hold them.
        if (last && !error && output instanceof Socket) giveBack(bytes);
        this.releaseWriters();
      });
    }
    while (this.output.writableLength > WRITE_AHEAD && this.failure === undefined) {
      await new Promise<void>((resolve) => this.wakeWriters.push(resolve));
    }
    if (this.failure !== undefined) throw this.failure;
  }

  async receive(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.chunks.shift();
      if (chunk !== undefined) {
        this.waiting -= chunk.length;
        if (this.waiting <= READ_AHEAD && this.input.isPaused()) this.input.resume();
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
      const done = () => {
        clearTimeout(timer);
        this.drop();
        resolve();
      };
      const timer = setTimeout(done, LINGER);
      if (this.output.destroyed || this.output.writableFinished) return done();
      this.output.once('close', done);
      this.output.once('error', done);
      // A duplex closes once its peer has closed too. For other streams it is enough that everything has left.
      if ((this.output as unknown) !== this.input) this.output.once('finish', done);
      this.output.end();
      this.input.resume();
    });
    return this.closing;
  }

  destroy(): void {
    this.chunks.length = 0;
    this.ended = false;
    this.fail(closed());
    this.drop();
  }

  private onData(chunk: Uint8Array): void {
    if (this.closing !== undefined || chunk.length === 0) return;
    this.chunks.push(chunk);
    this.waiting += chunk.length;
    if (this.waiting > READ_AHEAD) this.input.pause();
    this.wakeReader?.();
  }

  private drop(): void {
    this.input.destroy();
    this.output.destroy();
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

function closed(): ParleyError {
  return new ParleyError('ERR_CLOSED', 'the channel is closed');
}
