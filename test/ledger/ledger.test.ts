import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Ledger,
  type LedgerSession,
  type Limits,
  normaliseMatter,
  questionDigest,
} from '../../src/ledger/index.ts';
import { encodeRecord } from '../../src/ledger/record.ts';
import { START } from '../../src/ledger/store.ts';
import { fileLedger, fileStore } from '../../src/node/store/index.ts';
import { program } from '../support/program.ts';

const root = mkdtempSync(join(tmpdir(), 'parley-ledger-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let directory: string;
let ledger: Ledger;
let runs = 0;
beforeEach(async () => {
  directory = join(root, String(runs++));
  ledger = await fileLedger(directory, () => new Date('2026-11-22T10:00:00.123Z'));
});

const peer = new Uint8Array(32).fill(9);
const name = '09'.repeat(32);
const log = () => join(directory, `${name}.log`);
/** The records in a log's bytes. */
const read = async (bytes: Uint8Array) => {
  writeFileSync(log(), bytes);
  return (await (await fileStore(directory)).read(name, START)).records;
};
const digest = (text: string) => new Uint8Array(Buffer.from(text.padEnd(32, '.').slice(0, 32)));
const text = (name: string) => Buffer.from(digest(name)).toString('base64url');
const limits: Limits = { rule: 'split', attempts: 1, bits: 2.5, maxDisclosure: undefined, shown: true };

interface Bid {
  readonly own?: string;
  readonly peer?: string;
  readonly question?: string;
  readonly matter?: string;
  readonly limits?: Partial<Limits>;
}

/** How far a session gets before it is cut off. */
type Until = 'admitted' | 'sealed' | 'released' | 'agreed';

async function attempt(until: Until, bid: Bid = {}): Promise<void> {
  const session = await ledger.begin(peer, bid.matter ?? 'car');
  try {
    session.admit(digestsOf(bid), { ...limits, ...bid.limits });
    if (until === 'admitted') return;
    await session.sealed({ bid: bid.own ?? 'mine' });
    if (until === 'sealed') return;
    await session.released();
    if (until === 'released') return;
    await session.agreed(digest('agreement'));
  } finally {
    await session.end();
  }
}

function digestsOf(bid: Bid) {
  return {
    question: digest(bid.question ?? 'terms'),
    own: digest(bid.own ?? 'mine'),
    peer: digest(bid.peer ?? 'theirs'),
    session: digest('session'),
  };
}

const refused = (run: Promise<unknown>, code: string) => expect(run).rejects.toMatchObject({ code });

describe('the ledger of attempts', () => {
  it('allows another bid until a share of the outcome is released', async () => {
    await attempt('admitted', { own: '1' });
    await attempt('sealed', { own: '2', peer: '2' });
    await attempt('sealed', { own: '3', peer: '3' });
    await attempt('agreed', { own: '4', peer: '4' });
    expect((await ledger.list())[0]?.attempts).toHaveLength(1);
  });

  it('after a release, resumes with identical seals and question only', async () => {
    await attempt('released');
    for (const changed of [{ own: 'other' }, { peer: 'other' }, { question: 'other' }]) {
      await refused(attempt('agreed', { ...changed, limits: { attempts: 5 } }), 'ERR_SEAL_CHANGED');
    }
    await attempt('released');
    await attempt('agreed');
    await attempt('agreed');
    const [summary] = await ledger.list();
    expect(summary?.attempts).toHaveLength(1);
    expect(summary?.disclosedBits).toBe(2.5);
  });

  it('refuses distinct attempts beyond those of the terms', async () => {
    await attempt('agreed', { own: '1' });
    await refused(attempt('agreed', { own: '2' }), 'ERR_ATTEMPTS_EXHAUSTED');
    await attempt('agreed', { own: '2', limits: { attempts: 2 } });
    await refused(attempt('agreed', { own: '3', limits: { attempts: 2 } }), 'ERR_ATTEMPTS_EXHAUSTED');
    await attempt('agreed', { own: '1' });
    await attempt('agreed', { own: '3', matter: 'house' });
  });

  it('C2: counts attempts by rule: whether, then at which price, are two questions', async () => {
    const asks = (rule: string, question: string) => ({ question, own: question, limits: { rule } });
    await attempt('agreed', asks('zopa', 'whether'));
    await attempt('agreed', asks('random-split', 'which'));
    // Other options, another range, another subject: whatever is changed under a rule is one more attempt.
    for (const rule of ['zopa', 'random-split']) {
      await refused(attempt('agreed', asks(rule, 'disguised')), 'ERR_ATTEMPTS_EXHAUSTED');
    }
    expect((await ledger.list())[0]?.attempts.map(({ rule }) => rule)).toEqual(['zopa', 'random-split']);
  });

  it('C2: says how an attempt stands before anybody has bid, and refuses what no bids could mend', async () => {
    const foresee = (question: string, further: Partial<Limits> = {}, sealed = true) =>
      ledger.foresee(peer, 'car', { question: digest(question), sealed }, { ...limits, ...further });
    const { attempts: allowed } = limits;
    expect(await foresee('terms')).toEqual({ used: 0, allowed, repeatable: false });
    await attempt('agreed');
    expect(await foresee('terms')).toEqual({ used: 1, allowed, repeatable: true });
    expect(await foresee('other', { attempts: 2 })).toEqual({ used: 1, allowed: 2, repeatable: false });
    await refused(foresee('other'), 'ERR_ATTEMPTS_EXHAUSTED');
    await refused(foresee('terms', { shown: false }), 'ERR_ATTEMPTS_EXHAUSTED');
    await refused(foresee('other', { attempts: 2, maxDisclosure: 3 }), 'ERR_DISCLOSURE_LIMIT');
    expect(await foresee('other', {}, false)).toEqual({ used: 0, allowed, repeatable: false });
    await attempt('released', { own: 'next', limits: { attempts: 2 } });
    await refused(foresee('other', { attempts: 5 }), 'ERR_SEAL_CHANGED');
    // The one that waits can be finished, as a further attempt where each release counts.
    expect(await foresee('terms', { shown: false, attempts: 3 })).toMatchObject({ used: 2 });
    await refused(foresee('terms', { shown: false, attempts: 2 }), 'ERR_ATTEMPTS_EXHAUSTED');
  });

  it('C2: asks nothing else while an outcome waits for agreement', async () => {
    await attempt('released', { question: 'whether', limits: { rule: 'zopa' } });
    await refused(attempt('released', { question: 'which' }), 'ERR_SEAL_CHANGED');
  });

  it('takes what earlier versions recorded for an attempt under any rule, and for a bit at least', async () => {
    const common = {
      matter: 'car',
      session: text('s'),
      question: text('q'),
      own: text('o'),
      peer: text('p'),
    };
    const records = [
      { type: 'released', ...common, time: '2026-01-01T00:00:00Z', bits: 0.000_012 },
      { type: 'agreed', ...common, time: '2026-01-01T00:00:00Z', agreement: text('a') },
    ] as const;
    const store = await fileStore(directory);
    let at = START;
    for (const record of records) at = (await store.append(name, encodeRecord(record), at))!;
    expect((await ledger.list())[0]).toMatchObject({ disclosedBits: 1, attempts: [{ bits: 1 }] });
    for (const rule of ['zopa', 'split']) {
      await refused(attempt('agreed', { limits: { rule } }), 'ERR_ATTEMPTS_EXHAUSTED');
    }
  });

  it('counts each release, and its bits, where seals do not show that the same was entered', async () => {
    const shown = false;
    await attempt('released', { limits: { shown } });
    await refused(attempt('released', { limits: { shown } }), 'ERR_ATTEMPTS_EXHAUSTED');
    await attempt('agreed', { limits: { shown, attempts: 2 } });
    expect((await ledger.list())[0]).toMatchObject({ attempts: [{ releases: 2 }], disclosedBits: 5 });
    await refused(
      attempt('released', { limits: { shown, attempts: 3, maxDisclosure: 7 } }),
      'ERR_DISCLOSURE_LIMIT',
    );
    await attempt('released', { limits: { shown, attempts: 3, maxDisclosure: 7.5 } });
    // The third release has no agreement yet, though the second had one.
    await refused(attempt('agreed', { own: 'other', limits: { shown, attempts: 9 } }), 'ERR_SEAL_CHANGED');
    await attempt('agreed', { limits: { shown, attempts: 4 } });
    await attempt('agreed', { own: 'other', limits: { shown, attempts: 9 } });
  });

  it('adds up what is disclosed to a peer over all matters, and holds to the limit', async () => {
    const maxDisclosure = 6;
    await attempt('agreed', { matter: 'a', limits: { maxDisclosure } });
    await attempt('agreed', { matter: 'b', limits: { maxDisclosure } });
    await refused(attempt('agreed', { matter: 'c', limits: { maxDisclosure } }), 'ERR_DISCLOSURE_LIMIT');
    await attempt('agreed', { matter: 'a', limits: { maxDisclosure } });
    await attempt('agreed', { matter: 'c', limits: { maxDisclosure, bits: 1 } });
    expect((await ledger.list())[0]?.disclosedBits).toBe(6);
    const other = await ledger.begin(new Uint8Array(32).fill(10), 'c');
    expect(other.disclosedBits).toBe(0);
    await other.end();
  });

  it('checks the limit again at the release, against sessions that ran meanwhile', async () => {
    const limited = { ...limits, maxDisclosure: 4 };
    const sessions: LedgerSession[] = [];
    for (const matter of ['a', 'b']) {
      const session = await ledger.begin(peer, matter);
      session.admit(digestsOf({}), limited);
      await session.sealed(null);
      sessions.push(session);
    }
    await sessions[0]!.released();
    await refused(sessions[1]!.released(), 'ERR_DISCLOSURE_LIMIT');
    for (const session of sessions) await session.end();
  });

  it('gives back one’s own seal of the same question, as required once it is released', async () => {
    const question = digest('terms');
    await attempt('sealed', { own: '1' });
    await attempt('sealed', { own: '2' });
    let session = await ledger.begin(peer, 'car');
    const unused = { required: false, returned: false };
    expect(await session.previousSeals(question)).toEqual([
      { seal: { bid: '2' }, own: Buffer.from(digest('2')).toString('base64url'), ...unused },
      { seal: { bid: '1' }, own: Buffer.from(digest('1')).toString('base64url'), ...unused },
    ]);
    expect(await session.previousSeals(digest('others'))).toEqual([]);
    await session.end();
    await attempt('released', { own: '1' });
    session = await ledger.begin(peer, 'car');
    expect((await session.previousSeals(question)).map(({ seal, required }) => [seal, required])).toEqual([
      [{ bid: '1' }, true],
    ]);
    await session.end();
    await attempt('agreed', { own: '1' });
    session = await ledger.begin(peer, 'car');
    expect((await session.previousSeals(question)).every(({ required }) => !required)).toBe(true);
    await session.end();
  });

  it('takes steps in order only', async () => {
    const session = await ledger.begin(peer, 'car');
    await refused(session.sealed(null), 'ERR_USAGE');
    session.admit(digestsOf({}), limits);
    await refused(session.released(), 'ERR_USAGE');
    await session.sealed(null);
    await session.released();
    await session.end();
    await session.end();
    await refused(session.agreed(digest('x')), 'ERR_CLOSED');
  });

  it('lets one session a peer and matter run at a time', async () => {
    const session = await ledger.begin(peer, 'car');
    await refused(ledger.begin(peer, 'car'), 'ERR_SESSION_BUSY');
    await (await ledger.begin(peer, 'house')).end();
    await (await ledger.begin(new Uint8Array(32).fill(8), 'car')).end();
    await session.end();
    await (await ledger.begin(peer, 'car')).end();
    expect(readdirSync(join(directory, 'locks'))).toEqual([]);
  });

  it('writes from many sessions at once without losing a record', async () => {
    const matters = Array.from({ length: 8 }, (_, index) => `matter ${index}`);
    await Promise.all(matters.map((matter) => attempt('agreed', { matter })));
    const [summary] = await ledger.list();
    expect(summary?.attempts.map(({ matter }) => matter).sort()).toEqual(matters);
    expect(summary?.attempts.every(({ agreement }) => agreement !== undefined)).toBe(true);
  });

  it('keeps its files to its owner, and says so if it cannot write', async () => {
    await attempt('agreed');
    expect(statSync(log()).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    const file = join(root, 'not a directory');
    writeFileSync(file, '');
    await refused(fileLedger(join(file, 'ledger')), 'ERR_LEDGER_UNUSABLE');
  });
});

describe('a log on disk', () => {
  it('has this form', async () => {
    await attempt('agreed');
    expect(readFileSync(log(), 'utf8')).toMatchInlineSnapshot(`
      "b369b50bab8605e90de8010f46050a38a96d8b05e0499040edec0c089adc23fa {"parley":1,"peer":"CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk","type":"ledger"}
      9600edeb38bda8937867f1013ba30c5ce50b71c35cadaca9cd5f50402773a830 {"matter":"car","own":"bWluZS4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","peer":"dGhlaXJzLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","question":"dGVybXMuLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","seal":{"bid":"mine"},"session":"c2Vzc2lvbi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","time":"2026-11-22T10:00:00Z","type":"sealed"}
      101e67c9bdf69f36ccc7e57a9d8c43fada6b55ebb74672ac420de4aa18873840 {"bits":2.5,"matter":"car","own":"bWluZS4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","peer":"dGhlaXJzLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","question":"dGVybXMuLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","rule":"split","session":"c2Vzc2lvbi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","time":"2026-11-22T10:00:00Z","type":"released"}
      2c7088000f94d05891a7cdd31ef01fe85e01ff5e76b259b56362b3dca9aa5a4b {"agreement":"YWdyZWVtZW50Li4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","matter":"car","own":"bWluZS4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","peer":"dGhlaXJzLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","question":"dGVybXMuLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","session":"c2Vzc2lvbi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4","time":"2026-11-22T10:00:00Z","type":"agreed"}
      "
    `);
  });

  it('loses nothing but the last record when it is cut off at any byte, and can be written again', async () => {
    await attempt('released', { own: '1' });
    const before = readFileSync(log());
    await attempt('agreed', { own: '1' });
    const whole = readFileSync(log());
    const kept = await read(before);
    const all = await read(whole);
    expect(all.length).toBe(kept.length + 3);
    for (let length = before.length; length < whole.length; length++) {
      const records = await read(whole.subarray(0, length));
      expect(records).toEqual(all.slice(0, records.length));
      expect(records.length).toBeGreaterThanOrEqual(kept.length);
    }
    for (const length of [before.length + 1, before.length + 70, whole.length - 2, whole.length - 1]) {
      writeFileSync(log(), whole.subarray(0, length));
      const complete = length === whole.length - 1;
      await refused(
        attempt('agreed', { own: '2' }),
        complete ? 'ERR_ATTEMPTS_EXHAUSTED' : 'ERR_SEAL_CHANGED',
      );
      await attempt('agreed', { own: '1' });
      expect((await ledger.list())[0]?.attempts).toHaveLength(1);
      expect(readFileSync(log(), 'utf8').endsWith('}\n')).toBe(true);
    }
  });

  it('survives a tail of blocks that never reached the disk', async () => {
    await attempt('released');
    const before = readFileSync(log());
    for (const tail of [Buffer.alloc(3_000), Buffer.concat([Buffer.alloc(2_000), Buffer.from('x"}\n')])]) {
      expect(await read(Buffer.concat([before, tail]))).toHaveLength(2);
      await attempt('released');
      expect(readFileSync(log()).subarray(0, before.length)).toEqual(before);
      expect(readFileSync(log(), 'utf8')).toMatch(/^([^\n\0]+\n){5}$/);
    }
  });

  it('is refused with any bit changed before its end, and any line dropped, moved or repeated', async () => {
    await attempt('agreed');
    const whole = readFileSync(log());
    for (let index = 0; index < whole.length; index++) {
      const damaged = Buffer.from(whole);
      damaged[index] = damaged[index]! ^ (1 << (index % 8));
      await expect(read(damaged), `byte ${index}`).rejects.toThrow(/damaged/);
    }
    const lines = whole.toString().split(/(?<=\n)/);
    const joined = (...order: number[]) => Buffer.from(order.map((index) => lines[index]).join(''));
    for (const order of [
      [1, 2, 3],
      [0, 2, 3],
      [0, 2, 1, 3],
      [0, 1, 1, 2, 3],
      [0, 0, 1, 2, 3],
    ]) {
      await expect(read(joined(...order))).rejects.toThrow(/damaged/);
    }
    writeFileSync(join(directory, `${'00'.repeat(32)}.log`), whole);
    await refused(ledger.begin(new Uint8Array(32), 'car'), 'ERR_LEDGER_CORRUPT');
    writeFileSync(log(), joined(0, 2, 3));
    await refused(ledger.begin(peer, 'car'), 'ERR_LEDGER_CORRUPT');
    await refused(ledger.list(), 'ERR_LEDGER_CORRUPT');
    expect(readdirSync(join(directory, 'locks'))).toEqual([]);
  });
});

describe('a process that is killed', () => {
  const start = (...args: string[]): { child: ChildProcess; lines: string[]; first: Promise<void> } => {
    const child = spawn(process.execPath, [...program('test/ledger/child.ts'), directory, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines: string[] = [];
    const first = new Promise<void>((resolve) => {
      let rest = '';
      child.stdout!.on('data', (chunk: Buffer) => {
        const parts = (rest + chunk.toString()).split('\n');
        rest = parts.pop()!;
        lines.push(...parts);
        resolve();
      });
    });
    return { child, lines, first };
  };
  const kill = async (child: ChildProcess): Promise<void> => {
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await gone;
  };

  it('loses no record that it was told is on disk, at whatever step it dies', async () => {
    const rounds = process.env.PARLEY_FULL === undefined ? 3 : 40;
    const acknowledged: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const { child, lines, first } = start(`round ${round}`);
      await first;
      await sleep(Math.random() * 40);
      while (round === 0 && lines.length < 2) await sleep(1); // on a busy machine 40 ms may end before a second step
      await kill(child);
      acknowledged.push(...lines);
      const { attempts } = (await ledger.list())[0] ?? { attempts: [] };
      for (const line of acknowledged) {
        const [step, matter] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];
        const found = attempts.find((each) => each.matter === matter);
        if (step === 'released') expect(found).toBeDefined();
        if (step === 'agreed') expect(found?.agreement).toBeDefined();
        if (step === 'sealed') {
          const session = await ledger.begin(peer, matter);
          expect((await session.previousSeals(digest('q'))).map(({ seal }) => seal)).toEqual([{ matter }]);
          await session.end();
        }
      }
    }
    expect(acknowledged.length).toBeGreaterThan(rounds);
    ledger = await fileLedger(directory);
    await attempt('agreed');
    expect(readdirSync(join(directory, 'locks'))).toEqual([]);
  }, 120_000);

  it('gives back its lock, which it held against other processes', async () => {
    const { child, first } = start('car', 'hold');
    await first;
    await refused(ledger.begin(peer, 'car'), 'ERR_SESSION_BUSY');
    await kill(child);
    await (await ledger.begin(peer, 'car')).end();
  }, 30_000);
});

describe('matters and questions', () => {
  it('are the same for subjects that differ in case, spacing or width only', () => {
    expect(normaliseMatter('  Used\u00a0CAR \t 2019 ')).toBe('used car 2019');
    expect(normaliseMatter('Ｕsed car')).toBe(normaliseMatter('used CAR'));
    expect(normaliseMatter('used car')).not.toBe(normaliseMatter('used cart'));
  });

  it('depend on everything in the terms but nonce and deadline', () => {
    const terms = { rule: { name: 'split' }, range: { min: '0' }, nonce: 'a', expires: 'b', attempts: 1 };
    const same = questionDigest({ ...terms, nonce: 'c', expires: 'd' });
    expect(questionDigest(terms)).toEqual(same);
    expect(questionDigest({ ...terms, rule: { name: 'zopa' } })).not.toEqual(same);
    expect(questionDigest({ ...terms, range: { min: '1' } })).not.toEqual(same);
    expect(same.length).toBe(32);
  });
});
