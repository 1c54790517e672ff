import { randomUUID } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import type { SessionLog } from '../../desk/session-log.ts';
import { InputError } from '../../errors.ts';

const LINE = /^(take|drop) ([0-9a-f-]{36}) (\d{1,15})$/;

/**
 * Counts in a file, for several processes and runs: a line is appended for each negotiation and the file is read again, so that of two who come at the
 * same time at most one gets the last place. Throws InputError `ERR_FILE` if the file cannot be used or holds something else.
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
    for (const line of text.split('\n').slice(0, -1)) {
      const [, kind, id, time] = LINE.exec(line) ?? [];
      if (id === undefined) throw unusable(path);
      if (kind === 'drop') places.delete(id);
      else if (Number(time) > since) places.add(id);
    }
    return [...places];
  }
}

function unusable(path: string, cause?: unknown): InputError {
  return new InputError('ERR_FILE', `the log of negotiations ${path} cannot be used`, {
    hint: 'check its permissions, or move it away if it is something else',
    ...(cause === undefined ? {} : { cause }),
  });
}
