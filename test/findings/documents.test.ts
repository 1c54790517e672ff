import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { canonicalText, encodeBase64url } from '../../src/documents/json.ts';
import { SignableDocument, serializeJws } from '../../src/documents/jws.ts';
import { generateIdentity, VerificationError, verifyAgreement } from '../../src/index.ts';
import { inProcess } from '../cli/support.ts';
import { termsOf } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-documents-'));
const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/v1/${name}`, import.meta.url));
function put(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
const draft = { parley: 1, subject: 'café', rule: { name: 'zopa' }, range: { min: '0', max: '10' } };
const check = (name: string, content: string | Uint8Array) => inProcess('terms', 'check', put(name, content));

describe('B8: what verify says is what the file shows', () => {
  test('B8: an engagement, which one side signed, is no agreement', async () => {
    const file = fixture('engagement.json');
    const { code, stdout, stderr } = await inProcess('verify', file, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({ valid: false, code: 'ERR_AGREEMENT_KIND' });
    expect(stderr).toContain('add --engagement');
    const { parties } = JSON.parse((await inProcess('verify', file, '--engagement', '--json')).stdout);
    const [role] = Object.keys(parties);
    const pin = `${role}=${parties[role!].fingerprint}`;
    const pinned = await inProcess('verify', file, '--engagement', '--party', pin);
    expect(pinned).toMatchObject({ code: 0, stderr: expect.stringContaining('valid engagement on') });
    expect((await inProcess('verify', file, '--engagement')).code).toBe(3);
    expect((await inProcess('verify', fixture('split-deal.json'), '--engagement')).code).toBe(1);
  });

  test('B8: an agreement of keys that nobody named is not simply valid', async () => {
    const file = fixture('split-deal.json');
    const { code, stdout, stderr } = await inProcess('verify', file, '--json');
    expect(code).toBe(3);
    const { valid, pinned, parties } = JSON.parse(stdout);
    expect([valid, pinned]).toEqual([true, false]);
    expect(stderr).toContain('valid agreement of unknown keys on');
    expect(stderr).toContain('NOBODY HAS SAID WHOSE KEYS THESE ARE');
    expect((await inProcess('verify', file, '--unpinned')).code).toBe(0);
    const seller = `seller=${parties.seller.fingerprint}`;
    expect((await inProcess('verify', file, '--party', seller)).code).toBe(0);
    expect((await inProcess('verify', file, '--party', seller, '--unpinned')).code).toBe(2);
  });
});

/** A document of two good signatures over whatever a party made its terms. */
async function signed(change: (terms: string) => string): Promise<Uint8Array> {
  const [a, b] = [generateIdentity(), generateIdentity()];
  const terms = termsOf({ rule: { name: 'zopa' }, parties: { seller: a.publicKey, buyer: b.publicKey } });
  const document = new SignableDocument('parley-agreement+jws', {
    parley: 1,
    terms: JSON.parse(change(JSON.stringify(terms))),
    outcome: { deal: true },
    session: encodeBase64url(new Uint8Array(32)),
  });
  return serializeJws(
    document.assemble(
      { key: a.publicKey, signature: await document.sign(a) },
      { key: b.publicKey, signature: await document.sign(b) },
    ),
  );
}

const hiding = (member: string) => (terms: string) =>
  terms.replace(`"${member}":{`, `"${member}":{"__proto__":{"hidden":"nobody is shown this"},`);
const verified = (document: Uint8Array | string) => verifyAgreement(document, { parties: 'unpinned' });

describe('B15: no member of a document is read past', () => {
  test('B15: what such a document is without it verifies', async () => {
    await expect(verified(await signed((terms) => terms))).resolves.toMatchObject({
      outcome: { deal: true },
    });
  });

  test('B15: a __proto__ in the parties does not survive verification', async () => {
    await expect(verified(await signed(hiding('parties')))).rejects.toBeInstanceOf(VerificationError);
  });

  test.each(['rule', 'range'])('B15: nor does one in the %s', async (member) => {
    await expect(verified(await signed(hiding(member)))).rejects.toBeInstanceOf(VerificationError);
  });
});

const payload = (text: string | Uint8Array) =>
  `{"payload":"${Buffer.from(text).toString('base64url')}","signatures":[]}\n`;
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

/** Where the stack ends depends on the machine. */
const depths = [500, 3_000, 4_200, 6_000, 60_000];

describe('B15, B18: one strict reader for every document', () => {
  const refused = async (...documents: string[]) => {
    for (const document of documents) {
      await expect(verified(document)).rejects.toMatchObject({ code: 'ERR_AGREEMENT_FORMAT' });
      expect((await inProcess('verify', put('crashing.json', document))).code).toBe(1);
    }
  };

  test('B15: a payload nested some thousand deep is no document, and no crash', () =>
    refused(...depths.map((depth) => payload(nested(depth)))));

  test('B18: nor is a payload with a number out of range', () => refused(payload('[1e400]')));

  test('B18: terms nested some thousand deep are refused', async () => {
    for (const depth of depths) {
      const rule = `{"name":"split","x":${nested(depth)}}`;
      const { code, stderr } = await check('deep.json', `{"parley":1,"subject":"x","rule":${rule}}`);
      expect(stderr).not.toContain('a fault in Parley');
      expect(code).toBe(2);
    }
  });

  test('B18: a lone surrogate has no canonical form', () => {
    expect(() => canonicalText(['\ud800'])).toThrow();
  });

  for (const [name, bytes] of Object.entries({
    'UTF-16 with a byte-order mark': Buffer.from(`\ufeff${JSON.stringify(draft)}`, 'utf16le'),
    'UTF-16, the other way round': Buffer.from(`\ufeff${JSON.stringify(draft)}`, 'utf16le').swap16(),
    'UTF-8 with a byte-order mark': Buffer.from(`\ufeff${JSON.stringify(draft)}`),
  })) {
    test(`B18: terms in ${name} are read`, async () => {
      const { code, stderr } = await check('bom.json', bytes);
      expect(stderr).toContain('café');
      expect(code).toBe(0);
    });
  }

  test('B18: terms in Latin-1 are refused, not read as something else', async () => {
    expect((await check('latin.json', Buffer.from(JSON.stringify(draft), 'latin1'))).code).toBe(2);
  });
});
