import { keyOf, type ReleasedAttempt } from './attempt.ts';
import type { AttemptRecord } from './record.ts';
import type { Position } from './store.ts';

/** An attempt as it is counted. */
type Counted = { -readonly [Key in keyof ReleasedAttempt]: ReleasedAttempt[Key] } & {
  /** How many records the log had, over all matters, when the attempt was first released. */
  readonly first: number;
};

/** An attempt that has not ended without an agreement. */
const OPEN: Pick<Counted, 'end' | 'returned'> = { end: undefined, returned: false };

/** The totals over the records on one matter. */
export class Matter {
  /** The released attempts, by `keyOf`, oldest first. */
  readonly released: Map<string, Counted>;
  /** Positions of this side's seals, by question, then by the seal's digest. Of two records of one seal the later counts. Latest last. */
  readonly seals: Map<string, Map<string, Position>>;

  constructor(released = new Map<string, Counted>(), seals = new Map<string, Map<string, Position>>()) {
    this.released = released;
    this.seals = seals;
  }

  sealed(question: string, own: string, position: Position): void {
    const places = this.seals.get(question) ?? new Map<string, Position>();
    places.delete(own);
    places.set(own, position);
    this.seals.set(question, places);
  }

  /** Counts a release. `first` is the number of its record in the log. Returns the bits that the release adds to those disclosed. */
  release(record: Extract<AttemptRecord, { type: 'released' }>, first: number): number {
    const { matter, question, own, peer, rule, releases = 1, time, session, ratified = false } = record;
    // Earlier versions counted an average under a prior. Each release counts for at least one bit.
    const bits = Math.max(record.bits, releases);
    const key = keyOf(record);
    const earlier = this.released.get(key);
    if (earlier === undefined) {
      const attempt = {
        matter,
        question,
        own,
        peer,
        rule,
        bits,
        releases,
        time,
        session,
        agreement: undefined,
        ratified,
        ...OPEN,
        first,
      };
      this.released.set(key, attempt);
      return bits;
    }
    const more = Math.max(bits - earlier.bits, 0);
    earlier.bits = Math.max(bits, earlier.bits);
    earlier.releases = Math.max(releases, earlier.releases);
    earlier.ratified ||= ratified;
    // Where each release counts, each further one needs an agreement of its own.
    if (record.releases !== undefined) earlier.agreement = undefined;
    Object.assign(earlier, { ...OPEN, session });
    return more;
  }

  /** Notes how a release has ended. */
  end(record: Extract<AttemptRecord, { type: 'agreed' | 'void' | 'unknown' }>): void {
    const attempt = this.released.get(keyOf(record));
    if (attempt === undefined) return;
    if (record.type === 'agreed') Object.assign(attempt, { ...OPEN, agreement: record.agreement });
    else {
      attempt.end = record.type;
      attempt.returned = record.type === 'void' && record.returned;
    }
  }

  /** The whole matter in one line, which begins with `beginning`. */
  toLine(name: string): string {
    const released = [...this.released.values()].map((attempt) => [
      ...[attempt.question, attempt.own, attempt.peer, attempt.bits, attempt.releases],
      ...[attempt.time, attempt.agreement, attempt.first, attempt.rule, attempt.end, attempt.returned],
      ...[attempt.session, attempt.ratified],
    ]);
    const seals = [...this.seals].map(([question, places]) => [question, [...places]]);
    return `${Matter.beginning(name)}${JSON.stringify([released, seals])}`;
  }

  /** Reads a line of `toLine`. */
  static fromLine(matter: string, line: string): Matter {
    const [released, seals] = JSON.parse(line.slice(Matter.beginning(matter).length));
    const known = new Matter();
    for (const [
      question,
      own,
      peer,
      bits,
      releases,
      time,
      agreement,
      first,
      rule,
      end,
      returned,
      session,
      ratified,
    ] of released) {
      const attempt = {
        matter,
        question,
        own,
        peer,
        bits,
        releases,
        time,
        first,
        returned,
        session,
        ratified,
      };
      const optional = { agreement: agreement ?? undefined, rule: rule ?? undefined, end: end ?? undefined };
      known.released.set(keyOf(attempt), { ...attempt, ...optional });
    }
    for (const [question, places] of seals) known.seals.set(question, new Map(places));
    return known;
  }

  /** The beginning of a matter's line, which no other matter's line has. */
  static beginning(name: string): string {
    return `${JSON.stringify(name)}:`;
  }

  /** The matter of a line. */
  static nameIn(line: string): string {
    return JSON.parse(/^"(?:[^"\\]|\\.)*"/.exec(line)![0]);
  }
}
