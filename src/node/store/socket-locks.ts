import { readFileSync } from 'node:fs';
import { chmod, lstat, readdir, rename, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { hostname, uptime } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toHex } from '../../crypto/encoding.ts';
import { hash } from '../../crypto/hash.ts';
import { systemRandom } from '../../crypto/random.ts';
import { tags } from '../../crypto/tags.ts';
import { LedgerError } from '../../errors.ts';
import type { Hold } from '../../ledger/store.ts';
import { makeFolder } from '../folders.ts';
import { withShortName } from './short-name.ts';

/** Milliseconds between two tries, at most. */
const PAUSE = 25;
/** What a bind says where a file system has no sockets. */
const NO_SOCKETS = new Set(['EPERM', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS', 'EINVAL']);
/** Name of the lock, kernel, random word. */
const HELD = /^([0-9a-f]{24})\.([0-9a-f]{8})\.[0-9a-f]{16}$/;
/** A lock that is being made. */
const MADE = /^[0-9a-f]{16}\.new$/;

/** Whether a socket's holder lives. `unseen`: another kernel's, which this one cannot ask. */
type State = 'held' | 'dead' | 'gone' | 'unseen';

/**
 * Locks in a folder (README.md, _Locks_): whoever holds one listens on a socket there, and the kernel says whether it still does. Where
 * there are named pipes instead, the kernel keeps them apart by name.
 */
export class SocketLocks {
  private readonly folder: string;
  private swept = false;

  constructor(folder: string) {
    this.folder = resolve(folder);
  }

  /**
   * The lock of that name, or undefined if somebody else holds it for longer than `patience` milliseconds. Held until it is released or this
   * process ends, however it ends. Throws LedgerError `ERR_SESSION_BUSY` where a program on another machine may hold it, and
   * `ERR_LEDGER_UNUSABLE` where there can be no sockets.
   */
  async hold(name: string, patience: number): Promise<Hold | undefined> {
    const key = toHex(hash(tags.ledgerLock, name)).slice(0, 24);
    const deadline = Date.now() + patience;
    for (;;) {
      const held = process.platform === 'win32' ? await this.takePipe(key) : await this.take(key);
      if (held !== undefined) return held;
      if (Date.now() >= deadline) break;
      await sleep(1 + (systemRandom(1)[0]! % PAUSE));
    }
    await this.refuseUnseen(key);
    return undefined;
  }

  /** Whether anybody holds any of these locks, or may hold one on another machine. */
  async anyHeld(): Promise<boolean> {
    if (process.platform === 'win32') {
      const pipes = await readdir('\\\\.\\pipe\\');
      return pipes.some((pipe) => pipe.startsWith(this.pipePrefix));
    }
    const files = await readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
      throw error;
    });
    for (const file of files) {
      if (HELD.test(file) && ['held', 'unseen'].includes(await this.stateOf(file))) return true;
    }
    return false;
  }

  /** Makes this process's own socket, then looks for others'. Of two that hold the same lock the later one would have seen the earlier one's. */
  private async take(key: string): Promise<Hold | undefined> {
    const word = toHex(systemRandom(8));
    const made = `${word}.new`;
    const held = `${key}.${kernel()}.${word}`;
    const server = await this.bind(made);
    const release = async (): Promise<void> => {
      try {
        await this.remove(held);
      } finally {
        server.close();
      }
    };
    try {
      // Under its name a socket has always been listening: who finds it deaf knows that its holder is dead.
      await chmod(join(this.folder, made), 0o600);
      await rename(join(this.folder, made), join(this.folder, held));
      if (!(await this.othersHold(key, held))) return { release };
      await release();
      return undefined;
    } catch (error) {
      await release();
      await this.remove(made);
      // Somebody met it before it listened, and took it for a dead one's.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** A pipe's name can be taken once, and is free when its owner is gone. */
  private async takePipe(key: string): Promise<Hold | undefined> {
    try {
      const server = await listen(`\\\\.\\pipe\\${this.pipePrefix}${key}`);
      return { release: async () => void server.close() };
    } catch (error) {
      if (['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
      throw error;
    }
  }

  private get pipePrefix(): string {
    return `parley-${toHex(hash(tags.ledgerLock, this.folder.toLowerCase())).slice(0, 24)}-`;
  }

  private async bind(file: string): Promise<Server> {
    const attempt = () => withShortName(this.folder, file, listen);
    try {
      // A folder that is missing: libuv says EACCES.
      return await attempt().catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT' && error.code !== 'EACCES') throw error;
        await makeFolder(this.folder);
        return attempt();
      });
    } catch (cause) {
      if (!NO_SOCKETS.has((cause as NodeJS.ErrnoException).code ?? '')) throw cause;
      throw new LedgerError('ERR_LEDGER_UNUSABLE', 'the ledger is on a file system that has no sockets', {
        hint: 'keep it on another disk: sockets tell whether the holder of a lock is still running',
        cause,
      });
    }
  }

  /** Whether somebody has a socket for this lock besides `own`. Removes those of dead ones; the first time, under any name. */
  private async othersHold(key: string, own: string): Promise<boolean> {
    let held = false;
    for (const file of await readdir(this.folder)) {
      const [, other] = HELD.exec(file) ?? [];
      const same = other === key;
      if (file === own || !(same || (!this.swept && (other !== undefined || MADE.test(file))))) continue;
      const state = await this.stateOf(file);
      if (state === 'dead') await this.remove(file);
      held ||= same && (state === 'held' || state === 'unseen');
    }
    this.swept = true;
    return held;
  }

  private async stateOf(file: string): Promise<State> {
    const answer = await withShortName(this.folder, file, call);
    const maker = HELD.exec(file)?.[2];
    if (answer !== 'dead' || maker === undefined || maker === kernel()) return answer;
    // Older than this kernel: from an earlier start of it. Younger: made by another one, on a disk that both share.
    const made = await lstat(join(this.folder, file)).catch(() => undefined);
    if (made === undefined) return 'gone';
    return made.mtimeMs < Date.now() - 1000 * uptime() ? 'dead' : 'unseen';
  }

  private async refuseUnseen(key: string): Promise<void> {
    const files = process.platform === 'win32' ? [] : await readdir(this.folder);
    for (const file of files.filter((name) => HELD.exec(name)?.[1] === key)) {
      if ((await this.stateOf(file)) !== 'unseen') continue;
      throw new LedgerError('ERR_SESSION_BUSY', 'a program on another machine may be in a session here', {
        hint: `wait until it ends; if there is none, remove ${join(this.folder, file)}`,
      });
    }
  }

  private async remove(file: string): Promise<void> {
    try {
      await unlink(join(this.folder, file));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

/** Listens, and lets no one in. Does not keep the process alive. */
function listen(path: string): Promise<Server> {
  return new Promise((done, fail) => {
    const server = createServer((caller) => caller.on('error', () => undefined).destroy());
    server.once('error', fail);
    server.listen({ path, exclusive: true }, () => done(server.off('error', fail).unref()));
  });
}

/** Whether somebody listens there. */
function call(path: string): Promise<State> {
  return new Promise((done, fail) => {
    const caller = connect(path);
    caller.once('connect', () => {
      caller.destroy();
      done('held');
    });
    caller.once('error', (error: NodeJS.ErrnoException) => {
      // Reset: it listened when it was called, and does no more.
      if (error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET') done('dead');
      else if (error.code === 'ENOENT') done('gone');
      // It listens, and has more callers than it can count.
      else if (error.code === 'EAGAIN') done('held');
      else fail(error);
    });
  });
}

let known: string | undefined;

/** What tells this kernel, as started, from others that may share a disk with it; its host's name where the system does not say. */
function kernel(): string {
  known ??= toHex(hash(tags.ledgerLock, startOfKernel())).slice(0, 8);
  return known;
}

function startOfKernel(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
  } catch {
    return hostname();
  }
}
