import { randomUUID } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import type { SessionLog } from '../../desk/session-log.ts';
import { InputError } from '../../errors.ts';

const LINE = /^(take|drop) ([0-9a-f-]{36}) (\d{1,15})$/;
/** The beginning of a line: what is left of one if its writer died. */
const TORN = /^(?:t|ta|tak|take|d|dr|dro|drop|(?:take|drop) (?:[0-9a-f-]{0,36}|[0-9a-f-]{36} \d{0,15}))?$/;

/**
 * Counts in a file, for several processes and runs: a line is appended for each negotiation and the file is read again, so that of two who come at the
 * same time at most one gets the last place. A line that was cut off took no place, and is passed over. Throws InputError `ERR_FILE` if the file
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
  return {
    async take(most, since) {
      try {
        const own = randomUUID();
        await append(`take ${own} ${Date.now()}`);
        const places = readPlaces(await readFile(path, 'utf8'), since);
        if (places.indexOf(own) >= 0 && places.indexOf(own) < most) return true;
        await append(`drop ${own} ${Date.now()}`);
        return false;
      } catch (cause) {
        if (cause instanceof InputError) throw cause;
        throw unusable(path, cause);
      }
    },
  };

  function readPlaces(text: string, since: number): string[] {
    const places = new Set<string>();
    for (const line of linesOf(text)) {
      const [, kind, id, time] = LINE.exec(line) ?? [];
      if (id === undefined) {
        if (!TORN.test(line)) throw unusable(path);
      } else if (kind === 'drop') places.delete(id);
      else if (Number(time) > since) places.add(id);
    }
    return [...places];
  }
}

/** Lines, whole and torn. Behind a torn one the next begins without a newline; blocks that never reached the disk read as NULs. */
function linesOf(text: string): string[] {
  return text.replaceAll('\0', '').split(/\n|(?=take |drop )/);
}

function unusable(path: string, cause?: unknown): InputError {
  return new InputError('ERR_FILE', `the log of negotiations ${path} cannot be used`, {
    hint: 'check its permissions, or move it away if it is something else',
    ...(cause === undefined ? {} : { cause }),
  });
}
