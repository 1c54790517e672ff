import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { loadSodium } from '../../src/crypto/sodium.ts';
import { agreementDocument, serializeAgreement } from '../../src/documents/agreement.ts';
import { principalFingerprint } from '../../src/documents/delegation.ts';
import { generateIdentity, type LocalIdentity, thumbprint } from '../../src/documents/identity.ts';
import { openJws, serializeJws } from '../../src/documents/jws.ts';
import {
  type MandateCertificate,
  mandateCertificateDigest,
} from '../../src/documents/mandate-certificate.ts';
import { type Evidence, signStatement } from '../../src/documents/obligations/statements.ts';
import { signReceipt } from '../../src/documents/receipt.ts';
import { pay, publish } from '../documents/obligations/support.ts';
import { proofOf, signer } from '../documents/tlog/log.ts';
import { termsOf } from '../findings/support.ts';
import {
  alice,
  bela,
  certificateOf,
  certify,
  cleo,
  council,
  listFor,
  scope,
} from '../support/delegations.ts';
import { buyer, seller } from '../support/sessions.ts';
import { inProcess } from './support.ts';

/** What people do with agreements that a delegate has signed for a principal. */

const folder = mkdtempSync(join(tmpdir(), 'parley-principals-'));
const at = (name: string) => join(folder, name);
const put = (name: string, content: string | Uint8Array | object) => {
  const isBytes = typeof content === 'string' || content instanceof Uint8Array;
  writeFileSync(at(name), isBytes ? content : JSON.stringify(content));
  return at(name);
};
const run = async (...args: string[]) => {
  const ended = await inProcess(...args);
  return { ...ended, text: ended.stdout + ended.stderr, json: () => JSON.parse(ended.stdout) };
};
const flat = (text: string) => text.replaceAll(/\s+/g, ' ');

const expires = '2099-01-01T00:00:00Z';
const END = Date.parse('2099-06-01T00:00:00Z') / 1_000;
const log = signer('trusted.example', 'log', 7);
const witness = signer('witness.trusted.example', 'witness', 8);
const trusted = { at: 'https://trusted.example', log: log.text, witnesses: [witness.text], quorum: 1 };
const further = ['obligations', 'publish'];
const certificate = (changes: Partial<MandateCertificate> = {}) =>
  certificateOf({ expires: '2099-06-01T00:00:00Z', scope: { ...scope, further }, ...changes });

/** An agreement under a certificate of the seller's. */
async function agreed(name: string, given: MandateCertificate, ...signers: LocalIdentity[]) {
  const terms = termsOf({
    ...{ expires, publish, obligations: [pay] },
    mandates: { seller: mandateCertificateDigest(given) },
  });
  const document = agreementDocument({
    ...{ terms, outcome: { deal: true, price: '500' }, session: new Uint8Array(32).fill(9) },
    mandates: { seller: { certificate: await certify(given, ...signers) } },
  });
  const signed = [];
  for (const one of [seller, buyer]) signed.push({ key: one.publicKey, signature: await document.sign(one) });
  return put(name, serializeAgreement(document.assemble(...signed)));
}

/** A proof that the trusted log had a file by a second. */
const witnessedBy = (name: string, path: string, second: number) =>
  put(name, proofOf(log, [readFileSync(path)], 0, [[witness, second]]));

const keys: Record<string, string> = {};
let trustedLog: string;
beforeAll(async () => {
  await loadSodium();
  const people = { alice, bela, cleo, seller, buyer, stranger: generateIdentity() };
  for (const [name, one] of Object.entries(people)) {
    keys[name] = put(`${name}.key`, (one as LocalIdentity).exportPrivate());
  }
  trustedLog = put('trusted.json', trusted);
});

describe('a receipt of two of three members', () => {
  const AFTER = '2099-01-23T00:00:00Z';
  let agreement: string;
  const sign = (out: string, by: string, ...more: string[]) =>
    run('receipt', agreement, at('claim'), ...more, '--identity', keys[by]!, '--out', at(out), '--json');
  const status = async (...files: string[]) =>
    (await run('obligations', agreement, at('claim'), ...files, '--at', AFTER, '--json')).json();

  beforeAll(async () => {
    agreement = await agreed('council.json', certificate({ principal: council }), alice, bela);
    await run('claim', agreement, 'pay', '--identity', keys.buyer!, '--out', at('claim'));
  });

  test('counts once two have signed it, in the members’ order', async () => {
    const half = await sign('half', 'cleo');
    expect(half.json()).toMatchObject({ kind: 'claim', obligation: 'pay', receipt: at('half'), missing: 1 });
    expect(half.stderr).toContain(`with --cosign ${at('half')}`);
    expect(await status(at('half'))).toMatchObject({
      obligations: [{ status: 'broken' }],
      unused: [at('half')],
    });
    const whole = await sign('whole', 'alice', '--cosign', at('half'));
    expect(whole.json()).toEqual({ ...half.json(), receipt: at('whole'), missing: 0 });
    const [first, second] = [at('half'), at('whole')].map((file) => openJws(readFileSync(file)));
    expect(second!.payload).toEqual(first!.payload);
    expect(second!.jws.signatures[1]).toEqual(first!.jws.signatures[0]);
    expect(await status(at('whole'))).toMatchObject({
      obligations: [{ status: 'kept', reason: 'no objection', times: [{ how: 'receipt' }] }],
      unused: [],
    });
    const { stdout } = await run('obligations', agreement, at('claim'), at('whole'), '--at', AFTER);
    expect(flat(stdout)).toContain('proved against the seller only, by its own receipt');
  });

  test('says the time before the second member signs it, and a time to come gets no signature', async () => {
    const claim = openJws(readFileSync(at('claim'))).jws;
    const member = cleo as LocalIdentity;
    const later = await signReceipt(claim, member, Date.parse('2999-01-01T00:00:00Z'));
    put('later', serializeJws(later));
    const refused = await sign('never', 'alice', '--cosign', at('later'));
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('2999-01-01 00:00:00 UTC');
    expect(refused.stderr).toContain('still to come');
    const past = await signReceipt(claim, member, Date.parse('2020-01-02T00:00:00Z'));
    put('past', serializeJws(past));
    const { code, stderr } = await sign('shown', 'alice', '--cosign', at('past'));
    expect(code).toBe(0);
    const [before, after] = [
      stderr.indexOf('your side had the statement at'),
      stderr.indexOf('the receipt of'),
    ];
    expect(before).toBeGreaterThanOrEqual(0);
    expect(before).toBeLessThan(after);
  });

  test('so does an objection, with its evidence', async () => {
    const object = (out: string, by: string, ...more: string[]) =>
      run('object', agreement, 'pay', ...more, '--identity', keys[by]!, '--out', at(out));
    await object('objected', 'cleo', '--evidence', trustedLog);
    const { code, stderr } = await object('objection', 'alice', '--cosign', at('objected'));
    expect(code).toBe(0);
    for (const says of ['it was made at 20', 'evidence: “trusted.json”, SHA-256 ']) {
      expect(stderr.indexOf(says), says).toBeGreaterThanOrEqual(0);
      expect(stderr.indexOf(says)).toBeLessThan(stderr.indexOf('is in '));
    }
    const { jws, payload } = openJws(readFileSync(at('objected')));
    const content = {
      ...(payload as { obligation: string; evidence: Evidence[] }),
      agreement: new Uint8Array(32),
    };
    const later = await signStatement(
      'objection',
      { ...content, made: Date.parse('2999-01-01T00:00:00Z') },
      cleo as LocalIdentity,
    );
    expect(jws.signatures).toHaveLength(1);
    put('postdated', serializeJws(later));
    const refused = await object('never', 'alice', '--cosign', at('postdated'));
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('still to come');
  });

  test.each([
    ['a member who has signed it', 'cleo', 'half', 'twice'],
    ['the delegate', 'seller', 'half', 'the seller can sign one'],
    ['whoever made the claim', 'buyer', 'half', 'the seller can sign one'],
    ['a stranger', 'stranger', 'half', 'the seller can sign one'],
    ['a member, to what is the receipt of something else', 'alice', 'elsewhere', 'another statement'],
  ])('gets no signature of %s', async (_, by, receipt, says) => {
    await run(
      'claim',
      agreement,
      'pay',
      '--identity',
      keys.buyer!,
      '--out',
      at('again'),
      '--evidence',
      trustedLog,
    );
    await run('receipt', agreement, at('again'), '--identity', keys.cleo!, '--out', at('elsewhere'));
    const ended = await sign('never', by, '--cosign', at(receipt));
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(says);
  });

  test('a claim that is not the other side’s, or is of another agreement, gets none', async () => {
    const claim = JSON.parse(readFileSync(at('claim'), 'utf8'));
    put('unsigned', `${JSON.stringify({ ...claim, signatures: [] })}\n`);
    const ended = await run(
      ...['receipt', agreement, at('unsigned'), '--identity', keys.alice!, '--out', at('never'), '--json'],
    );
    expect(ended).toMatchObject({ code: 1 });
    const other = await agreed('other.json', certificate({ serial: '2', principal: council }), alice, bela);
    const foreign = await run(
      ...['receipt', other, at('claim'), '--identity', keys.alice!, '--out', at('never'), '--json'],
    );
    expect(foreign).toMatchObject({ code: 1 });
    expect(foreign.json().error.code).toBe('ERR_STATEMENT_SCOPE');
  });
});

test('whom the person knows among the members has to have signed the certificate, and is not only named in it', async () => {
  vi.stubEnv('PARLEY_HOME', at('home'));
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  mkdirSync(at('home/peers'), { recursive: true });
  put('home/peers/alice.json', alice.publicKey);
  put('home/peers/bob.json', buyer.publicKey);
  const principal = { members: [bela.publicKey, alice.publicKey], threshold: 1 };
  const texts = async (name: string, ...signers: LocalIdentity[]) => {
    const agreement = await agreed(name, certificate({ principal }), ...signers);
    const ended = [await run('show', agreement), await run('obligations', agreement)];
    return ended.map(({ stdout }) => flat(stdout)) as [string, string];
  };
  const [print, known] = [thumbprint(bela.publicKey), `alice, ${thumbprint(alice.publicKey)}`];
  const strange = await texts('named.json', bela);
  expect(strange[0]).toContain(
    'Nobody whom you know has signed the mandate certificate of seller: check who',
  );
  expect(strange[1]).toContain('(certified by nobody whom you know)');
  for (const text of strange) expect(text).toContain(`certified by ${print} under`);
  for (const text of await texts('both.json', bela, alice)) {
    expect(text).toContain(`certified by ${print} and by ${known} under`);
    expect(text).not.toMatch(/nobody whom you know/i);
  }
});

describe('whether a mandate certificate was used in time', () => {
  const CLAIMED =
    'claimed, since no witness given shows that the delegate signed before it ended or was revoked';
  const PROVED = 'proved, by a log and witnesses that you trust, to have been used in time';
  const given = certificate();
  let agreement: string;
  const proofs = (...files: string[]) => [
    ...['--trusted-log', trustedLog],
    ...files.flatMap((file) => ['--witnessed', file]),
  ];
  const mandateOf = async (...args: string[]) =>
    (await run(...args, '--json')).json().parties.seller.delegation;

  beforeAll(async () => {
    agreement = await agreed('alice.json', given);
  });

  test('is claimed, if nothing given shows it, and verify, obligations and show say so', async () => {
    for (const command of [['verify', '--unpinned'], ['obligations']] as const) {
      expect(await mandateOf(...command, agreement)).toMatchObject({ mandate: 'claimed' });
      const { text } = await run(...command, agreement);
      expect(flat(text)).toContain(`under a mandate certificate until 2099-06-01 00:00:00 UTC: ${CLAIMED}`);
      expect(flat(text)).toContain(`bound by a delegate, ${thumbprint(seller.publicKey)}`);
    }
    const { stdout } = await run('show', agreement);
    expect(flat(stdout)).toContain(`Bound as the seller: key ${thumbprint(alice.publicKey)} bound by`);
    expect(flat(stdout)).toContain(CLAIMED);
    const several = await agreed('several.json', certificate({ principal: council }), alice, bela);
    const shown = await run('show', several);
    expect(flat(shown.stdout)).toContain('Bound as the seller: 2 of these 3: key ');
    const print = principalFingerprint(council);
    expect((await run('verify', several, '--party', `seller=${print}`)).code).toBe(0);
  });

  test('is proved by a log that the verifier trusts, until the second in which the certificate ends', async () => {
    const [intime, late] = [witnessedBy('in-time', agreement, END), witnessedBy('late', agreement, END + 1)];
    for (const command of [['verify', '--unpinned'], ['obligations']] as const) {
      expect(await mandateOf(...command, agreement, ...proofs(intime))).toMatchObject({
        mandate: 'witnessed',
      });
      expect(await mandateOf(...command, agreement, ...proofs(late))).toMatchObject({ mandate: 'claimed' });
      const { text } = await run(...command, agreement, ...proofs(late, intime));
      expect(flat(text)).toContain(PROVED);
    }
  });

  test('a proof of something else is said to show nothing', async () => {
    const other = witnessedBy('other-proof', trustedLog, 1);
    for (const command of [['verify', '--unpinned'], ['obligations']] as const) {
      const ended = await run(...command, agreement, ...proofs(other), '--json');
      expect(ended.json().unused).toEqual([other]);
      expect(ended.json().parties.seller.delegation.mandate).toBe('claimed');
      expect((await run(...command, agreement, ...proofs(other))).text).toContain(other);
    }
  });

  test('a list of revocations that a witness saw before is shown with its proof', async () => {
    const revocations = await listFor(given, { certificates: [mandateCertificateDigest(given)] });
    const list = put('list', serializeJws(revocations));
    const [signed, revoked] = [
      witnessedBy('signed', agreement, END - 9),
      witnessedBy('revoked', list, END - 10),
    ];
    const verify = ['verify', '--unpinned', agreement, '--certificate', list];
    expect(await mandateOf(...verify, ...proofs(signed))).toMatchObject({ mandate: 'witnessed' });
    const found = await mandateOf(...verify, ...proofs(signed, revoked));
    expect(found).toMatchObject({ mandate: 'claimed' });
    expect(found.revoked).toBe((openJws(revocations).payload as { asOf: string }).asOf);
    expect((await run(...verify)).stderr).toContain('revoked by a list that gives its own time as');
  });

  test('decides whether it binds, where the certificate asks for a witness', async () => {
    const asking = await agreed(
      'asking.json',
      certificate({ scope: { ...scope, further, witnessed: true } }),
    );
    const [intime, late] = [witnessedBy('asked', asking, END), witnessedBy('asked-late', asking, END + 1)];
    const claim = ['claim', asking, 'pay', '--identity', keys.buyer!, '--out'];
    for (const more of [[], proofs(late)]) {
      const ended = await run('verify', asking, '--unpinned', '--json', ...more);
      expect(ended).toMatchObject({ code: 1 });
      expect(ended.json().code).toBe('ERR_DELEGATION_EXPIRED');
      expect((await run(...claim, at('no-claim'), ...more)).code).toBe(1);
    }
    expect((await run('verify', asking, '--unpinned', ...proofs(intime))).code).toBe(0);
    expect((await run(...claim, at('asked-claim'), ...proofs(intime))).code).toBe(0);
    const received = [
      'receipt',
      asking,
      at('asked-claim'),
      '--identity',
      keys.alice!,
      '--out',
      at('asked-receipt'),
    ];
    expect((await run(...received)).code).toBe(1);
    expect((await run(...received, ...proofs(intime))).code).toBe(0);
  });

  test('needs a log that is trusted, in the form of terms', async () => {
    const proof = witnessedBy('proof', agreement, END);
    const without = await run('verify', agreement, '--witnessed', proof);
    expect(without).toMatchObject({ code: 2 });
    expect(without.stderr).toContain('--trusted-log');
    const wrong = await run('verify', agreement, '--witnessed', proof, '--trusted-log', put('none', '{}'));
    expect(wrong).toMatchObject({ code: 2 });
    expect(wrong.stderr).toContain('names no log');
    const both = ['verify', at('claim'), '--contradiction', at('claim'), ...proofs(proof)];
    expect((await run(...both)).code).toBe(2);
  });
});
