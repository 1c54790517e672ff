import { LedgerError } from '../errors.ts';

/**
 * Names a record of a log and everything before it: if two readings share a position, they agree on all records up to there. Only the store that
 * made a position understands it. `START` is the position before the first record of every log.
 */
export type Position = string;
export const START: Position = '';

/** A record as it was appended: one line of JSON. */
export interface StoredRecord {
  readonly text: string;
  readonly position: Position;
}

export interface Reading {
  /** Whether the records are those after the position asked for. If not, the log no longer has that position, and these are all its records. */
  readonly continued: boolean;
  readonly records: readonly StoredRecord[];
}

/** Something held until it is released or its holder is gone. */
export interface Hold {
  /** May be called more than once. */
  release(): Promise<void>;
}

/**
 * Where a ledger is kept: logs that only grow. A store knows nothing about the meaning of records. Its promises are in README.md, _What a store must
 * promise_. If it throws anything but LedgerError, the ledger takes it as unusable.
 */
export interface Store {
  /** Names of the logs that hold records. */
  list(): Promise<string[]>;

  /**
   * The records after a position, oldest first. Throws LedgerError `ERR_LEDGER_CORRUPT` for damage in what it reads; with `START` it reads, and
   * checks, the whole log. Names of logs are lower-case hexadecimal digits.
   */
  read(log: string, after: Position): Promise<Reading>;

  /** The records at these positions. Throws LedgerError `ERR_LEDGER_CORRUPT` if one of them is not there. */
  pick(log: string, positions: readonly Position[]): Promise<string[]>;

  /**
   * Appends a record if the log's last record is at `after`, and returns its position once it is durable. If another record was first, it writes
   * nothing and returns undefined. Safety rests on this alone.
   */
  append(log: string, record: string, after: Position): Promise<Position | undefined>;

  /**
   * The hold of that name, or undefined if somebody else keeps it for longer than `patience` milliseconds. Safety does not depend on it: it only saves
   * two sessions from working for nothing.
   */
  hold(name: string, patience: number): Promise<Hold | undefined>;

  /** Optional. They save each process from reading a long log from its beginning. */
  readonly snapshots?: Snapshots;
}

/** The history of the records up to a position. */
export interface Snapshot {
  readonly position: Position;
  readonly state: string;
}

/** At most one snapshot per log. A snapshot may be lost, but is never changed. */
export interface Snapshots {
  /** Undefined unless the log still has that position, and everything before it is undamaged. */
  load(log: string): Promise<Snapshot | undefined>;
  save(log: string, snapshot: Snapshot): Promise<void>;
}

/** The error for a log in which something was changed, moved or removed. */
export function corrupt(): LedgerError {
  return new LedgerError('ERR_LEDGER_CORRUPT', 'the ledger of attempts with this peer is damaged', {
    hint: 'restore it from a backup; while it is damaged, bids to this peer are not bound',
  });
}
