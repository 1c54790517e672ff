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

/** The most milliseconds between two tries. */
const PAUSE = 25;
/** The errors of a bind on a file system without sockets. */
const NO_SOCKETS = new Set(['EPERM', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS', 'EINVAL']);
/** The name of a held lock's socket: lock, kernel, random word. */
const HELD = /^([0-9a-f]{24})\.([0-9a-f]{8})\.[0-9a-f]{16}$/;
/** The name of a socket that is being made. */
const MADE = /^[0-9a-f]{16}\.new$/;

/** Whether a socket's holder is alive. `unseen`: the socket belongs to another kernel, which this one cannot ask. */
type State = 'held' | 'dead' | 'gone' | 'unseen';

/**
 * Locks in a folder (README.md, _Locks_). The holder of a lock listens on a socket there, and the kernel tells whether it still does. On
 * systems with named pipes instead, only one process can make the pipe of a name.
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

  /** Makes this process's socket first, then looks for others. So of two processes that take the same lock at least one sees the other's socket. */
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
      // A socket listens before it gets this name. So if one under such a name does not answer, its holder is dead.
      await chmod(join(this.folder, made), 0o600);
      await rename(join(this.folder, made), join(this.folder, held));
      if (!(await this.othersHold(key, held))) return { release };
      await release();
      return undefined;
    } catch (error) {
      await release();
      await this.remove(made);
      // Another process found the new socket before it listened, took its maker for dead, and removed it.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Only one process can make a pipe of this name. The name is free again when that process is gone. */
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
      // For a missing folder, libuv reports EACCES.
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

  /** Whether somebody else than `own` has a socket for this lock. Removes the sockets of dead processes: on the first call those of any lock. */
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
    // A socket older than this kernel's start is from before a restart. A younger one was made by another kernel on a shared disk.
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

/** Listens, and drops every caller. Does not keep the process alive. */
function listen(path: string): Promise<Server> {
  return new Promise((done, fail) => {
    const server = createServer((caller) => caller.on('error', () => undefined).destroy());
    server.once('error', fail);
    server.listen({ path, exclusive: true }, () => done(server.off('error', fail).unref()));
  });
}

/** Whether a process listens at a path. */
function call(path: string): Promise<State> {
  return new Promise((done, fail) => {
    const caller = connect(path);
    caller.once('connect', () => {
      caller.destroy();
      done('held');
    });
    caller.once('error', (error: NodeJS.ErrnoException) => {
      // ECONNRESET: the process listened when it was called, and has stopped since.
      if (error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET') done('dead');
      else if (error.code === 'ENOENT') done('gone');
      // The process listens, but its queue of callers is full.
      else if (error.code === 'EAGAIN') done('held');
      else fail(error);
    });
  });
}

let known: string | undefined;

/** Identifies this start of this kernel among kernels that may share a disk. By the host's name where the system has nothing better. */
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
