import type { Bits } from '../../../src/engine/engine.ts';
import { messageTypes } from '../../../src/link/message.ts';
import { fieldsOf } from './declared.ts';
import { codeOf, type Ending } from './duel.ts';

/** What became of one attack on an honest party. */
export type Verdict = 'caught' | 'silence' | 'right' | 'another input' | 'wrong';

/** What an honest party says that has caught a change: a check failed, or the deadline is not a window from now. */
const CAUGHT = new Set(['ERR_PEER_CHEATED', 'ERR_CLOCK']);

/** Judges an honest party's ending. `acceptable` are outcomes of honest runs with another input of the cheater. */
export function judge(
  ending: Ending,
  right: readonly (Bits | undefined)[],
  acceptable: readonly (readonly (Bits | undefined)[])[] = [],
): Verdict {
  const code = codeOf(ending);
  if (code !== undefined && CAUGHT.has(code)) return 'caught';
  if (code === 'ERR_PEER_LEFT' || code === 'ERR_TIMEOUT') return 'silence';
  if (!('outcome' in ending)) return 'wrong';
  if (equalOutcomes(ending.outcome, right)) return 'right';
  return acceptable.some((outcome) => equalOutcomes(ending.outcome, outcome)) ? 'another input' : 'wrong';
}

export function equalOutcomes(
  left: readonly (Bits | undefined)[],
  right: readonly (Bits | undefined)[],
): boolean {
  return left.length === right.length && left.every((bits, i) => String(bits) === String(right[i]));
}

type Counts = Record<Verdict, number>;

/** Counts verdicts for every field of every message in each direction, and prints them. */
export class Coverage {
  /** The kinds of change that have changed a message. */
  readonly changes = new Set<string>();
  private readonly rows = new Map<string, Counts>();

  record(from: string, message: string, field: string, verdict: Verdict): void {
    const key = `${message}|${field}|${from}`;
    const row = this.rows.get(key) ?? { caught: 0, silence: 0, right: 0, 'another input': 0, wrong: 0 };
    row[verdict] += 1;
    this.rows.set(key, row);
  }

  /** How often a verdict was given on a field: `key` is "message.field sender". */
  times(key: string, verdict: Verdict): number {
    const [, message, field, from] = /^(.*)\.(\w+) (\w)$/.exec(key)!;
    return this.rows.get(`${message}|${field}|${from}`)?.[verdict] ?? 0;
  }

  /** Fields of declared messages, ids in the given ranges, that no attack has touched. */
  untested(ranges: readonly (readonly [number, number])[]): string[] {
    const declared = messageTypes().filter(({ id }) => ranges.some(([from, to]) => from <= id && id <= to));
    return declared.flatMap((type) => {
      return fieldsOf(type)
        .filter((field) => ![...this.rows.keys()].some((key) => key.startsWith(`${type.name}|${field}|`)))
        .map((field) => `${type.name}.${field}`);
    });
  }

  /** The table, a line a row; `reasons` explain fields whose change need not be caught. */
  table(reasons: ReadonlyMap<string, string>): string {
    const header = [
      'message',
      'field',
      'from',
      'caught',
      'silence',
      'right',
      'other input',
      'why it may pass',
    ];
    const lines = [...this.rows]
      .sort(([left], [right]) => left.localeCompare(right))
      .map(([key, counts]) => {
        const [message, field, from] = key.split('|') as [string, string, string];
        const { caught, silence, right, 'another input': another } = counts;
        const reason = reasons.get(`${message}.${field} ${from}`) ?? '';
        return [message, field, from, ...[caught, silence, right, another].map(String), reason];
      });
    const all = [header, ...lines];
    const widths = header.map((_, column) => Math.max(...all.map((line) => line[column]!.length)));
    return all
      .map((line) =>
        line
          .map((cell, i) => cell.padEnd(widths[i]!))
          .join('  ')
          .trimEnd(),
      )
      .join('\n');
  }
}
