import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { memoryHome } from '../../src/desk/memory-home.ts';
import type { DeskEvent } from '../../src/desk/person.ts';
import { negotiatePinned } from '../../src/desk/pinned.ts';
import { generateIdentity, rawPublicKey } from '../../src/documents/identity.ts';
import { decodeBase64url } from '../../src/documents/json.ts';
import { ParleyError } from '../../src/errors.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import { unpack } from '../../src/node/home/backup/archive.ts';
import { backUp, restore } from '../../src/node/home/backup/backup.ts';
import { lockParts, openParts } from '../../src/node/home/backup/parts.ts';
import { restorationsOf } from '../../src/node/home/backup/restored.ts';
import { fileHome } from '../../src/node/home/home.ts';
import { removeHome } from '../../src/node/home/remove.ts';
import { nodeNetwork } from '../../src/node/net/network.ts';
import { fileLedger, fileSessionLog } from '../../src/node/store/index.ts';
import { proveSealKey } from '../../src/seals/index.ts';
import { alice } from '../paillier/keys.ts';
import { findPlanted } from '../support/planted.ts';
import { setIterations } from '../support/quick-passphrases.ts';

vi.mock('../../src/documents/passphrase-cost.ts', () => import('../support/quick-passphrases.ts'));

const PASSPHRASE = 'correct horse battery';
const root = mkdtempSync(join(tmpdir(), 'parley-backup-'));
afterAll(() => rmSync(root, { recursive: true }));
const inside = () => mkdtempSync(join(root, 'at-'));

const identity = generateIdentity();
const peer = generateIdentity();

/** A deal of the home in that folder about something. `asked` runs while this side's mandate is asked for. */
async function deal(folder: string, matter: string, asked = async () => {}): Promise<DeskEvent[]> {
  const [left, right] = memoryChannelPair();
  const terms = {
    parley: 1,
    subject: 'used car',
    matter,
    rule: { name: 'split' },
    range: { min: '0', max: '1000' },
    parties: { seller: identity.publicKey, buyer: peer.publicKey },
    security: 'semi-honest',
    expires: '2999-01-01T00:00:00Z',
  } as const;
  const events: DeskEvent[] = [];
  await Promise.all([
    negotiatePinned({
      home: fileHome({ folder, keepsAgreements: false }),
      network: nodeNetwork,
      person: { told: (event) => events.push(event) },
      terms,
      mandate: async () => {
        await asked();
        return { reservation: 400n };
      },
      way: { channel: left, initiator: true },
    }),
    negotiatePinned({
      home: memoryHome({ identity: peer }),
      network: nodeNetwork,
      terms,
      mandate: { reservation: 500n },
      way: { channel: right, initiator: false },
    }),
  ]);
  return events;
}

/** The files in a folder, with what is in them. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(folder.length + 1), readFileSync(path, 'latin1')];
    }),
  );
}

/** A home with all that one can have in it, and secrets among it. */
let home: string;
let secrets: Record<string, Uint8Array | string>;
/** A backup of it, and its lines. */
let backup: string;
let lines: string[];
beforeAll(async () => {
  home = join(inside(), 'home');
  const files = fileHome({ folder: home });
  await files.keepIdentity(identity);
  const sealKey = proveSealKey(alice, rawPublicKey(identity.publicKey));
  await files.keepSealKey(sealKey);
  await files.peers.add('sally', peer.publicKey);
  await deal(home, 'a car');
  await deal(home, 'another car');
  await fileSessionLog(join(home, 'delegate.log')).take(3, 0);
  mkdirSync(join(home, 'agreements'));
  writeFileSync(join(home, 'agreements', 'big.json'), randomBytes(2_500_000));
  writeFileSync(join(home, 'agreements', 'empty.json'), '');
  const { p, q } = sealKey.key.exportJson();
  const d = identity.exportPrivate().d;
  secrets = {
    p: decodeBase64url(p)!,
    q: decodeBase64url(q)!,
    d: decodeBase64url(d)!,
    matter: 'another car',
    PASSPHRASE,
  };
  backup = join(inside(), 'backup.json');
  await backUp(home, backup, PASSPHRASE);
  lines = readFileSync(backup, 'utf8').trimEnd().split('\n');
}, 60_000);

describe('a backup', () => {
  it('is one JSON document that shows nothing, for its owner only', () => {
    const text = readFileSync(backup, 'utf8');
    expect(Object.keys(JSON.parse(text))).toEqual(['parley', 'backup', 'parts']);
    expect(JSON.parse(text).parts.length).toBeGreaterThan(2);
    expect(findPlanted(text, secrets)).toEqual([]);
    expect(findPlanted(Object.values(contents(home)).join('\n'), { d: secrets.d! })).not.toEqual([]);
    expect(statSync(backup).mode & 0o777).toBe(0o600);
  });

  it('is put back whole: every file as it was, for its owner only', async () => {
    const folder = join(inside(), 'not', 'there');
    const { files, bytes, made } = await restore(backup, folder, PASSPHRASE);
    const { 'identity.json.ledger/restored': noted, ...back } = contents(folder);
    expect(noted).toMatch(new RegExp(`^${made} \\S+\n$`));
    expect(back).toEqual(contents(home));
    expect(files).toBe(Object.keys(back).length);
    expect(bytes).toBe(Object.values(back).join('').length);
    const modes = readdirSync(folder, { recursive: true }).map(
      (name) => statSync(join(folder, String(name))).mode & 0o77,
    );
    expect(new Set(modes)).toEqual(new Set([0]));
    expect(readdirSync(dirname(folder))).toEqual(['there']);
    const [known, before] = await Promise.all(
      [folder, home].map(async (one) => (await fileLedger(join(one, 'identity.json.ledger'))).list()),
    );
    expect(known).toEqual(before);
    expect(known![0]!.attempts).toHaveLength(2);
  });

  it('goes into an empty folder, also behind a link, and into no other', async () => {
    const [empty, other] = [inside(), inside()];
    const link = join(inside(), 'link');
    symlinkSync(empty, link);
    await restore(backup, link, PASSPHRASE);
    expect(Object.keys(contents(empty))).toContain('identity.json');
    writeFileSync(join(other, 'something'), 'mine');
    await expect(restore(backup, other, PASSPHRASE)).rejects.toMatchObject({ code: 'ERR_FILE' });
    await expect(restore(backup, empty, PASSPHRASE)).rejects.toMatchObject({ code: 'ERR_FILE' });
    expect(contents(other)).toEqual({ something: 'mine' });
  });

  it('is never written over a file, nor into the home, nor from one that is not there', async () => {
    await expect(backUp(home, backup, PASSPHRASE)).rejects.toMatchObject({ code: 'ERR_FILE' });
    for (const path of [join(home, 'backup.json'), join(home, 'agreements', 'backup.json')]) {
      await expect(backUp(home, path, PASSPHRASE)).rejects.toMatchObject({ code: 'ERR_USAGE' });
    }
    const path = join(inside(), 'backup.json');
    await expect(backUp(join(root, 'no'), path, PASSPHRASE)).rejects.toMatchObject({ code: 'ERR_FILE' });
    await expect(backUp(inside(), path, PASSPHRASE)).rejects.toMatchObject({ code: 'ERR_FILE' });
    await expect(backUp(home, path, 'short')).rejects.toMatchObject({ code: 'ERR_PASSPHRASE' });
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  it.each([...['12:30.txt', 'a\\b', 'a\tb'], Array(10).fill('a').join('/')])(
    'is not made where %j could not be put back',
    async (name) => {
      const folder = join(inside(), 'home');
      await fileHome({ folder }).keepIdentity(identity);
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), 'mine');
      const path = join(inside(), 'backup.json');
      await expect(backUp(folder, path, PASSPHRASE)).rejects.toMatchObject({ code: 'ERR_FILE' });
      expect(readdirSync(dirname(path))).toEqual([]);
    },
  );

  it('leaves nothing behind once it is stopped, and nor does putting it back', async () => {
    for (const work of [
      (folder: string, signal: AbortSignal) => backUp(home, join(folder, 'b.json'), PASSPHRASE, signal),
      (folder: string, signal: AbortSignal) => restore(backup, join(folder, 'home'), PASSPHRASE, signal),
    ]) {
      const folder = inside();
      const stop = new AbortController();
      const done = work(folder, stop.signal);
      stop.abort(new ParleyError('ERR_CANCELLED', 'stopped'));
      await expect(done).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  it('that is put back says what a restore has left that was killed', async () => {
    const folder = inside();
    const killed = join(folder, '.parley-restore-abcdef');
    mkdirSync(killed);
    expect(await restore(backup, join(folder, 'home'), PASSPHRASE)).toMatchObject({ leftovers: [killed] });
    expect(await restore(backup, join(inside(), 'home'), PASSPHRASE)).toMatchObject({ leftovers: [] });
  });

  it('is refused while a session is under way, and leaves nothing behind', async () => {
    const folder = join(inside(), 'home');
    await fileHome({ folder }).keepIdentity(identity);
    const path = join(inside(), 'backup.json');
    const codes: unknown[] = [];
    await deal(folder, 'a car', async () => {
      codes.push(await backUp(folder, path, PASSPHRASE).catch(({ code }) => code));
      codes.push(await removeHome(folder).catch(({ code }) => code));
    });
    expect(codes).toEqual(['ERR_SESSION_BUSY', 'ERR_SESSION_BUSY']);
    expect(readdirSync(dirname(path))).toEqual([]);
    await backUp(folder, path, PASSPHRASE);
  });

  it('is refused if the home changes meanwhile', async () => {
    const folder = join(inside(), 'home');
    await fileHome({ folder }).keepIdentity(identity);
    const path = join(inside(), 'backup.json');
    const quick = setIterations(600_000);
    onTestFinished(() => void setIterations(quick));
    const made = backUp(folder, path, PASSPHRASE); // the passphrase alone takes longer than what follows
    await new Promise((resolve) => setTimeout(resolve, 50));
    await fileHome({ folder }).peers.add('bob', peer.publicKey);
    await expect(made).rejects.toMatchObject({ code: 'ERR_SESSION_BUSY' });
    expect(existsSync(path)).toBe(false);
  });
});

describe('a backup that is damaged', () => {
  const flip = (line: string, at: number) =>
    line.slice(0, at) + (line[at] === 'A' ? 'B' : 'A') + line.slice(at + 1);
  const damage: Record<string, [(whole: string[]) => string[] | Promise<string[]>, string]> = {
    'cut behind its first line': [(whole) => whole.slice(0, 1), 'ERR_BACKUP_INVALID'],
    'cut behind a part': [(whole) => whole.slice(0, 2), 'ERR_BACKUP_INVALID'],
    'cut and closed': [([head, first]) => [head!, first!.slice(0, -1), ']}'], 'ERR_BACKUP_INVALID'],
    'without its end': [(whole) => whole.slice(0, -1), 'ERR_BACKUP_INVALID'],
    'with something behind it': [(whole) => [...whole, 'more'], 'ERR_BACKUP_INVALID'],
    'with a part twice': [([head, first, ...rest]) => [head!, first!, first!, ...rest], 'ERR_BACKUP_INVALID'],
    'with two parts in another order': [
      ([head, one, two, ...rest]) => [head!, two!, one!, ...rest],
      'ERR_BACKUP_INVALID',
    ],
    'without a part': [([head, , ...rest]) => [head!, ...rest], 'ERR_BACKUP_INVALID'],
    'changed in its last part': [
      (whole) => whole.map((line, at) => (at === whole.length - 2 ? flip(line, line.length - 9) : line)),
      'ERR_BACKUP_INVALID',
    ],
    'changed in its header': [([head, ...rest]) => [flip(head!, 60), ...rest], 'ERR_PASSPHRASE'],
    'of the parts of another': [
      async ([, ...parts]) => {
        const [head] = await collect(lockParts(bytesOf('x'), PASSPHRASE));
        return [head!, ...parts];
      },
      'ERR_BACKUP_INVALID',
    ],
    'something else': [() => ['{"parley":1}'], 'ERR_BACKUP_INVALID'],
    'of one endless line': [() => ['{'.repeat(3_000_000)], 'ERR_BACKUP_INVALID'],
    empty: [() => [], 'ERR_BACKUP_INVALID'],
  };

  it.each(Object.entries(damage))('%s', async (_, [change, code]) => {
    const path = join(inside(), 'backup.json');
    writeFileSync(path, (await change([...lines])).map((line) => `${line}\n`).join(''));
    const folder = join(inside(), 'home');
    await expect(restore(path, folder, PASSPHRASE)).rejects.toMatchObject({ code });
    expect(readdirSync(dirname(folder))).toEqual([]);
  });

  it('in a file, or in its list of digests, is noticed though its passphrase is right', async () => {
    const plain = Buffer.concat(await collect(openParts(linesOf(lines), PASSPHRASE)));
    const text = plain.toString('latin1');
    await unpack(bytesOf(text), inside());
    const changes = [
      text.replace('a car', 'b car'),
      text.replace(/"sha256":"../, '"sha256":"zz'),
      text.replace(/"files":\d+/, '"files":1'),
      text.slice(0, -1),
      `${text}more\n`,
    ];
    for (const changed of changes) {
      expect(changed).not.toBe(text);
      await expect(unpack(bytesOf(changed), inside())).rejects.toMatchObject({ code: 'ERR_BACKUP_INVALID' });
    }
  });

  it.each(['2026-01-01', '2026-01-01T00:00:00Z\n\u001b[2J', 'soon'])('cannot be made at %j', async (made) => {
    const archive = [
      { parley: 1, made },
      { files: 0, bytes: 0 },
    ]
      .map((line) => `${JSON.stringify(line)}\n`)
      .join('');
    await expect(unpack(bytesOf(archive), inside())).rejects.toMatchObject({ code: 'ERR_BACKUP_INVALID' });
  });

  it.each(['../out', '/out', 'a/../../out', 'a//b', '.', 'a\\b', 'C:out', 'a\u0000b', '', 'a/'.repeat(20)])(
    'cannot name the file %j',
    async (file) => {
      const folder = inside();
      const header = { parley: 1, made: '2026-01-01T00:00:00Z' };
      const archive = [header, { file, size: 0 }].map((line) => `${JSON.stringify(line)}\n`).join('');
      await expect(unpack(bytesOf(archive), folder)).rejects.toMatchObject({ code: 'ERR_BACKUP_INVALID' });
      expect(readdirSync(folder)).toEqual([]);
    },
  );
});

describe('a home that was put back from an old backup', () => {
  let folder: string;
  beforeEach(async () => {
    folder = join(inside(), 'home');
    await restore(backup, folder, PASSPHRASE);
  });

  it('says so at every negotiation, and when it is backed up again', async () => {
    const told = (events: DeskEvent[]) => events.filter(({ kind }) => kind === 'ledgerRestored');
    expect(told(await deal(home, 'a boat'))).toEqual([]);
    const [event] = told(await deal(folder, 'a boat'));
    const again = join(inside(), 'again.json');
    await backUp(folder, again, PASSPHRASE);
    const later = join(inside(), 'home');
    await restore(again, later, PASSPHRASE);
    const events = [...told(await deal(later, 'a ship')), ...told(await deal(later, 'a plane'))];
    expect(event).toMatchObject({ kind: 'ledgerRestored', made: expect.stringMatching(/Z$/) });
    expect(events).toHaveLength(2);
    const noted = readFileSync(join(later, 'identity.json.ledger', 'restored'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(noted).toHaveLength(2);
  });
});

it('notes in every ledger of a home that it was put back, wherever that is', async () => {
  const folder = join(inside(), 'home');
  await restore(backup, folder, PASSPHRASE);
  mkdirSync(join(folder, 'work', 'keys'), { recursive: true });
  const ledger = join(folder, 'work', 'keys', 'book');
  renameSync(join(folder, 'identity.json.ledger'), ledger);
  rmSync(join(ledger, 'restored'));
  const path = join(inside(), 'backup.json');
  await backUp(folder, path, PASSPHRASE);
  const back = join(inside(), 'home');
  await restore(path, back, PASSPHRASE);
  expect(await restorationsOf(join(back, 'work', 'keys', 'book'))).toHaveLength(1);
  expect(existsSync(join(back, 'restored'))).toBe(false);
}, 30_000);

describe('a home that is removed', () => {
  it('says where its links lead, and leaves what is there', async () => {
    const [folder, elsewhere] = [join(inside(), 'home'), inside()];
    await fileHome({ folder }).keepIdentity(identity);
    writeFileSync(join(elsewhere, 'seal'), 'secret');
    symlinkSync(join(elsewhere, 'seal'), join(folder, 'identity.json.seal'));
    symlinkSync('../nowhere', join(folder, 'peers'));
    expect(await removeHome(folder)).toMatchObject({
      files: [{ name: 'identity.json' }],
      linked: [join(elsewhere, 'seal'), join(dirname(folder), 'nowhere')],
    });
    expect(readFileSync(join(elsewhere, 'seal'), 'utf8')).toBe('secret');
    expect(existsSync(folder)).toBe(false);
  });

  it('goes though its ledger is no folder', async () => {
    const folder = join(inside(), 'home');
    await fileHome({ folder }).keepIdentity(identity);
    writeFileSync(join(folder, 'identity.json.ledger'), '');
    await removeHome(folder);
    expect(existsSync(folder)).toBe(false);
  });

  it('is gone with its folder, but for what is not its own', async () => {
    const folder = join(inside(), 'home');
    await restore(backup, folder, PASSPHRASE);
    const { files, left } = await removeHome(folder);
    expect([...left].sort()).toEqual(['agreements', 'delegate.log']);
    expect(Object.keys(contents(folder)).sort()).toEqual([
      'agreements/big.json',
      'agreements/empty.json',
      'delegate.log',
    ]);
    expect(files.map(({ name }) => name)).toContain('identity.json.seal');
    await expect(removeHome(folder)).rejects.toMatchObject({ code: 'ERR_FILE' });
    const bare = join(inside(), 'home');
    await fileHome({ folder: bare }).keepIdentity(identity);
    await removeHome(bare);
    expect(existsSync(bare)).toBe(false);
  });
});

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text, 'latin1');
}

async function* linesOf(text: readonly string[]): AsyncGenerator<string> {
  yield* text;
}

async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = [];
  for await (const value of values) all.push(value);
  return all;
}
