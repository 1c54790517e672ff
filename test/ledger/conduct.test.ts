import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { CheatReport, DepartureReport, Ledger } from '../../src/ledger/index.ts';
import { START } from '../../src/ledger/store.ts';
import { fileLedger, fileStore } from '../../src/node/store/index.ts';

const root = mkdtempSync(join(tmpdir(), 'parley-conduct-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let directory: string;
let ledger: Ledger;
let runs = 0;
beforeEach(async () => {
  directory = join(root, String(runs++));
  ledger = await fileLedger(directory, () => new Date('2026-11-22T10:00:00.123Z'));
});

const peer = new Uint8Array(32).fill(9);
const log = () => join(directory, `${'09'.repeat(32)}.log`);
const digest = (text: string) => new Uint8Array(Buffer.from(text.padEnd(32, '.').slice(0, 32)));
const named = (text: string) => Buffer.from(digest(text)).toString('base64url');
const cheat: CheatReport = { session: named('session'), after: 'mandate-given', check: 'gate check' };
const departure: DepartureReport = {
  session: named('session'),
  after: 'engaged',
  terms: named('terms'),
  matter: 'car',
  engaged: true,
  shared: true,
};
const barred = (run: Promise<unknown>) => expect(run).rejects.toMatchObject({ code: 'ERR_PEER_BARRED' });

describe('a caught cheat', () => {
  it('bars the peer, under any matter and in any process, until it is forgiven', async () => {
    await ledger.refuseCheater(peer);
    await ledger.cheated(peer, cheat);
    const other = await fileLedger(directory);
    await barred(other.refuseCheater(peer));
    for (const matter of ['car', 'house']) await barred(other.begin(peer, matter));
    await (await other.begin(new Uint8Array(32).fill(8), 'car')).end();
    expect(await ledger.forgive(peer)).toBe(true);
    await other.refuseCheater(peer);
    await (await other.begin(peer, 'car')).end();
  });

  it('is forgiven once: the next one bars again', async () => {
    await ledger.cheated(peer, cheat);
    await ledger.forgive(peer);
    await ledger.cheated(peer, { ...cheat, check: 'another' });
    await barred(ledger.refuseCheater(peer));
    const [summary] = await ledger.list();
    expect(summary?.cheats.map(({ check, forgiven }) => [check, forgiven])).toEqual([
      ['gate check', true],
      ['another', false],
    ]);
  });

  it('stops a session with that peer that is under way before it releases anything', async () => {
    const session = await ledger.begin(peer, 'car');
    const attempt = {
      question: digest('q'),
      own: digest('own'),
      peer: digest('peer'),
      session: digest('session'),
    };
    session.admit(attempt, { rule: 'split', attempts: 1, bits: 1, maxDisclosure: undefined, shown: true });
    await session.sealed(null);
    await ledger.cheated(peer, cheat);
    await barred(session.released());
    await session.end();
    expect((await ledger.list())[0]?.attempts).toEqual([]);
  });

  it('does not stop who allows it', async () => {
    await ledger.cheated(peer, cheat);
    await (await ledger.begin(peer, 'car', 'allow')).end();
  });

  it('gives back the lock of the matter when it refuses', async () => {
    await ledger.cheated(peer, cheat);
    await barred(ledger.begin(peer, 'car'));
    expect(readdirSync(join(directory, 'locks'))).toEqual([]);
  });

  it('says who and what to do, and nothing of the mandate', async () => {
    await ledger.cheated(peer, cheat);
    await expect(ledger.refuseCheater(peer)).rejects.toMatchObject({
      message: 'the other side was caught cheating at 2026-11-22T10:00:00Z',
      hint: expect.stringContaining('forgive'),
    });
  });
});

it('where there is nothing to forgive, nothing is written', async () => {
  expect(await ledger.forgive(peer)).toBe(false);
  await ledger.refuseCheater(peer);
  expect(readdirSync(directory)).toEqual([]);
  await ledger.cheated(peer, cheat);
  await ledger.forgive(peer);
  const before = readFileSync(log());
  expect(await ledger.forgive(peer)).toBe(false);
  expect(readFileSync(log())).toEqual(before);
});

it('a departure is on record, and bars nobody', async () => {
  await ledger.left(peer, departure);
  await ledger.refuseCheater(peer);
  await (await ledger.begin(peer, 'car')).end();
  const [summary] = await ledger.list();
  expect(summary).toMatchObject({ attempts: [], disclosedBits: 0, cheats: [] });
  expect(summary?.departures).toEqual([{ ...departure, time: '2026-11-22T10:00:00Z' }]);
});

describe('a log on disk', () => {
  /** Written before there were records of conduct. */
  const OLD = `b369b50bab8605e90de8010f46050a38a96d8b05e0499040edec0c089adc23fa {"parley":1,"peer":"CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk","type":"ledger"}
9600edeb38bda8937867f1013ba30c5ce50b71c35cadaca9cd5f50402773a830 {"matter":"car","own":"bWluZS4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","peer":"dGhlaXJzLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","question":"dGVybXMuLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","seal":{"bid":"mine"},"session":"c2Vzc2lvbi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","time":"2026-11-22T10:00:00Z","type":"sealed"}
9e1f35cffdaf1203d9658eec69d19398bec18cbd2c814081123d66e3a095b526 {"bits":2.5,"matter":"car","own":"bWluZS4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","peer":"dGhlaXJzLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","question":"dGVybXMuLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","session":"c2Vzc2lvbi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","time":"2026-11-22T10:00:00Z","type":"released"}
`;

  it('of an earlier version reads as before, and goes on', async () => {
    writeFileSync(log(), OLD);
    const before = await ledger.list();
    expect(before[0]).toMatchObject({ disclosedBits: 2.5, cheats: [], departures: [] });
    await ledger.refuseCheater(peer);
    await ledger.cheated(peer, cheat);
    await ledger.left(peer, departure);
    expect(readFileSync(log(), 'utf8').startsWith(OLD)).toBe(true);
    const [after] = await ledger.list();
    expect(after?.attempts).toEqual(before[0]?.attempts);
    await barred(ledger.begin(peer, 'car'));
    await ledger.forgive(peer);
    const session = await ledger.begin(peer, 'car');
    expect(session.disclosedBits).toBe(2.5);
    expect(await session.previousSeals(digest('terms'))).toMatchObject([{ required: true }]);
    await session.end();
  });

  it('has this form', async () => {
    await ledger.cheated(peer, { ...cheat, terms: named('terms'), matter: 'car' });
    await ledger.left(peer, departure);
    await ledger.forgive(peer);
    const lines = readFileSync(log(), 'utf8').split('\n').slice(1, -1);
    expect(lines.map((line) => line.slice(65))).toMatchInlineSnapshot(`
      [
        "{"after":"mandate-given","check":"gate check","matter":"car","session":"c2Vzc2lvbi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","terms":"dGVybXMuLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","time":"2026-11-22T10:00:00Z","type":"cheated"}",
        "{"after":"engaged","engaged":true,"matter":"car","session":"c2Vzc2lvbi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","shared":true,"terms":"dGVybXMuLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","time":"2026-11-22T10:00:00Z","type":"left"}",
        "{"time":"2026-11-22T10:00:00Z","type":"forgiven"}",
      ]
    `);
  });

  it('is refused with any bit of a record of conduct changed', async () => {
    await ledger.cheated(peer, cheat);
    await ledger.forgive(peer);
    const whole = readFileSync(log());
    const store = await fileStore(directory);
    for (let index = 0; index < whole.length; index++) {
      const damaged = Buffer.from(whole);
      damaged[index] = damaged[index]! ^ (1 << (index % 8));
      writeFileSync(log(), damaged);
      await expect(store.read('09'.repeat(32), START), `byte ${index}`).rejects.toThrow(/damaged/);
    }
  });
});
