import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { History } from '../../../src/ledger/history.ts';
import { Ledger, START, type Store } from '../../../src/ledger/index.ts';
import { encodeLine, headerOf, LineReader } from '../../../src/ledger/lines.ts';
import { decodeRecord, encodeRecord } from '../../../src/ledger/record.ts';
import { fileStore } from '../../../src/node/store/index.ts';

const root = mkdtempSync(join(tmpdir(), 'parley-long-log-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const peer = new Uint8Array(32).fill(9);
const name = '09'.repeat(32);
const digest = (text: string) => new Uint8Array(Buffer.from(text.padEnd(32, '.').slice(0, 32)));
const named = (text: string) => Buffer.from(digest(text)).toString('base64url');
const DEALS = 400;

/** A log of many deals, and one that was released and not agreed on. */
let long: Buffer;
beforeAll(() => {
  const reader = new LineReader();
  const lines: Uint8Array[] = [];
  const add = (text: string) => {
    const line = encodeLine(text, reader.last.after);
    reader.push(line);
    lines.push(line);
  };
  add(headerOf(name));
  for (let index = 0; index < DEALS; index++) {
    const common = {
      ...{
        matter: `car ${index % 100}`,
        session: named('s'),
        question: named('q'),
        own: named(`own ${index}`),
      },
      ...{ peer: named('theirs'), time: '2026-01-01T00:00:00Z' },
    };
    add(encodeRecord({ type: 'sealed', ...common, seal: { index } }));
    const rule = index % 2 === 0 ? {} : { rule: 'split' }; // versions before did not record it
    add(encodeRecord({ type: 'released', ...common, ...rule, bits: 0.3 * (index % 7) }));
    if (index < DEALS - 1) add(encodeRecord({ type: 'agreed', ...common, agreement: named('a') }));
  }
  long = Buffer.concat(lines);
});

let directory: string;
let runs = 0;
beforeEach(() => {
  directory = join(root, String(runs++));
  mkdirSync(directory);
  writeFileSync(join(directory, `${name}.log`), long);
});
const log = () => join(directory, `${name}.log`);
const snapshot = () => join(directory, `${name}.snapshot`);

/** A ledger as a process has it that begins now, and what it has read of the log: records, by reading. */
async function fresh(): Promise<{ ledger: Ledger; store: Store; read: number[] }> {
  const store = await fileStore(directory);
  const read: number[] = [];
  const counting: Store = {
    list: () => store.list(),
    read: async (...args) => {
      const reading = await store.read(...args);
      read.push(reading.records.length);
      return reading;
    },
    pick: (...args) => store.pick(...args),
    append: (...args) => store.append(...args),
    hold: (...args) => store.hold(...args),
    ...(store.snapshots && { snapshots: store.snapshots }),
  };
  return { ledger: new Ledger(counting), store, read };
}

async function deal(ledger: Ledger, matter: string, own = matter, attempts = 1): Promise<void> {
  const session = await ledger.begin(peer, matter);
  try {
    session.admit(
      { question: digest('q'), own: digest(own), peer: digest('theirs'), session: digest('s') },
      { rule: 'split', attempts, bits: 1, maxDisclosure: undefined, shown: true },
    );
    await session.sealed(null);
    await session.released();
    await session.agreed(digest('agreed'));
  } finally {
    await session.end();
  }
}

/** What a ledger does about each of some deals that it should refuse, and what it has counted. */
async function answers(ledger: Ledger) {
  const found: unknown[] = [];
  for (const matter of ['car 0', 'car 57', `car ${(DEALS - 1) % 100}`, 'boat']) {
    const session = await ledger.begin(peer, matter);
    found.push(session.disclosedBits, await session.previousSeals(digest('q')));
    await session.end();
    if (matter !== 'boat') {
      found.push(await deal(ledger, matter, 'other', 4).catch((error: { code?: string }) => error.code));
    }
  }
  return found;
}

describe('a long log', () => {
  it('is read once by a process, and its tail by one that comes later', async () => {
    const first = await fresh();
    await deal(first.ledger, 'first');
    await deal(first.ledger, 'second');
    const [all, ...later] = first.read;
    expect(all).toBe(3 * DEALS - 1);
    expect(later.every((records) => records === 0)).toBe(true);
    const second = await fresh();
    await deal(second.ledger, 'third');
    expect(Math.max(...second.read)).toBe(3);
    expect((await second.ledger.list())[0]!.attempts).toHaveLength(DEALS + 3);
    expect(statSync(snapshot()).mode & 0o777).toBe(0o600);
  });

  it('B10: costs a deal the same reads and writes as a short one', async () => {
    const probe = await open(log(), 'r');
    const handles = Object.getPrototypeOf(probe) as { read: FileHandle['read'] };
    await probe.close();
    const { read } = handles;
    let bytes = 0;
    handles.read = async function (this: FileHandle, ...args: unknown[]) {
      const result = await (read as (...args: unknown[]) => ReturnType<FileHandle['read']>).apply(this, args);
      bytes += result.bytesRead;
      return result;
    } as FileHandle['read'];
    try {
      const costs: number[] = [];
      for (const whole of [true, false]) {
        if (!whole) rmSync(log());
        rmSync(snapshot(), { force: true });
        const { ledger } = await fresh();
        await deal(ledger, 'warm');
        bytes = 0;
        for (let index = 0; index < 5; index++) await deal(ledger, `m${index}`);
        costs.push(bytes);
      }
      const [long, short] = costs as [number, number];
      // Positions have more digits in a long log, its bytes have not.
      expect(long).toBe(short);
    } finally {
      handles.read = read;
    }
  });

  it('comes to the same from a snapshot as from the beginning', async () => {
    const whole = await answers((await fresh()).ledger);
    expect(whole[2]).toBe('ERR_ATTEMPTS_EXHAUSTED');
    expect(whole).toContain('ERR_SEAL_CHANGED');
    writeFileSync(log(), long);
    rmSync(snapshot(), { force: true });
    await deal((await fresh()).ledger, 'something');
    const { ledger, read } = await fresh();
    const fromSnapshot = await answers(ledger);
    expect(Math.max(...read)).toBeLessThan(10);
    const bits = (found: unknown) => (typeof found === 'number' ? found.toFixed(6) : found);
    const more = (found: unknown) => bits(typeof found === 'number' ? found + 1 : found);
    expect(fromSnapshot.map(bits)).toEqual(whole.map(more));
  });

  it('is read from its beginning if the snapshot has any bit changed, or belongs to another log', async () => {
    await deal((await fresh()).ledger, 'first');
    const whole = readFileSync(snapshot());
    const expected = await (await fresh()).store.snapshots!.load(name);
    expect(expected).toBeDefined();
    for (let index = 0; index < whole.length; index += index < 300 ? 1 : 997) {
      const damaged = Buffer.from(whole);
      damaged[index] = damaged[index]! ^ (1 << (index % 8));
      writeFileSync(snapshot(), damaged);
      const { store } = await fresh();
      expect(await store.snapshots!.load(name), `byte ${index}`).toBeUndefined();
    }
    for (const text of ['', '\n', 'x\ny\nz\n', whole.subarray(0, 500).toString()]) {
      writeFileSync(snapshot(), text);
      expect(await (await fresh()).store.snapshots!.load(name)).toBeUndefined();
    }
    writeFileSync(join(directory, `${'08'.repeat(32)}.snapshot`), whole);
    writeFileSync(join(directory, `${'08'.repeat(32)}.log`), readFileSync(log()));
    expect(await (await fresh()).store.snapshots!.load('08'.repeat(32))).toBeUndefined();
    writeFileSync(snapshot(), 'x');
    const { ledger, read } = await fresh();
    await deal(ledger, 'second');
    expect(read[0]).toBe(3 * DEALS + 2);
  });

  it('is refused if anything in it has changed, with a snapshot too', async () => {
    await deal((await fresh()).ledger, 'first');
    const whole = readFileSync(log());
    for (let index = 7; index < whole.length; index += 4_999) {
      const damaged = Buffer.from(whole);
      damaged[index] = damaged[index]! ^ (1 << (index % 8));
      writeFileSync(log(), damaged);
      const { ledger } = await fresh();
      await expect(ledger.begin(peer, 'car 1'), `byte ${index}`).rejects.toMatchObject({
        code: 'ERR_LEDGER_CORRUPT',
      });
    }
  });

  it('is believed over a snapshot that knows more', async () => {
    await deal((await fresh()).ledger, 'first');
    writeFileSync(log(), long);
    const { ledger } = await fresh();
    await deal(ledger, 'first', 'another bid');
    expect((await ledger.list())[0]!.attempts).toHaveLength(DEALS + 1);
    rmSync(log());
    const forgetful = await fresh();
    expect((await forgetful.ledger.begin(peer, 'car 0')).disclosedBits).toBe(0);
  });
});

describe('a process that knows a log', () => {
  it('finds what others appended, and damage in that and in the last line it knows', async () => {
    const { ledger } = await fresh();
    await deal(ledger, 'mine');
    const known = readFileSync(log());
    await deal((await fresh()).ledger, 'theirs');
    const more = readFileSync(log());
    await expect(deal(ledger, 'theirs', 'other')).rejects.toMatchObject({ code: 'ERR_ATTEMPTS_EXHAUSTED' });
    const start = known.lastIndexOf('\n', known.length - 2) + 1;
    for (let index = start; index < more.length; index += 13) {
      const damaged = Buffer.from(more);
      damaged[index] = damaged[index]! ^ 1;
      writeFileSync(log(), known);
      const { ledger: warm } = await fresh();
      await warm.refuseCheater(peer);
      writeFileSync(log(), damaged);
      await expect(warm.refuseCheater(peer), `byte ${index}`).rejects.toMatchObject({
        code: 'ERR_LEDGER_CORRUPT',
      });
    }
  });

  it('cuts off a torn tail of another one, at any byte', async () => {
    const { ledger } = await fresh();
    await deal(ledger, 'mine');
    const known = readFileSync(log());
    await deal((await fresh()).ledger, 'theirs');
    const more = readFileSync(log());
    const line = more.indexOf('\n', known.length) + 1;
    for (const length of [known.length + 1, known.length + 64, known.length + 90, line - 2, line - 1]) {
      writeFileSync(log(), more.subarray(0, length));
      await deal(ledger, `after ${length}`);
      const text = readFileSync(log(), 'utf8');
      expect(text.endsWith('\n')).toBe(true);
      expect(text.slice(known.length).match(/"matter":"theirs"/g)?.length).toBe(
        length === line - 1 ? 1 : undefined,
      );
      expect((await ledger.list())[0]!.attempts).toHaveLength(DEALS + 2);
    }
    truncateSync(log(), known.length - 20);
    await deal(ledger, 'after its own last line was cut');
  });
});

it('a history is the same in one piece and from a snapshot of any of its states', async () => {
  const store = await fileStore(directory);
  const { records } = await store.read(name, START);
  const whole = new History();
  for (const { text, position } of records) whole.add(decodeRecord(text), position);
  for (const cut of [0, 1, 2, 500, 1_000, records.length]) {
    let history = new History();
    for (const [index, { text, position }] of records.entries()) {
      if (index === cut || index === cut + 3) history = History.restore(history.snapshot())!;
      history.add(decodeRecord(text), position);
    }
    history = History.restore(history.snapshot())!;
    history.attemptsOn('car 50');
    history = History.restore(history.snapshot())!;
    expect(history.disclosedBits).toBe(whole.disclosedBits);
    expect(history.length).toBe(whole.length);
    expect(history.attempts).toEqual(whole.attempts);
    for (const matter of ['car 0', 'car 50', 'car 99', 'boat', 'car']) {
      expect([...history.attemptsOn(matter)]).toEqual([...whole.attemptsOn(matter)]);
      expect(history.sealsOf(matter, named('q'))).toEqual(whole.sealsOf(matter, named('q')));
    }
  }
  expect(History.restore('{"version":0}\n')).toBeUndefined();
});
