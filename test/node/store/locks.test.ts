import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileLedger, fileStore } from '../../../src/node/store/index.ts';
import { SocketLocks } from '../../../src/node/store/socket-locks.ts';
import { program } from '../../support/program.ts';

const root = mkdtempSync(join(tmpdir(), 'parley-locks-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const unix = process.platform !== 'win32';
/** Attempts that each of two processes writes to one log at the same time. */
const LINES = process.env.PARLEY_FULL === undefined ? 12 : 40;
let directory: string;
let runs = 0;
beforeEach(() => {
  directory = join(root, String(runs++));
});

const peer = new Uint8Array(32).fill(7);
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A process on the ledger, perhaps in namespaces of its own. `line` is what it says first. */
function start(
  wrapper: readonly string[],
  ...args: string[]
): { child: ChildProcess; line: Promise<string> } {
  const node = [process.execPath, ...program('test/node/store/child.ts')];
  const [command, ...rest] = [...wrapper, ...node, directory, ...args];
  const child = spawn(command!, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  let said = '';
  const line = new Promise<string>((resolve) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('\n')) resolve(said.slice(0, said.indexOf('\n')));
    });
    child.once('close', () => resolve(said.trim()));
  });
  return { child, line };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

const own = process.getuid?.() === 0 ? [] : ['--map-root-user'];
const unshare = (...flags: string[]) => ['unshare', ...own, '--kill-child', ...flags];
const worlds: readonly (readonly [string, readonly string[]])[] = [
  ['PID namespace', unshare('--pid', '--fork', '--mount-proc')],
  ['PID namespace without its /proc', unshare('--pid', '--fork')],
  ['network namespace', unshare('--fork', '--net')],
  [
    'UTS namespace under another name',
    [...unshare('--fork', '--uts'), 'sh', '-c', 'hostname "other-$PPID" && exec "$@"', 'sh'],
  ],
];
const possible = ([, wrapper]: (typeof worlds)[number]) =>
  spawnSync(wrapper[0]!, [...wrapper.slice(1), 'true']).status === 0;

describe.each(worlds.map((world) => [...world, possible(world)] as const))('in a %s', (_, wrapper, can) => {
  it.skipIf(!can)(
    'a session excludes those outside and in others, and ends with its process',
    async () => {
      const ledger = await fileLedger(directory);
      const holder = start(wrapper, 'hold', 'car');
      expect(await holder.line).toMatch(/^held /);
      await expect(ledger.begin(peer, 'car')).rejects.toMatchObject({ code: 'ERR_SESSION_BUSY' });
      expect(await start(wrapper, 'try', 'car').line).toMatch(/^ERR_SESSION_BUSY /);
      await kill(holder.child);
      const session = await ledger.begin(peer, 'car');
      expect(await start(wrapper, 'try', 'car').line).toMatch(/^ERR_SESSION_BUSY /);
      await session.end();
      expect(readdirSync(join(directory, 'locks'))).toEqual([]);
    },
    60_000,
  );

  it.skipIf(!can)(
    'two processes write one log, and lose nothing',
    async () => {
      const [left, right] = ['left', 'right'].map((name) => start(wrapper, 'append', name, String(LINES)));
      expect(await left!.line).toMatch(/^done /);
      expect(await right!.line).toMatch(/^done /);
      const [summary] = await (await fileLedger(directory)).list();
      const expected = ['left', 'right'].flatMap((name) =>
        Array.from({ length: LINES }, (_, index) => `${name} ${index}`),
      );
      expect(summary!.attempts.map(({ matter }) => matter).sort()).toEqual(expected.sort());
      expect(summary!.disclosedBits).toBe(2 * LINES);
    },
    60_000,
  );
});

/** A socket in the folder of locks, whose holder is gone. */
async function dead(name: string): Promise<string> {
  const folder = join(directory, 'locks');
  mkdirSync(folder, { recursive: true });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(folder, 'x'), resolve));
  renameSync(join(folder, 'x'), join(folder, name));
  await new Promise((resolve) => server.close(resolve));
  return join(folder, name);
}

describe.runIf(unix)('a lock', () => {
  /** The name that this process gives the lock `a`: its key, and what tells its kernel. */
  const names = async () => {
    const locks = new SocketLocks(join(directory, 'locks'));
    const hold = (await locks.hold('a', 0))!;
    const [key, kernel] = readdirSync(join(directory, 'locks'))[0]!.split('.') as [string, string];
    await hold.release();
    return { locks, key, kernel };
  };

  it('keeps its socket to its owner', async () => {
    const store = await fileStore(directory);
    const hold = (await store.hold('a', 0))!;
    const folder = join(directory, 'locks');
    const [file] = readdirSync(folder);
    expect(statSync(join(folder, file!)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    await hold.release();
    await hold.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('B9: is free if its holder is dead, and all that dead ones left goes with the first hold', async () => {
    const { key, kernel } = await names();
    await dead(`${key}.${kernel}.0123456789abcdef`);
    await dead(`${'0'.repeat(24)}.${kernel}.0123456789abcdef`);
    await dead('0123456789abcdef.new');
    const bystander = join(directory, 'locks', 'notes.txt');
    writeFileSync(bystander, '');
    await (await new SocketLocks(join(directory, 'locks')).hold('a', 0))!.release();
    expect(readdirSync(join(directory, 'locks'))).toEqual(['notes.txt']);
  });

  it('is held by a process that is stopped', async () => {
    const ledger = await fileLedger(directory);
    const holder = start([], 'hold', 'car');
    expect(await holder.line).toMatch(/^held /);
    holder.child.kill('SIGSTOP');
    await expect(ledger.begin(peer, 'car')).rejects.toMatchObject({ code: 'ERR_SESSION_BUSY' });
    await kill(holder.child);
    await (await ledger.begin(peer, 'car')).end();
  }, 30_000);

  it('B9: is not free if another kernel made it after this one started, and says which file it is', async () => {
    const { locks, key } = await names();
    const file = await dead(`${key}.00000000.0123456789abcdef`);
    await expect(locks.hold('a', 0)).rejects.toMatchObject({
      code: 'ERR_SESSION_BUSY',
      hint: expect.stringContaining(file),
    });
    expect(existsSync(file)).toBe(true);
    utimesSync(file, 0, 0);
    await (await locks.hold('a', 0))!.release();
    expect(existsSync(file)).toBe(false);
  });

  it('is tried again if somebody took it for a dead one’s while it was being made', async () => {
    const { locks } = await names();
    const folder = join(directory, 'locks');
    let taken = 0;
    const thief = setInterval(() => {
      for (const file of readdirSync(folder)) {
        if (!file.endsWith('.new') || taken === 3) continue;
        taken += 1;
        rmSync(join(folder, file), { force: true });
      }
    }, 0);
    try {
      while (taken < 3) await (await locks.hold('a', 10_000))!.release();
    } finally {
      clearInterval(thief);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('has one holder at a time among many who want it', async () => {
    const everyone = Array.from({ length: 6 }, () => new SocketLocks(join(directory, 'locks')));
    let holders = 0;
    let most = 0;
    await Promise.all(
      everyone.map(async (locks) => {
        for (let round = 0; round < 5; round++) {
          const hold = (await locks.hold('a', 20_000))!;
          most = Math.max(most, ++holders);
          await new Promise((resolve) => setTimeout(resolve, 1));
          holders -= 1;
          await hold.release();
        }
      }),
    );
    expect(most).toBe(1);
  }, 60_000);

  it('works in a folder whose path is longer than a socket’s address, and leaves no link behind', async () => {
    directory = join(directory, ...Array.from({ length: 6 }, () => 'a-rather-long-name-of-a-folder'));
    const before = readdirSync(tmpdir()).filter((name) => /^parley-.{6}$/.test(name));
    const [one, other] = [await fileLedger(directory), await fileLedger(directory)];
    const session = await one.begin(peer, 'car');
    await expect(other.begin(peer, 'car')).rejects.toMatchObject({ code: 'ERR_SESSION_BUSY' });
    const { child, line } = start([], 'try', 'car');
    expect(await line).toMatch(/^ERR_SESSION_BUSY /);
    await kill(child);
    await session.end();
    await (await other.begin(peer, 'car')).end();
    expect(readdirSync(join(directory, 'locks'))).toEqual([]);
    expect(
      readdirSync(tmpdir()).filter((name) => /^parley-.{6}$/.test(name) && !before.includes(name)),
    ).toEqual([]);
  }, 60_000);

  const kernelFiles = process.platform === 'linux' && process.getuid?.() === 0;
  it.runIf(kernelFiles)('is refused, with what to do, where a file system has no sockets', async () => {
    await expect(new SocketLocks('/sys/kernel').hold('a', 0)).rejects.toMatchObject({
      code: 'ERR_LEDGER_UNUSABLE',
      message: expect.stringContaining('no sockets'),
      hint: expect.stringContaining('another disk'),
    });
  });

  it.runIf(process.getuid?.() !== 0)('is refused in a folder that cannot be written', async () => {
    mkdirSync(directory, { recursive: true });
    chmodSync(directory, 0o500);
    const ledger = await fileLedger(directory);
    await expect(ledger.begin(peer, 'car')).rejects.toMatchObject({ code: 'ERR_LEDGER_UNUSABLE' });
  });
});
