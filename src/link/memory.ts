import { ParleyError, PeerLeftError } from '../errors.ts';
import type { Channel } from './channel.ts';

/** `send` makes its caller wait while more bytes than this are under way in one direction. */
const CAPACITY = 1 << 20;

/** Two ends of a connection inside this process; the first is the initiator. Chunks arrive as copies, whole. */
export function memoryChannelPair(): [Channel, Channel] {
  const forth = new Pipe();
  const back = new Pipe();
  return [new MemoryChannel(forth, back, true), new MemoryChannel(back, forth, false)];
}

/** One direction. */
class Pipe {
  private readonly chunks: Uint8Array[] = [];
  private size = 0;
  private ended = false;
  private brokenForReader: ParleyError | undefined;
  private brokenForWriter: ParleyError | undefined;
  private wakeReader: (() => void) | undefined;
  private wakeWriters: (() => void)[] = [];

  async write(bytes: Uint8Array): Promise<void> {
    if (this.brokenForWriter !== undefined) throw this.brokenForWriter;
    if (this.ended) throw closed();
    if (bytes.length > 0) {
      this.chunks.push(Uint8Array.from(bytes));
      this.size += bytes.length;
      this.wakeReader?.();
    }
    while (this.size > CAPACITY && this.brokenForWriter === undefined) {
      await new Promise<void>((resolve) => this.wakeWriters.push(resolve));
    }
    if (this.brokenForWriter !== undefined) throw this.brokenForWriter;
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.brokenForReader !== undefined) throw this.brokenForReader;
      const chunk = this.chunks.shift();
      if (chunk !== undefined) {
        this.size -= chunk.length;
        this.release();
        return chunk;
      }
      if (this.ended) return undefined;
      await new Promise<void>((resolve) => {
        this.wakeReader = resolve;
      });
    }
  }

  end(): void {
    this.ended = true;
    this.wakeReader?.();
  }

  break(forReader: ParleyError, forWriter: ParleyError): void {
    this.brokenForReader ??= forReader;
    this.brokenForWriter ??= forWriter;
    this.chunks.length = 0;
    this.wakeReader?.();
    this.release();
  }

  private release(): void {
    const writers = this.wakeWriters;
    this.wakeWriters = [];
    for (const wake of writers) wake();
  }
}

class MemoryChannel implements Channel {
  readonly initiator: boolean;
  private readonly outgoing: Pipe;
  private readonly incoming: Pipe;

  constructor(outgoing: Pipe, incoming: Pipe, initiator: boolean) {
    this.initiator = initiator;
    this.outgoing = outgoing;
    this.incoming = incoming;
  }

  send(bytes: Uint8Array): Promise<void> {
    return this.outgoing.write(bytes);
  }

  receive(): Promise<Uint8Array | undefined> {
    return this.incoming.read();
  }

  async close(): Promise<void> {
    this.outgoing.end();
    this.incoming.break(closed(), new PeerLeftError());
  }

  destroy(): void {
    this.outgoing.break(new PeerLeftError(), closed());
    this.incoming.break(closed(), new PeerLeftError());
  }
}

function closed(): ParleyError {
  return new ParleyError('ERR_CLOSED', 'the channel is closed');
}
