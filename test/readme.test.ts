import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { freePort } from './cli/support.ts';
import { blocks, blocksIn, root } from './docs/pages.ts';
import { program } from './support/program.ts';

const seconds = 1_000;

/** The one command line of a section that begins so, without its continuation marks. */
function line(section: string, beginning: string): string {
  const lines = blocksIn(section, 'sh').flatMap((block) => block.replaceAll(/\\\n\s*/g, '').split('\n'));
  const found = lines.filter((one) => one.startsWith(beginning) && !one.includes('| ssh '));
  expect(found).toHaveLength(1);
  return found[0]!;
}

let folder: string;
let path: string;
let people: ReturnType<typeof twoPeople>;

// `parley` on the path is what the pages say it stands for.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-readme-'));
  const shim = join(folder, 'bin', 'parley');
  await mkdir(dirname(shim));
  const words = [process.execPath, ...program('src/cli/main.ts')];
  await writeFile(shim, `#!/bin/sh\nexec ${words.map((word) => `"${word}"`).join(' ')} "$@"\n`);
  await chmod(shim, 0o755);
  path = `${dirname(shim)}:${process.env.PATH}`;
  people = twoPeople();
  people.catch(() => undefined); // reported where it is awaited
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function room(name: string): Promise<string> {
  const made = join(folder, name);
  await mkdir(made, { recursive: true });
  return made;
}

/** Runs a script as somebody who pastes it into a shell; gives stdout and stderr together. */
async function paste(script: string, cwd: string): Promise<string> {
  const run = promisify(execFile)('bash', ['-euo', 'pipefail', '-c', `exec 2>&1\n${script}`], {
    cwd,
    env: environment(cwd),
  });
  const { stdout } = await run.catch(({ stdout: said }: { stdout: string }) => {
    throw new Error(`${script} failed:\n${said}`);
  });
  return stdout;
}

interface Begun {
  /** All that it has said so far. */
  said(): string;
  /** All that it has said, once it has ended well. */
  readonly ended: Promise<string>;
  stop(): void;
}

/** Starts a command, and waits until it has said something. */
async function begin(script: string, cwd: string, awaited: RegExp): Promise<Begun> {
  const child = spawn('bash', ['-c', `exec 2>&1\nexec ${script}`], {
    cwd,
    env: environment(cwd),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  return new Promise((begun, failed) => {
    const ended = new Promise<string>((resolve, reject) => {
      child.once('close', (code) =>
        code === 0 ? resolve(said) : reject(new Error(`exit ${code}: ${said}`)),
      );
    });
    ended.catch(failed);
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (awaited.test(said)) begun({ said: () => said, ended, stop: () => child.kill('SIGKILL') });
    });
  });
}

/** What a person's shell has: a home of their own, in the folder that they work in. */
function environment(cwd: string): NodeJS.ProcessEnv {
  return { ...process.env, PATH: path, NO_COLOR: '1', PARLEY_HOME: join(cwd, 'home') };
}

/** Two people with a folder each: keys made, public halves exchanged, terms sent over, mandates written. */
async function twoPeople() {
  const [seller, buyer] = await Promise.all([room('seller'), room('buyer')]);
  await Promise.all([
    paste(line('keys', 'parley keygen --out seller.key'), seller),
    paste(line('keys', 'parley keygen --out buyer.key'), buyer),
  ]);
  await copyFile(join(buyer, 'buyer.pub'), join(seller, 'buyer.pub'));
  await copyFile(join(seller, 'seller.pub'), join(buyer, 'seller.pub'));
  await paste(line('keys', 'parley terms new'), seller);
  await copyFile(join(seller, 'terms.json'), join(buyer, 'terms.json'));
  await paste(line('keys', 'echo \'{ "reservation": "450000"'), seller);
  await paste(line('keys', 'echo \'{ "reservation": "520000"'), buyer);
  return { seller, buyer };
}

/** Changes the subject of the terms, as a ledger allows one attempt on each, and takes earlier agreements away. */
async function otherMatter(seller: string, buyer: string, subject: string): Promise<void> {
  const terms = JSON.parse(await readFile(join(seller, 'terms.json'), 'utf8'));
  for (const at of [seller, buyer]) {
    await writeFile(join(at, 'terms.json'), JSON.stringify({ ...terms, subject }));
    await rm(join(at, 'agreement.json'), { force: true });
  }
}

/** The guide's host line, on a free port. */
function hostLine(port: number): string {
  const host = line('keys', 'parley host').replace('0.0.0.0:4466', `127.0.0.1:${port}`);
  expect(host).toContain(`127.0.0.1:${port}`);
  return host;
}

/** The price that a command says there is a deal at, which must be one that both accept. */
function priceIn(said: string): string {
  const [, price] = /^deal at ([\d,.]+) USD$/m.exec(said) ?? [];
  const cents = Number(price?.replace(/[,.]/g, ''));
  expect(cents).toBeGreaterThanOrEqual(450_000);
  expect(cents).toBeLessThanOrEqual(520_000);
  return price!;
}

describe('what the README and the guides say to type', () => {
  it(
    'has two processes on one machine strike the deal that it shows, and the leakage that it names',
    async () => {
      const [script] = blocksIn('files', 'sh');
      const said = await paste(script!, await room('files'));
      expect(said).toContain(blocksIn('files', 'text')[0]!.trim());
      expect(said).toContain('18.93 of 19.93 bits');
    },
    180 * seconds,
  );

  it(
    'has two processes find the best package of a menu',
    async () => {
      const [script] = blocksIn('menu', 'sh');
      const said = await paste(script!, await room('menu'));
      expect(said).toContain(blocksIn('menu', 'text')[0]!.trim());
    },
    180 * seconds,
  );

  it(
    'leads two people to one agreement, which verifies and opens',
    async () => {
      const [{ seller, buyer }, port] = await Promise.all([people, freePort()]);
      const hosting = await begin(hostLine(port), seller, /listening on/);
      const join_ = line('keys', 'parley join').replace('HOST:4466', `127.0.0.1:${port}`);
      expect(priceIn(await paste(join_, buyer))).toBe(priceIn(await hosting.ended));
      const [one, other] = await Promise.all(
        [seller, buyer].map((at) => readFile(join(at, 'agreement.json'))),
      );
      expect(one!.equals(other!)).toBe(true);
      const [verified, opened] = await Promise.all([
        paste(line('keys', 'parley verify agreement.json --party'), buyer),
        paste(
          `${line('keys', 'parley open')}\n${line('keys', 'parley verify agreement.json --opening')}`,
          seller,
        ),
      ]);
      expect(verified.match(/the key you named/g)).toHaveLength(2);
      expect(opened).toContain('the seller had entered 4,500.00 USD');
      expect(opened).not.toContain('5,200');
    },
    180 * seconds,
  );

  it(
    'has two people meet at a relay',
    async () => {
      const [seller, buyer] = await Promise.all([room('relay-seller'), room('relay-buyer'), people]);
      const [files] = blocksIn('files', 'sh');
      const draft = /^cat .*?^END$/ms.exec(files!)![0].replace('> terms.json', '> car.json');
      for (const at of [seller, buyer]) await paste(draft, at);
      await paste(line('keys', 'echo \'{ "reservation": "450000"'), seller);
      await paste(line('keys', 'echo \'{ "reservation": "520000"'), buyer);
      const port = await freePort();
      const relay = line('relay', 'parley relay').replace('0.0.0.0:4467', `127.0.0.1:${port}`);
      const piping = await begin(relay, seller, /relaying on/);
      const host = line('relay', 'parley host').replace('relay.example:4467', `127.0.0.1:${port}`);
      const hosting = await begin(host, seller, /^parley1-.*\n/m);
      const [invite] = /^parley1-\S+/m.exec(hosting.said())!;
      const joining = line('relay', 'parley join').replace('INVITE', invite!);
      expect(priceIn(await paste(joining, buyer))).toBe('4,850.00');
      expect(priceIn(await hosting.ended)).toBe('4,850.00');
      piping.stop();
    },
    180 * seconds,
  );

  it.runIf(process.env.PARLEY_FULL)(
    'strikes the same deal through a pipe, with something in the place of ssh',
    async () => {
      const { seller, buyer } = await people;
      const ssh = join(folder, 'bin', 'ssh');
      await writeFile(ssh, `#!/bin/sh\nshift\ncd "${seller}"\nexec "$@"\n`);
      await chmod(ssh, 0o755);
      const [script] = blocksIn('keys', 'sh').filter((block) => block.includes('| ssh '));
      await otherMatter(seller, buyer, 'used bicycle');
      const said = await paste(script!, buyer);
      expect(said.match(/^deal at/gm)).toHaveLength(2);
      const [one, other] = await Promise.all(
        [seller, buyer].map((at) => readFile(join(at, 'agreement.json'))),
      );
      expect(one!.equals(other!)).toBe(true);
    },
    180 * seconds,
  );
});

test('the test command is the one that continuous integration runs', () => {
  const install = blocks.find(({ page, body }) => page === 'README.md' && body.includes('npm test'))!.body;
  expect(readFileSync(join(root, '.ci/run'), 'utf8').trimEnd().split('\n').at(-1)).toBe(install.trim());
});
