import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { rules } from '../protocols/registry.ts';
import { generateIdentity } from '../src/documents/identity.ts';
import { completeTerms, parseDraft } from '../src/documents/terms.ts';
import { freePort, inProcess } from './cli/support.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsx = import.meta.resolve('tsx');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const seconds = 1_000;

/** The fenced blocks in a language, of one marked section or of the whole README. */
function blocks(language: string, section?: string): string[] {
  const start = section === undefined ? 0 : readme.indexOf(`<!-- section:${section} -->`);
  const end = section === undefined ? readme.length : readme.indexOf(`<!-- /section:${section} -->`);
  expect(start).toBeGreaterThanOrEqual(0);
  expect(end).toBeGreaterThan(start);
  const fences = readme.slice(start, end).matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return [...fences].filter(([, tag]) => tag === language).map(([, , body]) => body!);
}

/** The one command line of a section that begins so, without its continuation marks. */
function line(section: string, beginning: string): string {
  const lines = blocks('sh', section).flatMap((block) => block.replaceAll(/\\\n\s*/g, '').split('\n'));
  const found = lines.filter((one) => one.startsWith(beginning) && !one.includes('| ssh '));
  expect(found).toHaveLength(1);
  return found[0]!;
}

let folder: string;
let path: string;
let people: ReturnType<typeof twoPeople>;

// `parley` on the path is what the README says it stands for.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-readme-'));
  const shim = join(folder, 'bin', 'parley');
  await mkdir(dirname(shim));
  await writeFile(
    shim,
    `#!/bin/sh\nexec "${process.execPath}" --import "${tsx}" "${root}src/cli/main.ts" "$@"\n`,
  );
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
  const env = { ...process.env, PATH: path, NO_COLOR: '1' };
  const run = promisify(execFile)('bash', ['-euo', 'pipefail', '-c', `exec 2>&1\n${script}`], { cwd, env });
  const { stdout } = await run.catch(({ stdout: said }: { stdout: string }) => {
    throw new Error(`${script} failed:\n${said}`);
  });
  return stdout;
}

/** Starts a command, and waits until it has said something; `ended` gives all that it has said. */
async function begin(script: string, cwd: string, awaited: string): Promise<{ ended: Promise<string> }> {
  const env = { ...process.env, PATH: path, NO_COLOR: '1' };
  const child = spawn('bash', ['-c', `exec 2>&1\nexec ${script}`], {
    cwd,
    env,
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
      if (said.includes(awaited)) begun({ ended });
    });
  });
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

/** The README's host line, on a free port. */
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

describe('the README', () => {
  it(
    'has two processes on one machine strike the deal that it shows, and the leakage that it names',
    async () => {
      const [script] = blocks('sh', 'files');
      const said = await paste(script!, await room('files'));
      expect(said).toContain(blocks('text', 'files')[0]!.trim());
      expect(said).toContain('18.93 of 19.93 bits');
    },
    180 * seconds,
  );

  it(
    'has two processes find the best package of a menu',
    async () => {
      const [script] = blocks('sh', 'menu');
      const said = await paste(script!, await room('menu'));
      expect(said).toContain(blocks('text', 'menu')[0]!.trim());
    },
    180 * seconds,
  );

  it(
    'leads two people to one agreement, which verifies and opens',
    async () => {
      const [{ seller, buyer }, port] = await Promise.all([people, freePort()]);
      const hosting = await begin(hostLine(port), seller, 'listening on');
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

  it.runIf(process.env.PARLEY_FULL)(
    'strikes the same deal through a pipe, with something in the place of ssh',
    async () => {
      const { seller, buyer } = await people;
      const ssh = join(folder, 'bin', 'ssh');
      await writeFile(ssh, `#!/bin/sh\nshift\ncd "${seller}"\nexec "$@"\n`);
      await chmod(ssh, 0o755);
      const [script] = blocks('sh', 'keys').filter((block) => block.includes('| ssh '));
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

  it(
    'has an example delegate of at most twenty lines, which strikes a deal with parley host',
    async () => {
      const [example] = blocks('js', 'delegate');
      const [comment, ...code] = example!.trimEnd().split('\n');
      expect(comment).toBe('// buyer.mjs');
      expect(code.filter((one) => one.trim() !== '').length).toBeLessThanOrEqual(20);
      const [{ seller, buyer }, port] = await Promise.all([people, freePort()]);
      const runnable = example!
        .replace("'parley-mpc'", `'${pathToFileURL(join(root, 'src/index.ts'))}'`)
        .replace("'parley-mpc/node'", `'${pathToFileURL(join(root, 'src/node.ts'))}'`)
        .replace(':4466', `:${port}`);
      expect(runnable).not.toContain('4466');
      await writeFile(join(buyer, 'buyer.mjs'), runnable);
      await otherMatter(seller, buyer, 'used boat');
      const hosting = await begin(hostLine(port), seller, 'listening on');
      const said = await paste(`node --import "${tsx}" buyer.mjs`, buyer);
      expect(said).toBe(`deal at ${priceIn(await hosting.ended).replace(/[,.]/g, '')}\n`);
    },
    180 * seconds,
  );

  it('shows terms with every default written out', () => {
    const shown = blocks('json').filter((block) => block.includes('"nonce"'));
    expect(shown).toHaveLength(1);
    const parties = { seller: generateIdentity().publicKey, buyer: generateIdentity().publicKey };
    const terms = { ...JSON.parse(shown[0]!), parties };
    const rule = rules.find(({ name }) => name === terms.rule.name)!;
    expect(completeTerms(parseDraft(terms), {}, rule)).toEqual(terms);
    const { sellerShare: _, ...bare } = terms.rule;
    const { step: __, ...range } = terms.range;
    const { security: ___, seals: ____, attempts: _____, ...draft } = { ...terms, rule: bare, range };
    expect(completeTerms(parseDraft(draft), {}, rule)).toEqual(terms);
  });

  it('lists every command and its flags, and no others', async () => {
    const help = async (...words: string[]) => (await inProcess(...words, '--help')).stdout;
    const commandsIn = (text: string) =>
      [...text.slice(text.indexOf('Commands:')).matchAll(/^ {2}([a-z]+)(?: |$)/gm)].map(([, name]) => name!);
    const top = commandsIn(await help());
    expect(top.length).toBeGreaterThan(8);
    const below = commandsIn(await help('terms')).map((name) => `terms ${name}`);
    const named = [...top.filter((name) => name !== 'terms'), ...below];
    const documented = new Set(
      [...readme.matchAll(/^\| `parley ([a-z ]*[a-z])(?: [A-Z]+)?`/gm)].map(([, name]) => name!),
    );
    expect([...documented].sort()).toEqual([...named].sort());
    const texts: string[] = [];
    for (const name of named) texts.push(await help(...name.split(' ')));
    const flags = new Set(
      texts.flatMap((text) => [...text.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, flag]) => flag)),
    );
    const mentioned = new Set([...readme.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([flag]) => flag));
    for (const flag of mentioned) expect([...flags, '--help'], `${flag} in the README`).toContain(flag);
    const elsewhere = new Set((await help('terms', 'new')).match(/--[a-z-]+/g));
    for (const flag of flags) {
      if (!elsewhere.has(flag!)) expect([...mentioned], `${flag} of the command`).toContain(flag);
    }
  });
});

test.each(['Commands', 'JSON', 'Terms'])('the README and the reference say the same about %s', (title) => {
  const section = (text: string, level: string) =>
    text.slice(text.indexOf(`\n${level} ${title}\n`) + level.length).split(/\n##+ /)[0]!;
  const reference = readFileSync(join(root, 'docs/reference.md'), 'utf8');
  expect(section(reference, '##')).toBe(section(readme, '###'));
});

test('the test command is the one that continuous integration runs', () => {
  const [install] = blocks('sh').filter((block) => block.includes('npm test'));
  expect(readFileSync(join(root, '.ci/run'), 'utf8').trimEnd().split('\n').at(-1)).toBe(install!.trim());
});

test.each([
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'bench/README.md',
  'docs/error-budget.md',
  'docs/reference.md',
])('links in %s lead somewhere', (document) => {
  const text = readFileSync(join(root, document), 'utf8');
  for (const [, target] of text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)) {
    expect(existsSync(join(root, dirname(document), target!)), target).toBe(true);
  }
});
