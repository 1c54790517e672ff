import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { runCommandLine } from '../../src/cli/program.ts';
import { desk, inProcess, parley, start } from '../cli/support.ts';

const making = new EventTarget();
const refusal: { why: 'EPERM' | 'silence' | undefined } = { why: undefined };

/** A place where no folder can be made; under /proc, making one does not even fail. */
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return {
    ...real,
    mkdir: (...given: Parameters<typeof real.mkdir>) => {
      making.dispatchEvent(new Event('mkdir'));
      if (refusal.why === 'silence') return new Promise(() => undefined);
      if (refusal.why === undefined) return real.mkdir(...given);
      return Promise.reject(Object.assign(new Error('not permitted'), { code: refusal.why }));
    },
  };
});

const { files } = desk();
const hosting = ['host', '--terms', files.draft, '--mandate', files.asks, '--role', 'seller'];
const home = mkdtempSync(join(tmpdir(), 'parley-home-'));
const before = process.env.PARLEY_HOME;
afterEach(() => {
  refusal.why = undefined;
  if (before === undefined) delete process.env.PARLEY_HOME;
  else process.env.PARLEY_HOME = before;
});

describe('B19: a home that cannot be had is the fault of the machine', () => {
  test('B19: it is said with a way out', async () => {
    process.env.PARLEY_HOME = join(home, 'not', 'there');
    refusal.why = 'EPERM';
    const { code, stdout } = await inProcess(...hosting, '--listen', '127.0.0.1:0', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'ERR_FILE' } });
    expect(code).toBe(2);
  });

  test('B19: a signal ends a command, whatever it waits for', async () => {
    process.env.PARLEY_HOME = join(home, 'nor', 'here');
    refusal.why = 'silence';
    const interrupt = new AbortController();
    const begun = once(making, 'mkdir');
    const ended = runCommandLine([...hosting, '--listen', '127.0.0.1:0'], interrupt.signal);
    await begun;
    interrupt.abort(new Error('interrupted'));
    const late = new Promise((resolve) => setTimeout(resolve, 1_000, 'it went on'));
    expect(await Promise.race([ended, late])).toEqual(expect.any(Number));
  });

  test.skipIf(process.platform === 'win32')(
    'B19: a signal ends a command that opens a pipe to which nobody writes',
    async () => {
      const pipe = join(home, 'pipe');
      execFileSync('mkfifo', [pipe]);
      const begun = performance.now();
      await parley('--version');
      const { child, ended } = start(['show', pipe]);
      await sleep(2 * (performance.now() - begun)); // by now it waits for the pipe
      child.kill('SIGTERM');
      await ended;
      expect(child.signalCode).toBe('SIGTERM');
    },
    60_000,
  );

  test('B19: a file in its place is said with a way out', async () => {
    process.env.PARLEY_HOME = join(files.draft, 'home');
    const { code, stdout } = await inProcess('whoami', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'ERR_FILE' } });
    expect(code).toBe(2);
  });
});
