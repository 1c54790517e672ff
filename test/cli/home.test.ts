import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { generateIdentity } from '../../src/documents/identity.ts';
import { restore } from '../../src/node/home/backup/backup.ts';
import { fileHome } from '../../src/node/home/home.ts';
import { piped } from '../findings/support.ts';
import { closeAll, hasTerminals, person, type } from './pseudo-terminal.ts';
import { inProcess } from './support.ts';

const root = mkdtempSync(join(tmpdir(), 'parley-home-command-'));
afterAll(() => rmSync(root, { recursive: true }));
afterEach(() => {
  vi.unstubAllEnvs();
  closeAll();
});

async function homeIn(folder: string): Promise<string> {
  const home = join(folder, 'home');
  await fileHome({ folder: home }).keepIdentity(generateIdentity());
  return home;
}

test('a script backs a home up, puts it back and removes it, with the passphrase from a pipe', async () => {
  const folder = mkdtempSync(join(root, 'at-'));
  const home = await homeIn(folder);
  const file = join(folder, 'backup.json');
  const made = await piped('correct horse\n', ['home', 'backup', file, '--json'], { PARLEY_HOME: home });
  expect(made).toMatchObject({ code: 0 });
  expect(JSON.parse(made.stdout)).toMatchObject({
    backup: file,
    home,
    files: 1,
    made: expect.stringMatching(/Z$/),
  });
  const back = join(folder, 'back');
  const restored = await piped('correct horse', ['home', 'restore', file, '--json'], { PARLEY_HOME: back });
  expect(restored).toMatchObject({ code: 0, stderr: expect.stringContaining('restored on') });
  expect(JSON.parse(restored.stdout)).toMatchObject({ backup: file, home: back, files: 1 });
  expect(readFileSync(join(back, 'identity.json'))).toEqual(readFileSync(join(home, 'identity.json')));
  for (const [words, pipe, code] of [
    [['backup', file], 'correct horse', 'ERR_FILE'],
    [['backup', join(folder, 'no.json')], '', 'ERR_USAGE'],
    [['backup', join(folder, 'no.json')], 'short', 'ERR_PASSPHRASE'],
    [['restore', file], 'correct horse', 'ERR_FILE'],
    [['remove'], '', 'ERR_USAGE'],
  ] as const) {
    const refused = await piped(pipe, ['home', ...words, '--json'], { PARLEY_HOME: home });
    expect(refused.code, words.join(' ')).toBe(2);
    expect(JSON.parse(refused.stdout).error.code).toBe(code);
  }
  const removed = await piped('', ['home', 'remove', '--yes', '--json'], { PARLEY_HOME: back });
  expect(JSON.parse(removed.stdout)).toEqual({ home: back, removed: 1, left: [] });
  expect(existsSync(back)).toBe(false);
}, 180_000);

test('whoever removes a home is told of disputes that are open', async () => {
  const home = await homeIn(mkdtempSync(join(root, 'at-')));
  const ledger = join(home, 'identity.json.ledger');
  mkdirSync(ledger);
  writeFileSync(join(ledger, `${'ab'.repeat(32)}.dispute.json`), '{}');
  vi.stubEnv('PARLEY_HOME', home);
  const { code, stderr } = await inProcess('home', 'remove', '--yes');
  expect(code).toBe(0);
  expect(stderr).toMatch(/a dispute is open: without its file you cannot turn to the arbiter/);
  expect(existsSync(home)).toBe(false);
});

test('the ledger shows that it was put back', async () => {
  const folder = mkdtempSync(join(root, 'at-'));
  const home = await homeIn(folder);
  vi.stubEnv('PARLEY_HOME', home);
  await (await fileHome({ folder: home }).records()).ledger!.list();
  const { noteRestored } = await import('../../src/node/home/backup/restored.ts');
  const times = { made: '2026-01-01T00:00:00Z', restored: '2026-02-01T00:00:00Z' };
  await noteRestored(join(home, 'identity.json.ledger'), times);
  const { stdout, stderr } = await inProcess('ledger', '--json');
  expect(JSON.parse(stdout)).toEqual({ peers: [], restorations: [times] });
  expect(stderr).toContain('from a backup of 2026-01-01T00:00:00Z');
});

describe.runIf(hasTerminals)('a person at a terminal', () => {
  test('is believed who types Ctrl-C right behind an answer', async () => {
    const someone = person();
    await homeIn(someone.folder);
    for (const [line, prompt] of [
      ['parley home backup mine.json', '(not shown):'],
      ['parley home remove', 'Type remove to go on:'],
    ] as const) {
      const typing = type(someone, line);
      await typing.answers(prompt, 'remove everything\r\u0003');
      expect(await typing.ended).toBe(130);
    }
    expect(readdirSync(someone.folder)).toEqual(['home']);
  }, 180_000);

  test('types a passphrase twice, and later the word that removes a home', async () => {
    const someone = person();
    await homeIn(someone.folder);
    const backs = type(someone, 'parley home backup mine.json');
    await backs.answers('a passphrase for the backup, at least 8 characters (not shown):', 'correct horse\r');
    await backs.answers('once more', 'correct horse\r');
    expect(await backs.ended).toBe(0);
    expect(
      await restore(join(someone.folder, 'mine.json'), join(someone.folder, 'back'), 'correct horse'),
    ).toMatchObject({ files: 1 });
    const removes = type(someone, 'parley home remove');
    await removes.answers('Type remove to go on:', 'y\r');
    await removes.sees('that is not the word');
    expect(existsSync(join(someone.home, 'identity.json'))).toBe(true);
    await removes.answers('Type remove to go on:', 'remove\r');
    expect(await removes.ended).toBe(0);
    expect(existsSync(someone.home)).toBe(false);
  }, 180_000);
});
