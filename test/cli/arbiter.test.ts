import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { arbiterFingerprint, readArbiterCard } from '../../src/documents/arbiter-card.ts';
import { readResolution } from '../../src/documents/resolution.ts';
import { formatTime } from '../../src/documents/terms.ts';
import { arbiterOf } from '../../src/escrow/index.ts';
import { DEAL, identities, ROLES, type Role } from '../arbiter/support.ts';
import { fairTerms } from '../support/fair.ts';
import { FUTURE, left, PAST, root } from './arbiters.ts';
import { PLAN, type Plan } from './faults/plan.ts';
import { inProcess, start } from './support.ts';

vi.setConfig({ testTimeout: 180_000 });
const FULL = process.env.PARLEY_FULL !== undefined;

describe('arbiter init', () => {
  test('makes keys that only their owner reads, prints the card, and overwrites nothing', async () => {
    const out = join(root, 'made.key');
    const made = await inProcess('arbiter', 'init', '--out', out, '--at', 'https://arbiter.example/parley');
    expect(made.code).toBe(0);
    const card = JSON.parse(made.stdout);
    expect(readArbiterCard(card)).toMatchObject({
      at: 'https://arbiter.example/parley',
      windows: { min: 300, max: 3600 },
    });
    expect(arbiterOf({ card, window: 600 }).escrowKey).toHaveLength(32);
    if (process.platform !== 'win32') expect(statSync(out).mode & 0o777).toBe(0o600);
    const before = readFileSync(out);
    const secret = JSON.parse(before.toString());
    for (const word of [secret.escrow, secret.identity.d])
      expect(made.stdout + made.stderr).not.toContain(word);
    expect(await inProcess('arbiter', 'init', '--out', out)).toMatchObject({ code: 2, stdout: '' });
    expect(readFileSync(out)).toEqual(before);
  });

  test.each([
    [['arbiter'], /needs to know/],
    [['arbiter', 'judge'], /no such command/],
    [['arbiter', 'init', '--out', join(root, 'x'), '--at', 'http://x'], /not an address/],
    [['arbiter', 'serve', '--key', join(root, 'none'), '--store', join(root, 's')], /no such file/],
    [['arbiter', 'answer', join(root, 'none'), '--key', 'k', '--store', 's', '--out', 'o'], /no such file/],
    [['complain', join(root, 'none')], /no such file/],
    [['complain', 'x', '--out', 'y', '--at', 'z'], /exclude each other/],
    [['terms', 'new', '--subject', 'x', '--window', '10m'], /--arbiter/],
  ])('%j is told what is wrong', async (args, message) => {
    const { code, stderr } = await inProcess(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test('a damaged key file is refused without a word of it', async () => {
    const { path, answering } = await left(FUTURE);
    const text = readFileSync(path('arbiter.key'), 'utf8');
    const file = JSON.parse(text);
    writeFileSync(path('engagement'), 'x');
    for (const wrong of [
      { ...file, more: 1 },
      { ...file, escrow: `${file.escrow.slice(0, -2)}AA` },
      { ...file, identity: identities.seller.exportPrivate() },
    ]) {
      writeFileSync(path('arbiter.key'), JSON.stringify(wrong));
      const { code, stdout, stderr } = await inProcess(
        ...['arbiter', 'answer', path('engagement'), ...answering, '--out', path('answer'), '--json'],
      );
      expect(code).toBe(2);
      expect(JSON.parse(stdout).error.code).toBe('ERR_KEY_INVALID');
      expect(stdout + stderr).not.toContain(file.escrow);
    }
  });
});

describe('terms new --arbiter', () => {
  const asked = ['terms', 'new', '--subject', 'used car', '--rule', 'split', '--min', '0', '--max', '1000'];

  test('writes the whole card and the window, and says whose it is', async () => {
    const { key } = await left(FUTURE);
    const card = join(root, 'arbiter.card');
    writeFileSync(card, JSON.stringify(key.card));
    const { code, stdout, stderr } = await inProcess(...asked, '--arbiter', card, '--window', '15m');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).arbiter).toEqual({ card: key.card, window: 900 });
    expect(stderr).toContain('their arbiter is');
    expect(stderr).toContain(arbiterFingerprint(readArbiterCard(key.card)));
    for (const wrong of [
      ['--window', '4m'],
      ['--window', '2h'],
      ['--security', 'semi-honest'],
    ]) {
      const refused = await inProcess(...asked, '--arbiter', card, ...wrong, '--json');
      expect(JSON.parse(refused.stdout).error.code).toBe('ERR_TERMS_INVALID');
    }
    const short = await inProcess(
      ...asked,
      '--arbiter',
      card,
      '--window',
      '15m',
      '--expires',
      '14m',
      '--json',
    );
    expect(short.code).toBe(2);
    expect(JSON.parse(short.stdout).error).toMatchObject({
      message: expect.stringContaining('leaves no room for the 900 seconds'),
      hint: expect.stringContaining('--expires'),
    });
  });

  test('terms check says when no room for complaints is left', async () => {
    for (const [seconds, expired] of [
      [580, true],
      [1_000, false],
    ] as const) {
      const terms = await fairTerms({ expires: formatTime(Date.now() + 1_000 * seconds) });
      const file = join(root, `soon-${seconds}.json`);
      writeFileSync(file, JSON.stringify(terms));
      const { code, stdout, stderr } = await inProcess('terms', 'check', file, '--json');
      expect(code, stderr).toBe(0);
      expect(JSON.parse(stdout).expired).toBe(expired);
      expect(stderr.includes('no room for the 600 seconds in which a side may complain')).toBe(expired);
    }
  });
});

describe('by file', () => {
  test('a complaint leads both sides to one outcome and a proof of it', async () => {
    const { path, sideOf, answering } = await left(FUTURE);
    const complaint = path('complaint');
    const [buyer, seller] = [sideOf('buyer'), sideOf('seller')];
    const asked = await inProcess('complain', ...buyer, '--out', complaint);
    expect(asked).toMatchObject({ code: 3, stdout: '' });
    const answer = path('answer');
    const answered = await inProcess('arbiter', 'answer', complaint, ...answering, '--out', answer, '--json');
    expect(answered.code).toBe(0);
    expect(JSON.parse(answered.stdout)).toEqual({ kind: 'resolved', answer });
    for (const side of [buyer, seller]) {
      const ended = await inProcess('complain', ...side, '--answer', answer, '--json');
      expect(ended.code).toBe(0);
      const { agreement, ...rest } = JSON.parse(ended.stdout);
      expect(rest).toEqual({ kind: 'resolved', outcome: DEAL, proof: 'resolved' });
      expect(await inProcess('verify', agreement, '--unpinned')).toMatchObject({ code: 0 });
    }
    expect(readFileSync(path('buyer.outcome.json'))).toEqual(readFileSync(path('seller.outcome.json')));
    const [record, ...more] = readdirSync(path('cases'));
    expect(more).toEqual([]);
    expect(readFileSync(join(path('cases'), record!))).toEqual(readFileSync(answer));
  });

  test('a question is answered once the deadline is over, and before it exit code 3 says so', async () => {
    const early = await left(FUTURE);
    const question = early.path('question');
    await inProcess('complain', ...early.sideOf('buyer', { both: false }), '--out', question);
    const answer = early.path('answer');
    const told = await inProcess('arbiter', 'answer', question, ...early.answering, '--out', answer);
    expect(told.code).toBe(3);
    expect(existsSync(answer)).toBe(false);

    const late = await left(PAST);
    await inProcess('complain', ...late.sideOf('seller', { opened: true }), '--out', late.path('complaint'));
    const refused = await inProcess(
      ...['arbiter', 'answer', late.path('complaint'), ...late.answering, '--out', late.path('a'), '--json'],
    );
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout).error.code).toBe('ERR_COMPLAINT_LATE');
    await inProcess('complain', ...late.sideOf('buyer', { both: false }), '--out', late.path('question'));
    const voided = [
      'arbiter',
      'answer',
      late.path('question'),
      ...late.answering,
      '--out',
      late.path('void'),
    ];
    expect((await inProcess(...voided)).code).toBe(4);
    const ended = await inProcess(
      'complain',
      ...late.sideOf('buyer'),
      '--answer',
      late.path('void'),
      '--json',
    );
    expect(ended.code).toBe(4);
    const kept = `${late.path('buyer.dispute.json')}.void`;
    expect(JSON.parse(ended.stdout)).toEqual({ kind: 'void', mayBeBound: false, answer: kept });
    expect(readFileSync(kept)).toEqual(readFileSync(late.path('void')));
  });
});

describe('over loopback, in processes', () => {
  test('serve answers a complaint and then a question', async () => {
    const { path, sideOf, answering } = await left(FUTURE);
    const serving = start(['arbiter', 'serve', ...answering, '--listen', '127.0.0.1:0']);
    const said = await serving.said('Ctrl-C');
    expect(said).toMatch(/without --behind-proxy all .* count as one/);
    const [, port] = /:(\d+)$/m.exec(said)!;
    const at = ['--at', `http://127.0.0.1:${port}`];
    const pending = await inProcess('complain', ...sideOf('buyer', { both: false }), ...at, '--json');
    expect(pending.code).toBe(3);
    expect(JSON.parse(pending.stdout)).toMatchObject({ kind: 'pending', until: '2099-01-01T00:00:11Z' });
    const ended = await inProcess('complain', ...sideOf('seller'), ...at, '--json');
    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({ outcome: DEAL, proof: 'resolved' });
    const asked = await inProcess('complain', ...sideOf('buyer', { both: false }), ...at);
    expect(asked.code).toBe(0);
    expect(readFileSync(path('buyer.outcome.json'))).toEqual(readFileSync(path('seller.outcome.json')));
    serving.child.kill('SIGINT');
    await serving.ended;
  });
});

describe('an arbiter that is killed', () => {
  test('at any step of its record gives the same answer later, or none has been given', async () => {
    const { path, key, sideOf, answering } = await left(FUTURE);
    const complaints = Object.fromEntries(ROLES.map((role) => [role, path(`${role}.complaint`)]));
    for (const role of ROLES) await inProcess('complain', ...sideOf(role), '--out', complaints[role]!);
    let count = 0;
    const asked = (role: Role, out: string) =>
      ['arbiter', 'answer', complaints[role]!, ...answering, '--out', out] as const;
    const answer = async (role: Role, fault: Pick<Plan, 'at' | 'fault'> = {}) => {
      const [out, steps] = [path(`answer ${count++}`), path('steps')];
      rmSync(steps, { force: true });
      const plan: Plan = { under: path('cases'), steps, links: true, ...fault };
      const preload = ['test/cli/faults/preload.ts'];
      const { code } = await start(asked(role, out), { env: { [PLAN]: JSON.stringify(plan) }, preload })
        .ended;
      return { code, out, steps: readFileSync(steps, 'utf8').trim().split('\n') };
    };
    const records = () => (existsSync(path('cases')) ? readdirSync(path('cases')) : []);
    const whole = () => records().filter((name) => name.endsWith('.json'));

    const { steps } = await answer('buyer');
    rmSync(path('cases'), { recursive: true });
    const last = steps.findLastIndex((step) => step.startsWith('link'));
    // The hardest: the record has its name, which is not durable yet.
    const cuts = FULL ? steps.map((_, i) => i) : [last + 1];
    for (const at of cuts) {
      const killed = await answer('buyer', { at, fault: 'kill' });
      expect(killed.code, steps[at]).toBe(null);
      expect(existsSync(killed.out)).toBe(false);
      const [before] = whole();
      const kept = before === undefined ? undefined : readFileSync(join(path('cases'), before));
      const again = path(`again ${at}`);
      expect((await inProcess(...asked('seller', again))).code).toBe(0);
      const given = readFileSync(again);
      if (kept !== undefined) expect(given, steps[at]).toEqual(kept);
      const { by } = readResolution(given, key.identity.publicKey);
      expect(by, steps[at]).toBe(kept === undefined ? 'seller' : 'buyer');
      expect(at <= last, steps[at]).toBe(kept === undefined);
      expect(whole()).toHaveLength(1);
      rmSync(path('cases'), { recursive: true });
    }
  });
});
