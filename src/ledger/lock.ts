import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open, readdir, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';

/** Locks this process holds or is trying to get. */
const mine = new Set<string>();
const HOST = Buffer.from(hash(tags.ledgerLock, hostname())).toString('hex', 0, 8);
const START = startOf(process.pid) ?? '0';
/** Milliseconds between two tries, at most. */
const PAUSE = 25;

export interface Lock {
  /** Gives the lock back. Safe to call again. */
  release(): Promise<void>;
}

/**
 * The lock `name` (hex) in `directory`, or undefined if somebody else holds it for longer than `patience` milliseconds. Held
 * until it is released or this process ends, however it ends.
 */
export async function acquireLock(
  directory: string,
  name: string,
  patience: number,
): Promise<Lock | undefined> {
  const deadline = Date.now() + patience;
  for (;;) {
    const word = randomBytes(8).toString('hex');
    const file = [name, HOST, process.pid, START, word, 'lock'].join('.');
    mine.add(file);
    try {
      await (await open(join(directory, file), 'wx', 0o600)).close();
    } catch (error) {
      mine.delete(file);
      throw error;
    }
    // A file that cannot be removed holds nothing once it is not listed here.
    const release = (): Promise<void> => {
      mine.delete(file);
      return remove(directory, file);
    };
    let held = false;
    try {
      held = await othersHold(directory, name, file);
    } catch (error) {
      await release();
      throw error;
    }
    if (!held) return { release };
    await release();
    if (Date.now() >= deadline) return undefined;
    await sleep(1 + (randomBytes(1)[0]! % PAUSE));
  }
}

/** Whether a live process has a file for this lock besides `own`. Removes all files of dead ones. */
async function othersHold(directory: string, name: string, own: string): Promise<boolean> {
  let held = false;
  for (const file of await readdir(directory)) {
    if (file === own || !file.endsWith('.lock')) continue;
    if (!isAlive(file)) await remove(directory, file);
    else if (file.startsWith(`${name}.`)) held = true;
  }
  return held;
}

function isAlive(file: string): boolean {
  const [, host, id, start] = file.split('.') as [string, string, string, string];
  if (host !== HOST) return true;
  const pid = Number(id);
  if (pid === process.pid && start === START) return mine.has(file);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  // The number may belong to another process by now.
  return pid !== process.pid && (startOf(pid) ?? start) === start;
}

/** What tells a process from a later one of the same number, where the system says: boot and start time on Linux. */
function startOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 22; the second one is a name in parentheses that may hold spaces.
    return `${boot}-${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return undefined;
  }
}

async function remove(directory: string, file: string): Promise<void> {
  try {
    await unlink(join(directory, file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
