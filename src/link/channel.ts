/**
 * Anything that carries bytes both ways, in order: a socket, a pipe, memory. Chunk boundaries mean nothing.
 */
export interface Channel {
  /** Whether this side opened the connection, if the channel knows. Exactly one side did. */
  readonly initiator?: boolean | undefined;
  /** The address at the other end, if the channel knows it. It is not proved. */
  readonly remote?: string | undefined;
  /**
   * Queues bytes; resolves when the channel can take more (back-pressure). The bytes belong to the channel from the call on: the
   * caller does not change them. Rejects once the channel is closed or broken. Calls may overlap; their order counts.
   */
  send(bytes: Uint8Array): Promise<void>;
  /**
   * The next chunk, never empty, or undefined at the orderly end. It belongs to the caller. Rejects if the channel broke.
   * One call at a time.
   */
  receive(): Promise<Uint8Array | undefined>;
  /** Flushes what was sent, then closes both directions. Settles in bounded time, and never rejects. May be called more than once. */
  close(): Promise<void>;
  /** Drops the connection at once: pending calls reject. Safe to call at any time. */
  destroy(): void;
}

/** A host's name or number, and a port. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Something that accepts connections: a socket, or a room of a relay. */
export interface Listener {
  /** Where it listens: the actual port if 0 was asked for. */
  readonly address: Address;
  /** The next connection, or undefined once the listener is closed. */
  accept(): Promise<Channel | undefined>;
  /** Stops listening, and drops connections that nobody accepted. */
  close(): Promise<void>;
}
