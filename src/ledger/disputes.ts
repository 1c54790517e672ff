import { fromHex, toHex } from '../crypto/encoding.ts';

/** What is kept of a session (32 bytes). */
export interface KeptDispute {
  readonly session: Uint8Array;
  /** Undefined if it cannot be read. */
  readonly document: Uint8Array | undefined;
}

/** Where a side keeps what it needs to turn to an arbiter, one document a session, from before it engages until the dispute is over. */
export interface DisputeStore {
  /** Keeps a document in place of what was kept of that session (32 bytes). Resolves once it survives the end of the process and a loss of power. */
  keep(session: Uint8Array, document: Uint8Array): Promise<void>;
  /** Removes what is kept of a session. */
  remove(session: Uint8Array): Promise<void>;
  /** Everything that is kept. */
  list(): Promise<readonly KeptDispute[]>;
  /** What the owner calls the place of a session's dispute. */
  place(session: Uint8Array): string;
}

/** Disputes for as long as the program runs: after a crash nobody can complain. */
export function memoryDisputes(): DisputeStore {
  const kept = new Map<string, Uint8Array>();
  return {
    keep: async (session, document) => void kept.set(toHex(session), document.slice()),
    remove: async (session) => void kept.delete(toHex(session)),
    list: async () => [...kept].map(([session, document]) => ({ session: fromHex(session), document })),
    place: () => 'memory',
  };
}
