import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { defineArbiter, memoryCases, questionOf, requestOf } from '../../src/arbiter/index.ts';
import { openPorts } from '../../src/cli/commands/ports.ts';
import { toHex } from '../../src/crypto/encoding.ts';
import { arbiterFingerprint, readArbiterCard } from '../../src/documents/arbiter-card.ts';
import { rawPublicKey } from '../../src/documents/identity.ts';
import { readResolution } from '../../src/documents/resolution.ts';
import { serveArbiter } from '../../src/node/arbiter/serve.ts';
import { fileLedger } from '../../src/node/store/index.ts';
import { disputeOf, engaged, identities } from '../arbiter/support.ts';
import { FUTURE, left, leftInLedger, PAST, root } from './arbiters.ts';
import { inProcess } from './support.ts';

vi.setConfig({ testTimeout: 180_000 });

describe('in the ledger', () => {
  test('a void ends the release and its dispute, and is kept', async () => {
    const { of, key, path, identity, file, attempts } = await leftInLedger(PAST, false);
    const before = await attempts();
    expect(before.attempts).toEqual([
      { matter: 'used car', bits: 2, time: expect.any(String), agreed: false },
    ]);
    expect(JSON.parse(before.listed.stdout).disputes).toEqual([
      {
        ...{ file, subject: 'used car', complainBy: PAST, engaged: false, opened: false },
        arbiter: {
          fingerprint: arbiterFingerprint(readArbiterCard(key.card)),
          at: 'https://arbiter.example',
        },
      },
    ]);
    expect(before.listed.stderr).toContain(`complaints were heard until ${PAST}  “used car”`);
    expect(before.listed.stderr).toContain(`ask the arbiter after that time: parley complain ${file}`);
    const arbiter = defineArbiter({ ...key, store: memoryCases() });
    writeFileSync(
      path('void'),
      (await arbiter.ask(questionOf(disputeOf(of, 'buyer', { both: false })).document))!,
    );
    expect(await inProcess('complain', ...identity, '--answer', path('void'))).toMatchObject({
      code: 4,
    });
    const none = await inProcess('complain', ...identity, '--json');
    expect(JSON.parse(none.stdout).error).toMatchObject({
      code: 'ERR_USAGE',
      message: expect.stringMatching(/^no dispute is open/),
    });
    const after = await attempts();
    expect(after.attempts).toMatchObject([{ agreed: false, end: 'void', returned: false }]);
    expect(after.listed.stderr).toContain('void, attempt used up');
    expect(JSON.parse(after.listed.stdout).disputes).toBeUndefined();
    expect([existsSync(file), existsSync(`${file}.void`)]).toEqual([false, true]);
  });

  test('a proof counts like an agreement, and goes to the folder one works in', async () => {
    const { of, key, path, identity, file, attempts } = await leftInLedger(FUTURE, true);
    expect((await attempts()).listed.stderr).toContain(
      `both have engaged, so complain now: parley complain ${file}`,
    );
    const arbiter = defineArbiter({ ...key, store: memoryCases() });
    const { document } = await requestOf(disputeOf(of, 'buyer'), identities.buyer);
    writeFileSync(path('answer'), await arbiter.answer(document));
    const complaint = ['complain', file, ...identity, '--answer', path('answer'), '--json'];
    const before = process.cwd();
    process.chdir(path('.'));
    onTestFinished(() => process.chdir(before));
    const ended = await inProcess(...complaint);
    expect(ended.code).toBe(0);
    const { agreement } = JSON.parse(ended.stdout);
    expect(agreement).toMatch(/^outcome-[0-9a-f]{12}\.json$/);
    expect(existsSync(path(agreement))).toBe(true);
    expect((await attempts()).attempts).toMatchObject([{ agreed: true }]);
  });

  test('a dispute is given up a day after its deadline, not before, and can still be proved', async () => {
    const early = await leftInLedger(FUTURE, true);
    const refused = await inProcess('complain', early.file, ...early.identity, '--give-up', '--json');
    expect(refused.code).toBe(2);
    expect(JSON.parse(refused.stdout).error.hint).toContain('from 2099-01-02T00:00:00Z on');
    expect(existsSync(early.file)).toBe(true);

    const { of, key, path, identity, file, attempts } = await leftInLedger(PAST, true);
    const given = await inProcess('complain', file, ...identity, '--give-up', '--json');
    expect(given.code).toBe(0);
    const kept = file.replace('.dispute.json', '.given-up.json');
    expect(JSON.parse(given.stdout)).toEqual({ kind: 'unknown', dispute: kept });
    const unknown = await attempts();
    expect(unknown.attempts).toMatchObject([{ agreed: false, end: 'unknown', returned: false }]);
    expect(unknown.listed.stderr).toContain('given up, outcome unknown');
    expect([existsSync(file), JSON.parse(unknown.listed.stdout).disputes]).toEqual([false, undefined]);
    const arbiter = defineArbiter({ ...key, store: memoryCases(), now: () => Date.parse(PAST) });
    const { document } = await requestOf(disputeOf(of, 'buyer'), identities.buyer);
    writeFileSync(path('answer'), await arbiter.answer(document));
    const proof = path('proof.json');
    const late = ['complain', kept, ...identity, '--answer', path('answer'), '--agreement', proof];
    expect(await inProcess(...late)).toMatchObject({ code: 0 });
    expect((await attempts()).attempts).toMatchObject([{ agreed: true }]);
  });

  test('doctor lists disputes by their deadlines, and damaged ones', async () => {
    const { of, identity, file, folder } = await leftInLedger(PAST, false);
    const well = await inProcess(
      'doctor',
      '--identity',
      identity[1],
      '--ledger',
      join(root, 'no ledger'),
      '--json',
    );
    expect(well.code).toBe(1); // others can read the key file of the test
    expect(JSON.parse(well.stdout)).toMatchObject({ checks: [{ ok: false }, { ok: true }], disputes: [] });
    const damaged = join(folder, `${'ab'.repeat(32)}.dispute.json`);
    writeFileSync(damaged, '{}');
    expect((await inProcess('complain', ...identity)).stderr).toContain('2 disputes are open');
    const found = await inProcess('doctor', ...identity, '--json');
    expect(found.code).toBe(1);
    const { checks, disputes } = JSON.parse(found.stdout);
    expect(checks.slice(1)).toMatchObject([
      { check: 'ledger', ok: true, text: expect.stringContaining('1 peer') },
      { check: 'dispute', ok: false, text: expect.stringContaining(damaged) },
    ]);
    expect(disputes).toMatchObject([{ file, complainBy: PAST, engaged: false }]);
    expect(found.stderr).toContain(`complaints were heard until ${PAST}`);
    expect(of.terms.subject).toBe('used car');
    const home = join(root, 'empty home');
    mkdirSync(home);
    const none = await inProcess('doctor', '--identity', join(home, 'identity.json'));
    expect(none).toMatchObject({ code: 0, stderr: expect.stringContaining('nothing is left to do') });
  });
});

test('the ledger says that a void has given an attempt back', async () => {
  const folder = join(root, 'returned');
  const ledger = await fileLedger(folder);
  const [peer, byte] = [
    rawPublicKey(identities.seller.publicKey),
    (value: number) => new Uint8Array(32).fill(value),
  ];
  const of = { question: byte(1), session: byte(2) };
  const held = await ledger.begin(peer, 'used car');
  const limits = { rule: 'split', attempts: 1, bits: 2, maxDisclosure: undefined, shown: true };
  held.admit({ ...of, own: byte(3), peer: byte(4) }, limits);
  await held.sealed(null);
  await held.released();
  await held.end();
  await ledger.ended(peer, 'used car', { ...of, end: 'void', shown: true });
  const { stdout, stderr } = await inProcess('ledger', '--ledger', folder, '--json');
  expect(JSON.parse(stdout).peers[0].attempts).toMatchObject([{ end: 'void', returned: true, bits: 2 }]);
  expect(stderr).toContain('2 bits  void, attempt given back  “used car”');
});

test('host and join reach the arbiter where --arbiter-at says, whatever its card says', async () => {
  const { of, key } = await left(FUTURE);
  const arbiter = defineArbiter({ ...key, store: memoryCases() });
  const served = await serveArbiter(arbiter, { host: '127.0.0.1', port: 0 });
  const flags = {
    wait: '1m',
    timeout: '30s',
    json: true,
    arbiterAt: `http://127.0.0.1:${served.address.port}`,
  };
  const { desk } = await openPorts(flags, { signal: new AbortController().signal, initiator: true });
  const request = await requestOf(disputeOf(of, 'buyer'), identities.buyer);
  for (const at of [undefined, 'https://arbiter.example']) {
    const answer = await desk.network.arbiter!(at)!(request);
    expect(readResolution(answer!, key.identity.publicKey).by).toBe('buyer');
  }
  await served.close();
});

test('show prints what has to do with an arbiter, and nothing private', async () => {
  const { of, key, path, sideOf } = await left(FUTURE);
  const [dispute] = sideOf('buyer');
  const arbiter = defineArbiter({ ...key, store: memoryCases() });
  const { document } = await requestOf(disputeOf(of, 'buyer'), identities.buyer);
  writeFileSync(path('complaint'), document);
  writeFileSync(path('resolution'), await arbiter.answer(document));
  writeFileSync(path('card'), `${JSON.stringify(key.card)}\n`);
  const fingerprint = arbiterFingerprint(readArbiterCard(key.card));
  const proved = fileURLToPath(new URL('../fixtures/v1/arbiter-resolved.json', import.meta.url));
  for (const [file, kind, line] of [
    [path('card'), 'card of an arbiter', `Fingerprint: ${fingerprint}`],
    [path('arbiter.key'), 'key file of an arbiter', `Fingerprint: ${fingerprint}`],
    [path('complaint'), 'complaint', 'by: “buyer”'],
    [path('resolution'), 'resolution', `complainBy: “${FUTURE}”`],
    [dispute, 'dispute', 'Both sides have engaged.'],
    [proved, 'proved outcome', 'the arbiter has opened it'],
  ] as const) {
    const words = await inProcess('show', file);
    expect(words, file).toMatchObject({ code: 0, stdout: expect.stringContaining(line) });
    const json = await inProcess('show', file, '--json');
    expect(JSON.parse(json.stdout).kind).toBe(kind);
    const { mask, seed } = disputeOf(of, 'buyer').own;
    const own = [mask, seed].map((bytes) => Buffer.from(bytes).toString('base64url'));
    const secrets = [key.identity.exportPrivate().d, ...(file === dispute ? own : [])];
    for (const secret of secrets) expect(words.stdout + json.stdout).not.toContain(secret);
  }
  const forged = { ...key.card, signatures: [{ ...key.card.signatures[0]!, signature: 'A'.repeat(86) }] };
  writeFileSync(path('forged'), JSON.stringify(forged));
  expect((await inProcess('show', path('forged'))).code).not.toBe(0);
});

describe('verify --contradiction', () => {
  test('convicts an arbiter that has signed a resolution and a void of one case', async () => {
    const { of, key, path } = await left(FUTURE);
    const files = { resolution: path('resolution'), void: path('void'), other: path('other') };
    const [own, later] = [{ ...key, store: memoryCases() }, () => Date.parse(FUTURE) + 20_000];
    const { document } = await requestOf(disputeOf(of, 'buyer'), identities.buyer);
    writeFileSync(files.resolution, await defineArbiter(own).answer(document));
    const question = questionOf(disputeOf(of, 'seller')).document;
    writeFileSync(
      files.void,
      (await defineArbiter({ ...own, store: memoryCases(), now: later }).ask(question))!,
    );
    const elsewhere = await engaged({ name: 'other', complainBy: PAST, key: key.escrowKey, terms: of.terms });
    const another = questionOf(disputeOf(elsewhere, 'seller')).document;
    writeFileSync(files.other, (await defineArbiter(own).ask(another))!);
    const fingerprint = arbiterFingerprint(readArbiterCard(key.card));
    const verify = (...args: string[]) => inProcess('verify', ...args, '--json');

    for (const [one, two] of [
      [files.resolution, files.void],
      [files.void, files.resolution],
    ] as const) {
      const judged = await verify(one, '--contradiction', two, '--arbiter', fingerprint);
      expect(judged.code).toBe(0);
      expect(JSON.parse(judged.stdout)).toEqual({
        ...{ valid: true, kind: 'contradiction', pinned: true, arbiter: fingerprint, case: toHex(of.case) },
        ...{ resolved: expect.any(String), asOf: '2099-01-01T00:00:20Z' },
      });
      expect(judged.stderr).toContain('the arbiter has broken its word');
    }
    writeFileSync(path('card'), JSON.stringify(key.card));
    const pinned = await verify(files.resolution, '--contradiction', files.void, '--arbiter', path('card'));
    expect(pinned.code).toBe(0);
    expect(await verify(files.resolution, '--contradiction', files.void)).toMatchObject({ code: 3 });
    expect(await verify(files.resolution, '--contradiction', files.void, '--unpinned')).toMatchObject({
      code: 0,
    });

    const codes = [];
    for (const args of [
      [files.resolution, '--contradiction', files.other, '--unpinned'],
      [files.resolution, '--contradiction', files.resolution, '--unpinned'],
      [files.void, '--contradiction', files.void, '--unpinned'],
      [files.resolution, '--contradiction', files.void, '--arbiter', 'A'.repeat(43)],
    ]) {
      const { code, stdout } = await verify(...args);
      codes.push([code, JSON.parse(stdout).code]);
    }
    expect(codes).toEqual([
      [1, 'ERR_RESOLUTION_INVALID'],
      [1, 'ERR_AGREEMENT_FORMAT'],
      [1, 'ERR_RESOLUTION_INVALID'],
      [1, 'ERR_AGREEMENT_PARTIES'],
    ]);
    for (const args of [
      [files.resolution, '--arbiter', fingerprint],
      [files.resolution, '--contradiction', files.void, '--engagement'],
      [files.resolution, '--contradiction', files.void, '--unpinned', '--arbiter', fingerprint],
    ]) {
      expect(await verify(...args)).toMatchObject({ code: 2 });
    }
  });
});
