import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type ArbiterRequest, questionOf, requestOf } from '../../../src/arbiter/index.ts';
import { toHex } from '../../../src/crypto/encoding.ts';
import { isVoid } from '../../../src/documents/void.ts';
import { isParleyError } from '../../../src/errors.ts';
import { arbiterClient } from '../../../src/node/arbiter/client.ts';
import { DEADLINE, disputeOf, type Engaged, engaged, identities, ROLES } from '../../arbiter/support.ts';
import { program } from '../../support/program.ts';

const FULL = process.env.PARLEY_FULL !== undefined;
const CASES = 5;
const AT_A_TIME = 50;

const root = mkdtempSync(join(tmpdir(), 'parley-killed-'));
afterAll(() => rmSync(root, { recursive: true }));

interface Asked {
  /** The case that it is about. */
  readonly of: number;
  readonly request: ArbiterRequest;
}
let cases: readonly Engaged[];
let complaints: readonly Asked[];
let questions: readonly Asked[];
beforeAll(async () => {
  cases = await Promise.all(Array.from({ length: CASES }, (_, i) => engaged({ name: `case ${i}` })));
  const made = await Promise.all(
    cases.flatMap((engagement, of) =>
      ROLES.map(async (role) => {
        const dispute = disputeOf(engagement, role);
        const complaint = await requestOf(dispute, identities[role]);
        return { of, complaint, question: questionOf(dispute) };
      }),
    ),
  );
  complaints = made.map(({ of, complaint: request }) => ({ of, request }));
  questions = made.map(({ of, question: request }) => ({ of, request }));
});

/** An arbiter in a process of its own, whose clock stands still. */
async function start(folder: string, time: number): Promise<{ child: ChildProcess; at: string }> {
  const child = spawn(
    process.execPath,
    [...program('test/node/arbiter/child.ts', 'test/support/ready.ts'), folder, String(time)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [port] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, at: `http://127.0.0.1:${port.toString().trim()}` };
}

/** Asks everything at a time, and kills the arbiter once so many answers are there. Gives the answers by case, and the codes of what was refused. */
async function ask(folder: string, time: number, asked: readonly Asked[], kill = Number.POSITIVE_INFINITY) {
  const { child, at } = await start(folder, time);
  const gone = once(child, 'exit');
  const send = arbiterClient(at, { configured: true });
  const answers: { of: number; answer: Uint8Array }[] = [];
  const refused: string[] = [];
  const all = asked.map(async ({ of, request }) => {
    try {
      const answer = await send(request);
      if (answer === undefined) refused.push('pending');
      else answers.push({ of, answer });
    } catch (error) {
      if (!isParleyError(error)) throw error;
      refused.push(error.code);
    }
    if (answers.length === kill) child.kill('SIGKILL');
  });
  await Promise.all(all);
  child.kill('SIGKILL');
  await gone;
  return { answers, refused };
}

const repeated = (asked: readonly Asked[], count = AT_A_TIME): Asked[] =>
  Array.from({ length: count }, (_, i) => asked[i % asked.length]!);

/** Each case has been answered one way, and that is its record. */
function expectOneEach(folder: string, answers: readonly { of: number; answer: Uint8Array }[]) {
  const kinds = cases.map((of, i) => {
    const given = new Set(answers.filter((one) => one.of === i).map(({ answer }) => toHex(answer)));
    expect(given.size, `case ${i}`).toBe(1);
    const record = new Uint8Array(readFileSync(join(folder, `${toHex(of.case)}.json`)));
    expect(given, `case ${i}`).toContain(toHex(record));
    return isVoid(record) ? 'void' : 'resolved';
  });
  const records = readdirSync(folder).filter((name) => name.endsWith('.json'));
  expect(records).toHaveLength(CASES);
  return kinds;
}

test('an arbiter that is killed twice among fifty complaints at a time answers each case one way', async () => {
  const folder = join(root, 'twice');
  // Two cases are not complained about in time: after the deadline they are void, whatever the clock says later.
  const some = complaints.filter(({ of }) => of < CASES - 2);
  const first = await ask(folder, DEADLINE, repeated(some), 12);
  const others = questions.filter(({ of }) => of >= CASES - 2);
  const second = await ask(
    folder,
    DEADLINE + 11_000,
    [...others, ...repeated([...complaints, ...questions], 46)],
    12,
  );
  const third = await ask(folder, DEADLINE, repeated(complaints));
  expect(third).toMatchObject({ refused: [] });
  expect(third.answers).toHaveLength(AT_A_TIME);
  for (const { answers, refused } of [first, second]) {
    expect(answers.length).toBeGreaterThanOrEqual(12);
    expect(refused, 'some were not answered').toContain('ERR_CONNECT');
  }
  const kinds = expectOneEach(folder, [...first.answers, ...second.answers, ...third.answers]);
  expect(new Set(kinds)).toEqual(new Set(['resolved', 'void']));
}, 60_000);

test.runIf(FULL)(
  'whenever it is killed',
  async () => {
    for (let kill = 1; kill < 30; kill++) {
      const folder = join(root, `at ${kill}`);
      const rounds = [
        await ask(folder, DEADLINE, repeated(complaints), kill),
        await ask(folder, DEADLINE + 11_000, repeated([...questions, ...complaints]), 30 - kill),
        await ask(folder, DEADLINE, repeated([...complaints, ...questions])),
      ];
      expectOneEach(
        folder,
        rounds.flatMap(({ answers }) => answers),
      );
    }
  },
  1_200_000,
);
