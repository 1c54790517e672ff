import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { InputError } from '../../errors.ts';
import { cannotWrite } from './file-errors.ts';

/** The most lines that wait for a slow disk. Further lines are lost. */
const MOST_WAITING = 20_000;
/** Milliseconds that the last lines have to be written. */
const LAST = 1_000;

/** Flags for appending. With O_NONBLOCK, opening a pipe that nobody reads fails at once instead of waiting; Windows has neither. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NONBLOCK ?? 0);
/** Bytes that hold the first line of a log, an object with an event. No line of a log is longer. */
const BEGINNING = 4_096;
const BEGINS = /^\{[^\n]*"event":"/;

/** A file of JSON lines. Writing to it never makes the caller wait. */
export interface LineLog {
  /** Takes a line, to be written soon. */
  write(line: object): void;
  /** Resolves once all lines are written, or cannot be. */
  settle(): Promise<void>;
}

/**
 * Opens a log to append to. It is made with mode 0600 if there is none. Throws InputError `ERR_FILE` if that fails, or if the file is something else. A later
 * failure is told to `onTrouble` once, and nothing more is written.
 */
export async function openLineLog(path: string, onTrouble: (error: unknown) => void): Promise<LineLog> {
  const append = async (text: string) => {
    try {
      const file = await open(path, FLAGS, 0o600);
      await file.appendFile(text).finally(() => file.close());
    } catch (cause) {
      throw cannotWrite(path, cause);
    }
  };
  await refuseOthers(path);
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

/** Throws InputError `ERR_FILE` for a file that is not a log: appended lines would spoil a key or an agreement. */
async function refuseOthers(path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (!there?.isFile() || there.size === 0) return;
  let begins: string;
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw cannotWrite(path, cause);
  });
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(BEGINNING) });
    begins = buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
  if (BEGINS.test(begins)) return;
  throw new InputError('ERR_FILE', `${path} is no log, and nothing is added to it`, {
    hint: 'name a new file, or an earlier log',
  });
}
