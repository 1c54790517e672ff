import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { inProcess } from '../cli/support.ts';
import { type Block, blocks, blocksIn, pages, root } from './pages.ts';

/** Sections whose blocks test/readme.test.ts runs. */
const RUN = ['files', 'menu', 'keys', 'relay'] as const;
/** What other tests run, and what has an effect outside. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'npm install && npm run demo': 'package.test.ts',
  'npm install && npm test': 'readme.test.ts',
  'parley terms new --out car.json': 'cli/first-deal.test.ts',
  'parley host --terms car.json': 'cli/first-deal.test.ts',
  'parley relay --listen 0.0.0.0:4467 --listen ws://127.0.0.1:4468': 'cli/invites.test.ts',
  'parley ledger': 'cli/ledger.test.ts',
  'parley show agreement.json': 'cli/show.test.ts',
  'parley ledger --agreement 1rxwXOze --out agreement.json': 'cli/ledger.test.ts',
  'parley home backup parley-backup.json': 'cli/home.test.ts',
  'parley terms new --arbiter arbiter.card --window 10m --out car.json': 'cli/arbiter.test.ts',
  'parley doctor': 'cli/disputes.test.ts',
  'parley complain': 'cli/disputes.test.ts',
  'parley complain DISPUTE --out complaint': 'cli/arbiter.test.ts',
  'parley arbiter answer complaint --key arbiter.key --store cases --out answer': 'cli/arbiter.test.ts',
  'parley complain DISPUTE --answer answer': 'cli/arbiter.test.ts',
  'parley arbiter init --out arbiter.key --at https://arbiter.example > arbiter.card': 'cli/arbiter.test.ts',
  'parley arbiter serve --key arbiter.key --store cases --behind-proxy': 'cli/arbiter.test.ts',
  'parley ratify agreement.json --identity board-1.key --out yes-1.json': 'cli/ratification.test.ts',
  'parley ratify agreement.json --identity board-2.key --out no-2.json --no': 'cli/ratification.test.ts',
  'parley verify agreement.json --party seller=seller.pub --party buyer=buyer.pub --ratification yes-1.json --ratification proof-1 --ratification no-2.json':
    'cli/ratification.test.ts',
  'parley verify agreement.json --party seller=owner.pub --trusted-log log.json --witnessed agreement.tlog-proof':
    'cli/principals.test.ts',
  'parley claim agreement.json pay --evidence bank.txt --out claim': 'cli/obligations.test.ts',
  'parley receipt agreement.json claim --out receipt': 'cli/obligations.test.ts',
  'parley object agreement.json pay --evidence photo.jpg --out objection': 'cli/obligations.test.ts',
  'parley judge agreement.json pay --broken --out verdict': 'cli/obligations.test.ts',
  'parley obligations agreement.json claim receipt objection verdict': 'cli/obligations.test.ts',
  'parley verify verdict --contradiction other --judge judge.pub.json': 'cli/obligations.test.ts',
  'parley verify resolution --contradiction void --arbiter arbiter.card': 'cli/disputes.test.ts',
};

/** Flags by command, such as `terms new`, from what `--help` says. */
let flags: Map<string, Set<string>>;

beforeAll(async () => {
  const help = async (...words: string[]) => (await inProcess(...words, '--help')).stdout;
  const commandsIn = (text: string) =>
    [...text.slice(text.indexOf('Commands:')).matchAll(/^ {2}([a-z]+)(?: |$)/gm)].map(([, name]) => name!);
  const top = commandsIn(await help());
  const groups = ['terms', 'home', 'arbiter', 'mandate'];
  const below: string[] = [];
  for (const group of groups) below.push(...commandsIn(await help(group)).map((name) => `${group} ${name}`));
  flags = new Map();
  for (const name of [...top.filter((one) => !groups.includes(one)), ...below]) {
    const text = await help(...name.split(' '));
    flags.set(name, new Set([...text.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, flag]) => flag!)));
  }
});

/** What is wrong with a command line, from behind `parley`. */
function faultOf(words: string): string | undefined {
  const name = [...flags.keys()].find((one) => words === one || words.startsWith(`${one} `));
  if (name === undefined) return `no command: ${words}`;
  const known = new Set([...flags.get(name)!, '--help', '--json']);
  const unknown = [...words.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].filter(([flag]) => !known.has(flag));
  return unknown.length === 0 ? undefined : `${name} has no ${unknown.join(' ')}`;
}

/** The command lines of a script, from behind `parley`. */
function commandsOf(script: string): string[] {
  const lines = script.replaceAll(/\\\n\s*/g, '');
  return [...lines.matchAll(/(?:^|\s)parley ((?:[^\n|<>"]|"[^"]*")+)/g)].map(([, words]) => words!.trim());
}

describe('the reference', () => {
  const { text } = pages.find(({ path }) => path === 'docs/reference.md')!;

  it('lists every command and its flags, and no others', () => {
    const documented = [...text.matchAll(/^\| `parley ([a-z ]*[a-z])(?: [A-Z]+)?`/gm)].map(
      ([, name]) => name,
    );
    expect(documented.sort()).toEqual([...flags.keys()].sort());
    const existing = new Set([...flags.values()].flatMap((some) => [...some]));
    const mentioned = new Set([...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([flag]) => flag));
    for (const flag of mentioned) expect([...existing, '--help'], flag).toContain(flag);
    const inHelp = flags.get('terms new')!; // the reference sends its reader there
    for (const flag of existing) if (!inHelp.has(flag)) expect([...mentioned], flag).toContain(flag);
  });
});

describe('command lines on any page', () => {
  test('name commands and flags that there are', () => {
    const scripts = blocks.filter(({ language }) => language === 'sh').map(({ at, body }) => ({ at, body }));
    const inline = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/`(parley [a-z][^`\n]*)`/g)].map(([, body]) => ({ at: path, body: body! })),
    );
    const lines = [...scripts, ...inline].flatMap(({ at, body }) =>
      commandsOf(body).map((words) => ({ at, words })),
    );
    expect(lines.length).toBeGreaterThan(40);
    const faults = lines.flatMap(({ at, words }) => {
      const fault = faultOf(words);
      return fault === undefined ? [] : [`${at}: ${fault}`];
    });
    expect(faults).toEqual([]);
  });

  test('that are wrong are seen', () => {
    expect(commandsOf('a < b | ssh x parley host --a "b | c" > d\nparley leak \\\n  --terms T')).toEqual([
      'host --a "b | c"',
      'leak --terms T',
    ]);
    expect(faultOf('host --terms T --json')).toBeUndefined();
    expect(faultOf('host --term T')).toBe('host has no --term');
    expect(faultOf('hast --terms T')).toMatch('no command');
  });

  test('are run by a test, each of them', () => {
    const ran = new Set(RUN.flatMap((section) => blocksIn(section, 'sh')).flatMap(linesOf));
    const left = blocks
      .filter(({ language, section }) => language === 'sh' && !RUN.includes(section as never))
      .flatMap((block) => linesOf(block.body).map((line) => ({ at: block.at, line })))
      .filter(({ line }) => !ran.has(line) && ELSEWHERE[line] === undefined);
    expect(left).toEqual([]);
    for (const file of Object.values(ELSEWHERE))
      expect(existsSync(join(root, 'test', file)), file).toBe(true);
  });
});

function linesOf(script: Block['body']): string[] {
  return script
    .replaceAll(/\\\n\s*/g, '')
    .trimEnd()
    .split('\n');
}
