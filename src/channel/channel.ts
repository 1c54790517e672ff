/**
 * Anything that carries bytes both ways, in order: a socket, a pipe, memory. Chunk boundaries mean nothing.
 */
export interface Channel {
  /** Queues bytes; resolves when the channel can take more (back-pressure). The caller may reuse `bytes` after it resolves. Rejects once the channel is closed or broken. */
  send(bytes: Uint8Array): Promise<void>;
  /** The next chunk, never empty, or undefined at the orderly end. Rejects if the channel broke. */
  receive(): Promise<Uint8Array | undefined>;
  /** Flushes what was sent, then closes both directions. Safe to call again. */
  close(): Promise<void>;
  /** Drops the connection at once. Safe to call at any time. */
  destroy(): void;
}
