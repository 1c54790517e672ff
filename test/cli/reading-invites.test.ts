import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemRandom } from '../../src/crypto/random.ts';
import { formatInvite, makeInvite } from '../../src/desk/invite.ts';
import { fingerprint } from '../../src/documents/identity.ts';
import { program } from '../support/program.ts';
import { closeAll, hasTerminals, inviteOf, joins, person, type } from './pseudo-terminal.ts';
import { desk, freePort } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });
afterEach(closeAll);

const root = fileURLToPath(new URL('../..', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'parley-home-'));
const { files, seller, draft } = desk();
const someone = await fingerprint(seller.publicKey);
const inviteTo = (port: number) =>
  formatInvite(
    makeInvite(
      someone,
      { kind: 'direct', endpoint: { transport: 'tcp', host: '127.0.0.1', port, path: '' } },
      systemRandom,
    ),
  );
const joining = ['--mandate', files.bids, '--terms', files.draft];

/** `parley join` without a terminal, given something on standard input, or none where it stays open. */
function start(args: readonly string[], input?: string, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [...program('src/cli/main.ts'), ...args], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', PARLEY_HOME: home, ...env },
    detached: true, // without a terminal of its own to ask at
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdout.resume();
  child.stdin.on('error', () => undefined);
  if (input !== undefined) child.stdin.write(input);
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, stderr }));
  });
  return { child, ended };
}

const nobody = (port: number) => new RegExp(`parley: nobody is listening at 127\\.0\\.0\\.1:${port};`);

describe('an invite', () => {
  it.each([
    ['with the end of its line', (invite: string) => `${invite}\n`],
    ['below the command', (invite: string) => `npx parley-mpc join\n${invite}\n`],
    ['over several lines', (invite: string) => `${invite.slice(0, 40)}\n${invite.slice(40)}\n`],
  ])('is read from a pipe that stays open, %s', async (_, written) => {
    const port = await freePort();
    const { code, stderr } = await start(['join', ...joining], written(inviteTo(port))).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(nobody(port));
    expect(stderr).not.toContain('could read the invite');
  });

  it('is read from a pipe that ends without the end of a line', async () => {
    const port = await freePort();
    const { child, ended } = start(['join', ...joining], inviteTo(port));
    child.stdin.end();
    expect((await ended).stderr).toMatch(nobody(port));
  });

  it('is read from the environment', async () => {
    const port = await freePort();
    const { ended } = start(['join', ...joining], undefined, { PARLEY_INVITE: inviteTo(port) });
    expect((await ended).stderr).toMatch(nobody(port));
  });

  it('that is nowhere is missed, and one that is none refused', async () => {
    const { child, ended } = start(['join', ...joining]);
    child.stdin.end();
    const { code, stderr } = await ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(/^parley: there is no invite; run this in a terminal and paste it, pipe it in/);
    const other = start(['join', ...joining], 'hello\n');
    other.child.stdin.end();
    expect(await other.ended).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^parley: that is not an/),
    });
  });

  it('over a pipe of the session is not read from it', async () => {
    const { child, ended } = start(['join', '--stdio', ...joining], `${inviteTo(1)}\n`);
    child.stderr.once('data', () => child.stdin.end()); // an open pipe would keep the process a little longer
    const { code, stderr } = await ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(/parley: there is no invite/);
  });

  it.runIf(existsSync('/proc/self/cmdline'))(
    'among the arguments is taken out of sight, and the person is told who could read it',
    async () => {
      const silent = createServer();
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => {
        silent.close();
      });
      const invite = inviteTo((silent.address() as { port: number }).port);
      const { child, ended } = start(['join', invite, ...joining]);
      const socket = await new Promise<{ destroy(): void }>((resolve) => silent.once('connection', resolve));
      const seen = readFileSync(`/proc/${child.pid}/cmdline`, 'latin1');
      expect(seen).toContain('parley join');
      expect(seen).not.toContain('parley1-');
      expect(seen).not.toContain(invite.slice(20, 60));
      child.kill('SIGTERM');
      socket.destroy();
      const { stderr } = await ended;
      expect(stderr).toContain('could read the invite in that command');
      expect(stderr).not.toContain(invite.slice(20, 60));
    },
  );
});

describe.runIf(hasTerminals)('somebody who is asked for the invite', () => {
  const asking = async () => {
    const [ana, port] = [person(), await freePort()];
    const guest = type(ana, 'parley join');
    return { guest, port, invite: inviteTo(port) };
  };

  it('can paste it with what stood around it, over several lines', async () => {
    const { guest, port, invite } = await asking();
    const mail = `npx parley-mpc join\r${invite.slice(0, 80)}\r${invite.slice(80)}\r`;
    await guest.answers('the invite that you were sent:', mail);
    expect(await guest.ended).toBe(1);
    expect(guest.last()).toMatch(nobody(port));
    expect(guest.screen()).not.toContain('that is not an invite');
  });

  it('is asked again after a mistake', async () => {
    const { guest, port, invite } = await asking();
    await guest.answers('the invite that you were sent:', '\r');
    await guest.answers('the invite that you were sent:', 'what?\r');
    await guest.sees('that is not an invite');
    await guest.answers('the invite that you were sent:', `${invite.slice(0, 50)}\r`);
    await guest.answers('the rest of it:', '\r');
    await guest.sees('characters missing');
    await guest.answers('the invite that you were sent:', `${invite.replace('-', '-A')}\r`);
    await guest.sees('too many characters');
    await guest.answers('the invite that you were sent:', `“${invite}”.\r`);
    expect(await guest.ended).toBe(1);
    expect(guest.last()).toMatch(nobody(port));
  });

  it('can leave instead', async () => {
    for (const key of ['\u0003', '\u0004']) {
      const { guest } = await asking();
      await guest.answers('the invite that you were sent:', key);
      expect(await guest.ended).toBe(130);
      expect(guest.last()).toMatch(/^(\^C)?parley: interrupted/);
    }
  });

  it('accepts at the terminal what came with an invite from a pipe', async () => {
    const [ana, ben] = [person(), person()];
    ana.put('car.json', { ...draft, security: 'semi-honest' });
    const where = `--listen 127.0.0.1:${await freePort()}`;
    const host = type(ana, `parley host --terms car.json --role seller ${where}`);
    const invite = await inviteOf(host);
    const guest = type(ben, 'parley join', `<<END\n${invite}\nEND\n`);
    await guest.answers('Accept? [y/N]', 'n\r');
    expect(await guest.ended).toBe(1);
    expect(guest.last()).toMatch(/^parley: you declined the terms/);
    await host.ended;
  });
});

describe.runIf(hasTerminals)('a host', () => {
  it('to whom a friend comes with a used invite says so once', async () => {
    const [ana, ben] = [person(), person()];
    ana.put('car.json', { ...draft, security: 'semi-honest' });
    const port = await freePort();
    const host = type(ana, `parley host --terms car.json --role seller --listen 127.0.0.1:${port}`);
    await host.sees('Ctrl-C ends it');
    const guest = joins(ben, inviteTo(port));
    await host.sees('somebody came with another invite than this one; still listening');
    expect(await guest.ended).toBe(1);
    expect(guest.last()).toMatch(/^parley: the host refused this invite; it was used already, was replaced/);
    expect(host.screen().match(/somebody came/g)).toHaveLength(1);
    expect(host.screen()).not.toContain('stranger');
    await host.press('\u0003');
    expect(await host.ended).toBe(130);
  });
});
