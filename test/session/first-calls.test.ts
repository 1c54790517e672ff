import { readFileSync } from 'node:fs';
import { beforeEach, expect, test, vi } from 'vitest';

type Parley = typeof import('../../src/index.ts');
const fixture = (name: string) => readFileSync(new URL(`../fixtures/v1/${name}.json`, import.meta.url));

/** The package as a program has it that has called nothing yet: nothing is loaded or compiled by importing it. */
let parley: Parley;
beforeEach(async () => {
  vi.resetModules();
  parley = await import('../../src/index.ts');
});

test('importing loads no library of WebAssembly', async () => {
  const { sodium } = await import('../../src/crypto/sodium.ts');
  expect(() => sodium()).toThrow('has not been loaded');
});

test('a key that cannot be checked yet is no invalid key', async () => {
  const { parsePublicJwk } = await import('../../src/documents/identity.ts');
  const { parseDraft } = await import('../../src/documents/terms.ts');
  const { publicKey } = parley.generateIdentity();
  expect(() => parsePublicJwk(publicKey)).toThrow('has not been loaded');
  const draft = { parley: 1, subject: 'car', rule: { name: 'split' }, parties: { seller: publicKey } };
  expect(() => parseDraft(draft)).toThrow('has not been loaded');
});

test('an agreement is verified', async () => {
  const { outcome } = await parley.verifyAgreement(fixture('split-deal'), { parties: 'unpinned' });
  expect(outcome).toEqual({ deal: true, price: '455000' });
});

test('an engagement is verified', async () => {
  const { role } = await parley.verifyEngagement(fixture('engagement'), { parties: 'unpinned' });
  expect(['seller', 'buyer']).toContain(role);
});

test('openings are verified', async () => {
  const verified = await parley.verifyOpenings(parse('split-deal'), [], { parties: 'unpinned' });
  expect(verified.confirmed).toBe(false);
});

test('an agreement is looked through for one’s own seal', async () => {
  const secrets = { identity: parley.generateIdentity().publicKey, sealKey: {} as never };
  await expect(parley.openAgreement(parse('split-deal'), secrets)).rejects.toMatchObject({
    code: 'ERR_USAGE',
  });
});

test('a seal key is made', async () => {
  const key = await parley.createSealKey(parley.generateIdentity().publicKey);
  expect(key.key.publicKey.modulusLength).toBe(384);
});

test('a deal is struck', async () => {
  const [a, b] = parley.memoryChannelPair();
  const [seller, buyer] = [parley.generateIdentity(), parley.generateIdentity()];
  const terms = {
    parley: 1 as const,
    subject: 'car',
    rule: { name: 'split' },
    range: { min: '0', max: '1000' },
    parties: { seller: seller.publicKey, buyer: buyer.publicKey },
    security: 'semi-honest' as const,
    expires: '2099-01-01T00:00:00Z',
    nonce: 'AAECAwQFBgcICQoLDA0ODw',
  };
  const [result] = await Promise.all([
    parley.negotiate({ channel: a, identity: seller, terms, mandate: { reservation: 400n } }),
    parley.negotiate({ channel: b, identity: buyer, terms, mandate: { reservation: 500n } }),
  ]);
  expect(result.outcome).toEqual({ deal: true, price: '450' });
});

function parse(name: string) {
  return JSON.parse(fixture(name).toString()) as import('../../src/index.ts').Agreement;
}
