import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { listTerms } from '../../protocols/listing.ts';
import { engagementDocument, serializeEngagement } from '../../src/documents/engagement.ts';
import { thumbprint } from '../../src/documents/identity.ts';
import { lock } from '../../src/documents/passphrase.ts';
import { formatInvite, serializeAgreement } from '../../src/index.ts';
import { negotiateOn, sealKeyFile, termsOf } from '../findings/support.ts';
import { alice } from '../paillier/keys.ts';
import * as pair from '../support/sessions.ts';
import { desk, inProcess } from './support.ts';

const { files, put, seller } = desk();
const before = process.env.PARLEY_HOME;
const home = mkdtempSync(join(tmpdir(), 'parley-show-'));
process.env.PARLEY_HOME = home;
mkdirSync(join(home, 'peers'));
writeFileSync(join(home, 'peers', 'bob.json'), JSON.stringify(pair.seller.publicKey));
afterAll(() => {
  if (before === undefined) delete process.env.PARLEY_HOME;
  else process.env.PARLEY_HOME = before;
});

const menu = {
  issues: [
    { name: 'Price', values: ['4.37', '4.12'] },
    { name: 'Delivery', values: ['60 days', '45 days'] },
  ],
};
const terms = termsOf({ rule: { name: 'menu', solution: 'nash' }, menu, matter: 'lot 7' });
const rated = { mandate: { reservation: 0.1, utilities: [0.9, 0.5, 0.5, 0.2] } };

/** What `show` prints of a file, in words and as JSON, neither of which may have `secrets` in it. */
async function shown(path: string, secrets: readonly string[] = []) {
  const words = await inProcess('show', path);
  const json = await inProcess('show', path, '--json');
  expect(words, words.stderr).toMatchObject({ code: 0 });
  for (const secret of secrets) {
    expect(words.stdout + words.stderr + json.stdout + json.stderr).not.toContain(secret);
  }
  return { ...words, json: JSON.parse(json.stdout) };
}

describe('parley show', () => {
  it('C13: prints all that an agreement says, with the names of those the person knows', async () => {
    const { agreement } = await negotiateOn(terms, rated, rated);
    const path = put('agreement.json', Buffer.from(serializeAgreement(agreement!)).toString());
    const { stdout, json } = await shown(path);
    for (const line of listTerms(terms, (key) => (key.x === pair.seller.publicKey.x ? 'bob' : undefined))) {
      expect(stdout).toContain(`${line}\n`);
    }
    expect(stdout).toMatch(/Party a: bob, key/);
    expect(stdout).toContain('Outcome: deal on option 0 (“Price”: “4.37”, “Delivery”: “60 days”)');
    expect(stdout).toContain('both signatures hold');
    expect(stdout).toContain('Nobody whom you know holds the key of b');
    expect(json).toMatchObject({ kind: 'agreement', document: { terms: { menu }, outcome: { deal: true } } });
  });

  it('does not show what has been changed as if it were signed', async () => {
    const { agreement } = await negotiateOn(terms, rated, rated);
    const [first, second] = agreement!.signatures;
    const swapped = { ...agreement!, signatures: [second!, first!] };
    const path = put('swapped.json', Buffer.from(serializeAgreement(swapped)).toString());
    const { code, stdout, stderr } = await inProcess('show', path, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({ valid: false, code: 'ERR_AGREEMENT_PARTIES' });
    expect(stderr).toContain('NOT VALID');
  });

  it('prints an engagement as what it is', async () => {
    const document = engagementDocument({ terms, session: new Uint8Array(32), party: 'a' });
    const engagement = document.assemble({
      key: pair.seller.publicKey,
      signature: await document.sign(pair.seller),
    });
    const path = put('engagement.json', Buffer.from(serializeEngagement(engagement)).toString());
    const { stdout, json } = await shown(path);
    expect(stdout).toContain('No outcome is in it');
    expect(stdout).toContain('“45 days”');
    expect(json.kind).toBe('engagement');
  });

  it('prints terms and drafts: in plain words, whole, and with what is missing', async () => {
    const { stdout, json } = await shown(
      put('draft-menu.json', { parley: 1, subject: 'x', rule: { name: 'menu' }, menu }),
    );
    expect(stdout).toContain('  “Delivery”: 1 “60 days”, 2 “45 days”');
    expect(stdout).toContain('No key for a and b');
    expect(json).toMatchObject({ kind: 'terms', document: { subject: 'x' } });
    expect((await shown(files.terms)).stdout).toContain(`Seller: key ${thumbprint(seller.publicKey)}`);
  });

  it('prints the public part of keys, and never what is private', async () => {
    const { d } = seller.exportPrivate();
    const own = await shown(files.sellerKey, [d]);
    expect(own.stdout).toContain(thumbprint(seller.publicKey));
    expect(own.stderr).toContain('can sign for its owner');
    expect(own.json).toEqual({ kind: 'identity', document: seller.publicKey });
    const public_ = await shown(put('bob.pub', pair.seller.publicKey));
    expect(public_.stdout).toContain('Name: bob');
    expect(public_.json).toEqual({ kind: 'public key', document: pair.seller.publicKey });
    const { p, q, n } = alice.exportJson();
    const seals = await shown(put('seals.json', sealKeyFile(alice, seller)), [p, q, n]);
    expect(seals.json).toEqual({ kind: 'seal key', document: { bits: 3072 } });
    const locked = await lock(seller.exportPrivate(), 'jwk+json', 'correct horse');
    expect((await shown(put('locked.json', locked), [d])).stdout).toContain('an identity under a passphrase');
  });

  it('prints an invite without its secret, and says what it is good for', async () => {
    const invite = formatInvite({
      host: thumbprint(pair.seller.publicKey),
      secret: new Uint8Array(16).fill(7),
      place: { kind: 'direct', endpoint: { transport: 'tcp', host: '192.0.2.7', port: 4466, path: '' } },
    });
    const { stdout, stderr } = await shown(put('invite.txt', `npx parley-mpc join\n${invite}\n`), [
      invite.slice(20, 60),
    ]);
    expect(stdout).toContain(`Host: key ${thumbprint(pair.seller.publicKey)}`);
    expect(stdout).toContain('At 192.0.2.7:4466');
    expect(stderr).toContain('take the guest’s place');
  });

  it('prints a mandate with a warning, and an opening without checking it', async () => {
    const mine = await shown(put('mandate.json', { reservation: '451234', nearMiss: true }));
    expect(mine.stdout).toContain('reservation: “451234”');
    expect(mine.stderr).toContain('private');
    const opening = {
      parley: 1,
      agreement: 'AAAA',
      party: 'seller',
      seal: {},
      value: '4512',
      randomness: 'AA',
      proof: 'AA',
    };
    const { stdout, json } = await shown(put('opening.json', opening));
    expect(stdout).toContain('value: “4512”');
    expect(json).toEqual({ kind: 'opening', document: opening });
  });

  it('puts whatever a file says in quotation marks, whatever it holds', async () => {
    const claim = 'abc (SHA-256). Checked: valid';
    const opening = { randomness: 'x', party: { toString: 1 }, agreement: claim, value: claim };
    const { stdout } = await shown(put('claims.json', opening));
    expect(stdout).toContain('party: { toString: 1 }');
    expect(stdout.replaceAll(`“${claim}”`, '')).not.toContain('Checked');
    const mandate = { reservation: '1', 'Outcome: deal': 'x' };
    expect((await shown(put('claims-mandate.json', mandate))).stdout).toContain('\n“Outcome: deal”: “x”');
    const locked = { ciphertext: 'x', protected: 'bnVsbA' }; // null
    expect((await shown(put('claims-locked.json', locked))).stdout).toContain('It holds something');
  });

  it('puts what is wrong in quotation marks, and no control of a file’s name on the screen', async () => {
    const draft = { parley: 1, subject: 'x', rule: { name: 'zopa' }, range: { min: '0', max: '9' } };
    const claim = 'fine" and signed; "';
    const claims = [
      { ...draft, [claim]: 1 },
      { ...draft, [claim]: '\u200b' },
      { ...draft, parties: { [claim]: 5 } },
      { ...draft, rule: { name: claim } },
      { ...draft, range: undefined, rule: { name: 'menu' }, menu: { options: [claim, ` ${claim}`] } },
      `{"rule":1,${JSON.stringify(claim)}:1,${JSON.stringify(claim)}:2}`,
    ];
    for (const document of claims) {
      const { code, stderr } = await inProcess('show', put('claim.json', document));
      expect(code).toBe(2);
      expect(stderr).toMatch(/“(\\ )?fine\\" and signed; \\"”/);
      expect(stderr.replaceAll(/“[^”]*”/g, '')).not.toContain('signed');
    }
    const { stderr } = await inProcess('show', put('esc\u001b[31m\u202e.json', '{'));
    expect(stderr).toContain('esc\uFFFD[31m\uFFFD.json');
  });

  it.each(['[]', '{}', '{"hello":1}', '"parley"', '7'])('refuses %s', async (text) => {
    const { code, stderr } = await inProcess('show', put('strange.json', text));
    expect(code).toBe(2);
    expect(stderr).toContain('no document of Parley’s');
  });
});

describe('C13: names of known peers', () => {
  it('have the person’s own key among them', async () => {
    const own = join(home, 'identity.json');
    writeFileSync(own, JSON.stringify(seller.exportPrivate()));
    try {
      expect((await shown(files.sellerPublic)).stdout).toContain('Name: you');
      writeFileSync(own, 'damaged');
      expect((await shown(files.sellerPublic)).stdout).not.toContain('Name:');
    } finally {
      rmSync(own);
    }
  });

  it('are taken for keys, unless a file by that name has another', async () => {
    const { agreement } = await negotiateOn(terms, rated, rated);
    const path = put('agreement2.json', Buffer.from(serializeAgreement(agreement!)).toString());
    const { code, stdout } = await inProcess('verify', path, '--party', 'a=bob', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).parties.a).toMatchObject({ name: 'bob', pinned: true });
    expect((await inProcess('verify', path, '--party', 'b=bob')).stderr).toContain('NOT VALID');
    const folder = mkdtempSync(join(tmpdir(), 'parley-show-'));
    const cwd = process.cwd();
    try {
      process.chdir(folder);
      writeFileSync('bob', JSON.stringify(pair.buyer.publicKey));
      const both = await inProcess('verify', path, '--party', 'a=bob');
      expect(both.code).toBe(2);
      expect(both.stderr).toContain('write ./bob for the file');
      expect((await inProcess('verify', path, '--party', 'b=./bob')).code).toBe(0);
    } finally {
      process.chdir(cwd);
    }
  });
});
