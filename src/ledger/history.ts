import { isSealed, type ReleasedAttempt } from './attempt.ts';
import type { Cheat, Conduct, Departure } from './conduct.ts';
import { withMatterFolded } from './matter.ts';
import { Matter } from './matter-history.ts';
import { type AttemptRecord, isAttempt, type PeerRecord } from './record.ts';
import type { Position } from './store.ts';

/** A seal's place in the log. */
export interface SealPlace {
  /** Digest of the seal, base64url. */
  readonly own: string;
  readonly position: Position;
}

/** Version of the form of `snapshot` and of the way of counting. A change to either needs another number. */
const VERSION = 4;

/** The totals over all records about a peer, kept up to date record by record. The seals themselves stay in the log. */
export class History implements Conduct {
  /** How many records have been added. */
  length = 0;
  /** Bits disclosed to the peer in all released attempts, under any matter. */
  disclosedBits = 0;
  private caught: Cheat[] = [];
  private left: Departure[] = [];
  private readonly matters = new Map<string, Matter>();
  /** The lines of a snapshot, one per matter, between newlines. A line is parsed when its matter is asked for. */
  private archive = '';
  /** The places in the archive of the lines that have been parsed. */
  private readonly read: { readonly start: number; readonly end: number }[] = [];
  /** The last matter that was looked for and not found. */
  private absent: string | undefined;

  /** The different attempts that have been released, oldest first. */
  get attempts(): ReleasedAttempt[] {
    for (const line of this.archive.split('\n')) {
      if (line !== '') this.find(Matter.nameIn(line));
    }
    const attempts = [...this.matters.values()].flatMap(({ released }) => [...released.values()]);
    return attempts
      .sort((left, right) => left.first - right.first)
      .map(({ first: _, ...attempt }) => attempt);
  }

  /** The cheats that the peer was caught at, oldest first. */
  get cheats(): readonly Cheat[] {
    return this.caught;
  }

  /** The peer's departures, oldest first. */
  get departures(): readonly Departure[] {
    return this.left;
  }

  /** The released attempts on a matter, by `keyOf`, oldest first. */
  attemptsOn(matter: string): ReadonlyMap<string, ReleasedAttempt> {
    return this.find(matter)?.released ?? new Map();
  }

  /** The names of the matters on record. */
  matterNames(): string[] {
    const names = new Set(this.matters.keys());
    for (const line of this.archive.split('\n')) if (line !== '') names.add(Matter.nameIn(line));
    return [...names];
  }

  /** This side's seals for a question, the latest first. */
  sealsOf(matter: string, question: string): SealPlace[] {
    const places = this.find(matter)?.seals.get(question) ?? new Map<string, Position>();
    return [...places].map(([own, position]) => ({ own, position })).reverse();
  }

  /** Adds the next record, which is at `position`. */
  add(recorded: PeerRecord, position: Position): void {
    const record = withMatterFolded(recorded);
    this.length += 1;
    if (isAttempt(record)) {
      this.addAttempt(record, position);
    } else if (record.type === 'cheated') {
      const { type: _, ...cheat } = record;
      this.caught.push({ ...cheat, forgiven: false });
    } else if (record.type === 'left') {
      const { type: _, ...departure } = record;
      this.left.push(departure);
    } else {
      this.caught = this.caught.map((cheat) => ({ ...cheat, forgiven: true }));
    }
  }

  /** The whole history, as text. */
  snapshot(): string {
    const { length, disclosedBits, caught, left, archive } = this;
    const lines = [JSON.stringify({ version: VERSION, length, disclosedBits, caught, left })];
    for (const [name, matter] of this.matters) lines.push(matter.toLine(name));
    let text = `${lines.join('\n')}\n`;
    let offset = 1;
    for (const { start, end } of this.read.toSorted((one, other) => one.start - other.start)) {
      text += archive.slice(offset, start);
      offset = end;
    }
    return text + archive.slice(offset);
  }

  /** Reads a text of `snapshot`; undefined if it was made by a version that counts in another way. */
  static restore(text: string): History | undefined {
    const end = text.indexOf('\n');
    const { version, length, disclosedBits, caught, left } = JSON.parse(text.slice(0, end));
    if (version !== VERSION) return undefined;
    const history = new History();
    Object.assign(history, { length, disclosedBits, caught, left, archive: text.slice(end) });
    return history;
  }

  private addAttempt(record: AttemptRecord, position: Position): void {
    const { matter: name, question, own } = record;
    const matter = this.find(name) ?? new Matter();
    this.matters.set(name, matter);
    if (record.type === 'sealed') {
      if (isSealed(record)) matter.sealed(question, own, position);
    } else if (record.type === 'released') {
      this.disclosedBits += matter.release(record, this.length);
    } else {
      matter.end(record);
    }
  }

  private find(name: string): Matter | undefined {
    const known = this.matters.get(name);
    if (known !== undefined || name === this.absent) return known;
    const { archive } = this;
    const before = archive.indexOf(`\n${Matter.beginning(name)}`);
    if (before < 0) {
      this.absent = name;
      return undefined;
    }
    const start = before + 1;
    const end = archive.indexOf('\n', start) + 1;
    const matter = Matter.fromLine(name, archive.slice(start, end - 1));
    this.read.push({ start, end });
    this.matters.set(name, matter);
    return matter;
  }
}
