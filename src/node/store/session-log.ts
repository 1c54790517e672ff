import { randomUUID } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import type { SessionLog } from '../../desk/session-log.ts';
import { InputError } from '../../errors.ts';
import { fits } from '../../ledger/index.ts';

/** A line: a place was taken (`take`), bits may be told (`tell`), or either was given back (`drop`). It has an id, then the time or the number of bits. */
const LINE = /^(?<kind>take|drop|tell) (?<id>[0-9a-f-]{36}) (?<figure>\d{1,15}(?:(?<=tell.*)\.\d{9})?)$/;
/** The beginning of a line, as a writer that died leaves it. */
const TORN =
  /^(?:t|ta|tak|take|te|tel|tell|d|dr|dro|drop|(?:take|drop|tell) (?:[0-9a-f-]{0,36}|[0-9a-f-]{36} \d{0,15}(?:\.\d{0,9})?))?$/;

interface Entries {
  /** When each place was taken. */
  readonly places: Map<string, number>;
  /** How many bits each negotiation may have told. */
  readonly told: Map<string, number>;
}

/**
 * Counts in a file, for several processes and runs. For each negotiation a line is appended and the file is read again, so that of two processes at the
 * same time at most one gets the last place, or the last bits. A line that was cut off counts for nothing and is skipped. Throws InputError `ERR_FILE` if the file
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
  const usable = async <Value>(use: () => Promise<Value>): Promise<Value> => {
    try {
      return await use();
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      throw unusable(path, cause);
    }
  };
  /** Appends a line that takes something. If the file does not allow it, a further line gives it back. */
  const claim = (
    line: (own: string) => string,
    allows: (entries: Entries, own: string) => boolean,
  ): Promise<boolean> =>
    usable(async () => {
      const own = randomUUID();
      await append(line(own));
      if (allows(await readEntries(), own)) return true;
      await append(`drop ${own} ${Date.now()}`);
      return false;
    });
  /** Looks without taking. The file is opened as for `claim`, so that one that cannot be used is found out now. */
  const look = (allows: (entries: Entries) => boolean): Promise<boolean> =>
    usable(async () => {
      await (await open(path, 'a', 0o600)).close();
      return allows(await readEntries());
    });
  return {
    take: (most, since) =>
      claim(
        (own) => `take ${own} ${Date.now()}`,
        ({ places }, own) => {
          const place = recentOf(places, since).indexOf(own);
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
    canTake: (most, since) => look(({ places }) => recentOf(places, since).length < most),
    canSpend: (bits, budget) => look(({ told }) => fits(bits, sum([...told.values()]), budget)),
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

/** Ids of the places that were taken after `since`, in order. */
function recentOf(places: Entries['places'], since: number): string[] {
  return [...places].filter(([, time]) => time > since).map(([id]) => id);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** Rounded up to nine decimal places. */
function roundedUp(bits: number): string {
  return (Math.ceil(bits * 1e9) / 1e9).toFixed(9);
}

/** Lines, whole and torn. After a torn line the next one begins without a newline. Blocks that never reached the disk are read as NULs. */
function linesOf(text: string): string[] {
  return text.replaceAll('\0', '').split(/\n|(?=take |drop |tell )/);
}

function unusable(path: string, cause?: unknown): InputError {
  return new InputError('ERR_FILE', `the log of negotiations ${path} cannot be used`, {
    hint: 'check its permissions, or move it away if it is something else',
    ...(cause === undefined ? {} : { cause }),
  });
}
