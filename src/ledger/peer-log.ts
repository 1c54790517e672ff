import { platform } from '#platform';
import { History } from './history.ts';
import { decodeRecord, encodeRecord, type PeerRecord } from './record.ts';
import { type Position, type Reading, START, type Store } from './store.ts';

/** How often an append is tried again after another one was first. Each time, some append has succeeded. */
const TRIES = 1_000;
/** Records that are read at a time. */
const SLICE = 256;

/** A log up to the position that has been read. */
interface Standing {
  readonly history: History;
  position: Position;
}

/** One peer's log in a store, with its history so far. Only records that others have appended since are read. */
export class PeerLog {
  private readonly store: Store;
  private readonly name: string;
  private known: Standing | undefined;
  /** How many records the latest snapshot has. */
  private kept = 0;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(store: Store, name: string) {
    this.store = store;
    this.name = name;
  }

  /** The history as far as it has been read. */
  get history(): History {
    return this.known?.history ?? new History();
  }

  /** Reads what has been appended since the last reading. */
  refresh(): Promise<History> {
    return this.inTurn(async () => (await this.readOn()).history);
  }

  /**
   * Appends the record that `decide` returns for the history of all records, or nothing if that is undefined. No other record can come between the
   * two: if one was first, `decide` is asked again. Resolves once the record is durable.
   */
  append(decide: (history: History) => PeerRecord | undefined): Promise<void> {
    return this.inTurn(async () => {
      for (let tries = 0; tries < TRIES; tries++) {
        const standing = await this.readOn();
        const record = decide(standing.history);
        if (record === undefined) return;
        const position = await this.store.append(this.name, encodeRecord(record), standing.position);
        if (position === undefined) continue;
        standing.history.add(record, position);
        standing.position = position;
        return;
      }
      throw new Error('others write this log without end');
    });
  }

  /** The texts of records. */
  pick(positions: readonly Position[]): Promise<string[]> {
    return this.store.pick(this.name, positions);
  }

  /** Keeps a snapshot if much has been appended since the last one. If that fails, the log has no newer snapshot. */
  async settle(): Promise<void> {
    const { store, known } = this;
    if (store.snapshots === undefined || known === undefined) return;
    const { history, position } = known;
    if (history.length - this.kept < SLICE + this.kept / 32) return;
    this.kept = history.length;
    await store.snapshots.save(this.name, { position, state: history.snapshot() }).catch(() => undefined);
  }

  private async readOn(): Promise<Standing> {
    this.known ??= await this.recall();
    const { store, name, known } = this;
    const reading = await store.read(name, known.position);
    // A log that was restored or removed is read from its beginning. Its history is kept only once it has been read to the end.
    const standing = reading.continued ? known : { history: new History(), position: START };
    await follow(standing, reading);
    this.known = standing;
    return standing;
  }

  private async recall(): Promise<Standing> {
    const snapshot = await this.store.snapshots?.load(this.name);
    const history = snapshot && History.restore(snapshot.state);
    if (history === undefined) return { history: new History(), position: START };
    this.kept = history.length;
    return { history, position: snapshot!.position };
  }

  private inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => undefined);
    return done;
  }
}

/** The history of a log, read and checked from its beginning. */
export async function readHistory(store: Store, name: string): Promise<History> {
  const standing = { history: new History(), position: START };
  await follow(standing, await store.read(name, START));
  return standing.history;
}

async function follow(standing: Standing, { records }: Reading): Promise<void> {
  for (const [index, { text, position }] of records.entries()) {
    if (index % SLICE === SLICE - 1) await platform.nextTurn();
    standing.history.add(decodeRecord(text), position);
    standing.position = position;
  }
}
