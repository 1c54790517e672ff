import { appendFile } from 'node:fs/promises';
import { cannotWrite } from './file-errors.ts';

/** Lines that wait for a disk that does not answer, at most: what comes then is lost. */
const MOST_WAITING = 20_000;
/** Milliseconds that the last lines get to be written. */
const LAST = 1_000;

/** A file of JSON lines that never holds anybody up. */
export interface LineLog {
  /** Takes a line, to be written soon. */
  write(line: object): void;
  /** Resolves once all lines are written, or cannot be. */
  settle(): Promise<void>;
}

/**
 * Opens a log: appended to, made with mode 0600 if there is none. Throws InputError `ERR_FILE` if that cannot be done. What goes wrong later
 * is told to `onTrouble` once, and then nothing more is written.
 */
export async function openLineLog(path: string, onTrouble: (error: unknown) => void): Promise<LineLog> {
  const append = (text: string) =>
    appendFile(path, text, { mode: 0o600 }).catch((cause: unknown) => {
      throw cannotWrite(path, cause);
    });
  await append('');
  let waiting: string[] = [];
  let writing: Promise<void> | undefined;
  let failed = false;
  const fail = (error: unknown) => {
    if (failed) return;
    failed = true;
    waiting = [];
    onTrouble(error);
  };
  const run = async () => {
    while (waiting.length > 0) {
      const lines = waiting;
      waiting = [];
      await append(lines.join(''));
    }
  };
  const start = () => {
    writing = run()
      .catch(fail)
      .finally(() => {
        writing = undefined;
        if (waiting.length > 0) start();
      });
  };
  const written = async () => {
    while (writing !== undefined) await writing;
  };
  return {
    write(line) {
      if (failed) return;
      if (waiting.length === MOST_WAITING) return fail(cannotWrite(path, { code: 'ETIMEDOUT' }));
      waiting.push(`${JSON.stringify(line)}\n`);
      if (writing === undefined) start();
    },
    async settle() {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, LAST);
      });
      await Promise.race([written(), late]);
      clearTimeout(timer);
    },
  };
}
