import { randomUUID } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import type { SessionLog } from '../../desk/session-log.ts';
import { InputError } from '../../errors.ts';
import { fits } from '../../ledger/index.ts';

/** A place that was taken, bits that may be told, or either given back: its name, and when, or how many bits. */
const LINE = /^(?<kind>take|drop|tell) (?<id>[0-9a-f-]{36}) (?<figure>\d{1,15}(?:(?<=tell.*)\.\d{9})?)$/;
/** The beginning of a line: what is left of one if its writer died. */
const TORN =
  /^(?:t|ta|tak|take|te|tel|tell|d|dr|dro|drop|(?:take|drop|tell) (?:[0-9a-f-]{0,36}|[0-9a-f-]{36} \d{0,15}(?:\.\d{0,9})?))?$/;

interface Entries {
  /** When each place was taken. */
  readonly places: Map<string, number>;
  /** How many bits each may have told. */
  readonly told: Map<string, number>;
}

/**
 * Counts in a file, for several processes and runs: a line is appended for each negotiation and the file is read again, so that of two who come at the
 * same time at most one gets the last place, or the last bits. A line that was cut off took nothing, and is passed over. Throws InputError `ERR_FILE` if the file
 * cannot be used or holds something else.
 */
export function fileSessionLog(path: string): SessionLog {
  const append = async (line: string) => {
    const file = await open(path, 'a', 0o600);
    try {
      await file.appendFile(`${line}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  };
  /** Appends a line that takes something, which the file then allows, or which is taken back. */
  const claim = async (
    line: (own: string) => string,
    allows: (entries: Entries, own: string) => boolean,
  ): Promise<boolean> => {
    try {
      const own = randomUUID();
      await append(line(own));
      if (allows(await readEntries(), own)) return true;
      await append(`drop ${own} ${Date.now()}`);
      return false;
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      throw unusable(path, cause);
    }
  };
  return {
    take: (most, since) =>
      claim(
        (own) => `take ${own} ${Date.now()}`,
        ({ places }, own) => {
          const recent = [...places].filter(([, time]) => time > since).map(([id]) => id);
          const place = recent.indexOf(own);
          return place >= 0 && place < most;
        },
      ),
    spend: (bits, budget) =>
      claim(
        (own) => `tell ${own} ${roundedUp(bits)}`,
        ({ told }, own) => {
          const before = [...told.keys()].indexOf(own);
          return before >= 0 && fits(bits, sum([...told.values()].slice(0, before)), budget);
        },
      ),
  };

  async function readEntries(): Promise<Entries> {
    const [places, told] = [new Map<string, number>(), new Map<string, number>()];
    for (const line of linesOf(await readFile(path, 'utf8'))) {
      const { kind, id = '', figure } = LINE.exec(line)?.groups ?? {};
      if (kind === 'take') places.set(id, Number(figure));
      else if (kind === 'tell') told.set(id, Number(figure));
      else if (kind === 'drop') {
        places.delete(id);
        told.delete(id);
      } else if (!TORN.test(line)) throw unusable(path);
    }
    return { places, told };
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** With nine places, never less than it is. */
function roundedUp(bits: number): string {
  return (Math.ceil(bits * 1e9) / 1e9).toFixed(9);
}

/** Lines, whole and torn. Behind a torn one the next begins without a newline; blocks that never reached the disk read as NULs. */
function linesOf(text: string): string[] {
  return text.replaceAll('\0', '').split(/\n|(?=take |drop |tell )/);
}

function unusable(path: string, cause?: unknown): InputError {
  return new InputError('ERR_FILE', `the log of negotiations ${path} cannot be used`, {
    hint: 'check its permissions, or move it away if it is something else',
    ...(cause === undefined ? {} : { cause }),
  });
}
