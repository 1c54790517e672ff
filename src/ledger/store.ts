import { LedgerError } from '../errors.ts';

/**
 * Names a record of a log and, with it, everything before it: where two readings share a position, they agree on all records up to there. A store
 * makes these names and alone understands them. `START` stands before the first record of every log.
 */
export type Position = string;
export const START: Position = '';

/** A record as it was appended: one line of JSON. */
export interface StoredRecord {
  readonly text: string;
  readonly position: Position;
}

export interface Reading {
  /** Whether the records follow on the position asked for. If not, the log no longer has that position, and these are all its records. */
  readonly continued: boolean;
  readonly records: readonly StoredRecord[];
}

/** Something held until it is released or its holder is gone. */
export interface Hold {
  /** Safe to call again. */
  release(): Promise<void>;
}

/**
 * Where a ledger is kept: logs that only grow. A store knows nothing of what records mean. Its promises are in README.md, _What a store must
 * promise_; whatever it throws but LedgerError means to the ledger that it cannot be used.
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
   * Appends a record if the log's last one is at `after`, and gives its position once it cannot be lost any more; undefined, with nothing
   * written, if another record was first. Safety rests on this alone.
   */
  append(log: string, record: string, after: Position): Promise<Position | undefined>;

  /**
   * The hold of that name, or undefined if somebody else keeps it for longer than `patience` milliseconds. A courtesy: it saves two sessions from
   * working for nothing.
   */
  hold(name: string, patience: number): Promise<Hold | undefined>;

  /** Where a store has them, a long log need not be read from its beginning by each process. */
  readonly snapshots?: Snapshots;
}

/** What the records up to a position came to. */
export interface Snapshot {
  readonly position: Position;
  readonly state: string;
}

/** At most one snapshot a log. It can be lost, but what is given back is what was kept. */
export interface Snapshots {
  /** Undefined unless the log still has that position, and everything before it is undamaged. */
  load(log: string): Promise<Snapshot | undefined>;
  save(log: string, snapshot: Snapshot): Promise<void>;
}

/** The error for a log in which something was changed, moved or taken away. */
export function corrupt(): LedgerError {
  return new LedgerError('ERR_LEDGER_CORRUPT', 'the ledger of attempts with this peer is damaged', {
    hint: 'restore it from a backup; while it is damaged, bids to this peer are not bound',
  });
}
