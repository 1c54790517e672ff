import type { Channel } from './channel.ts';

/** Connections that have arrived and wait to be accepted, the oldest first. */
export class AcceptQueue {
  private readonly limit: number;
  private readonly waiting: Channel[] = [];
  private wakers: (() => void)[] = [];
  private closed = false;
  private failure: { readonly error: unknown } | undefined;

  /** @param limit how many may wait at a time */
  constructor(limit = Number.POSITIVE_INFINITY) {
    this.limit = limit;
  }

  /** Whether a further connection would be dropped. */
  get full(): boolean {
    return this.closed || this.waiting.length >= this.limit;
  }

  /** Lets a connection wait, or drops it where the queue is full. */
  add(channel: Channel): void {
    if (this.full) {
      channel.destroy();
      return;
    }
    this.waiting.push(channel);
    this.wake();
  }

  /** The next connection; undefined once the queue is closed. If the queue has failed, throws the error after the last waiting connection. */
  async next(): Promise<Channel | undefined> {
    for (;;) {
      const channel = this.waiting.shift();
      if (channel !== undefined) return channel;
      if (this.closed) return undefined;
      if (this.failure !== undefined) throw this.failure.error;
      await new Promise<void>((resolve) => this.wakers.push(resolve));
    }
  }

  /** To be called when no more connections will come. */
  fail(error: unknown): void {
    this.failure ??= { error };
    this.wake();
  }

  /** Drops the connections that wait, and every later one. */
  close(): void {
    this.closed = true;
    for (const channel of this.waiting.splice(0)) channel.destroy();
    this.wake();
  }

  private wake(): void {
    for (const wake of this.wakers.splice(0)) wake();
  }
}
