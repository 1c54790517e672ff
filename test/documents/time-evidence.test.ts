import { beforeAll, describe, expect, it } from 'vitest';
import { loadSodium } from '../../src/crypto/sodium.ts';
import { encodeBase64url } from '../../src/documents/json.ts';
import { SignableDocument, serializeJws } from '../../src/documents/jws.ts';
import { outcomeDigest } from '../../src/documents/outcome-digest.ts';
import { readReceipt, receivedAt, signReceipt } from '../../src/documents/receipt.ts';
import { provedTimes } from '../../src/documents/time-evidence.ts';
import { buyer, identity, seller, session, terms } from './support.ts';
import { proofOf, signer } from './tlog/log.ts';

const NOW = Date.parse('2026-11-27T12:00:00Z') / 1_000;
const stranger = identity(9);
const log = signer('log.example/parley', 'log', 1);
const witness = signer('witness.example', 'witness', 2);
const publish = { at: 'https://log.example', log: log.text, witnesses: [witness.text], quorum: 1 };
beforeAll(() => loadSodium());

async function statement(text: string, by = seller) {
  const document = new SignableDocument('parley-word+jws', { text });
  return document.assemble({ key: by.publicKey, signature: await document.sign(by) });
}

describe('receipts', () => {
  it('prove when their signer had this very statement, signatures included', async () => {
    const said = await statement('yes');
    const receipt = await signReceipt(said, buyer, 1_000 * NOW + 999);
    expect(readReceipt(serializeJws(receipt), buyer.publicKey).received).toBe('2026-11-27T12:00:00Z');
    expect(receivedAt(receipt, said, buyer.publicKey)).toBe(NOW);
    expect(receivedAt(receipt, said, { members: [buyer.publicKey], threshold: 1 })).toBe(NOW);
    // the same words by somebody else, who may say them later
    expect(receivedAt(receipt, await statement('yes', stranger), buyer.publicKey)).toBeUndefined();
    expect(receivedAt(receipt, await statement('no'), buyer.publicKey)).toBeUndefined();
    expect(receivedAt(receipt, { ...said, signatures: [] }, buyer.publicKey)).toBeUndefined();
    expect(receivedAt(await signReceipt(said, seller, 1_000 * NOW), said, buyer.publicKey)).toBeUndefined();
    const two = { members: [buyer.publicKey, stranger.publicKey], threshold: 2 };
    expect(receivedAt(receipt, said, two)).toBeUndefined();
    expect(() => readReceipt(receipt, two)).toThrowError(
      expect.objectContaining({ code: 'ERR_RECEIPT_SIGNERS' }),
    );
  });
});

describe('times of a statement', () => {
  it('are those that evidence about it proves, the earliest first', async () => {
    const said = await statement('yes');
    const other = await statement('no');
    const entries = [other, said].map(serializeJws);
    const evidence = [
      { kind: 'receipt' as const, receipt: await signReceipt(said, buyer, 1_000 * (NOW + 5)) },
      { kind: 'receipt' as const, receipt: await signReceipt(other, buyer, 1_000 * NOW) },
      { kind: 'receipt' as const, receipt: said },
      { kind: 'publication' as const, proof: proofOf(log, entries, 1, [[witness, NOW + 2]]) },
      { kind: 'publication' as const, proof: proofOf(log, entries, 0, [[witness, NOW]]) },
      { kind: 'publication' as const, proof: 'nothing' },
    ];
    const receiver = buyer.publicKey;
    expect(provedTimes(said, evidence, { receiver, publish })).toEqual([
      { time: NOW + 2, by: 'publication' },
      { time: NOW + 5, by: 'receipt' },
    ]);
    expect(provedTimes(said, evidence, { receiver })).toEqual([{ time: NOW + 5, by: 'receipt' }]);
    expect(provedTimes(said, [], { receiver, publish })).toEqual([]);
  });
});

describe('the digest of an outcome', () => {
  it('depends on terms, session and outcome', () => {
    const outcome = { deal: true, price: '5' };
    const encoded = encodeBase64url(session);
    const digests = [
      { terms, session: encoded, outcome },
      { terms: { ...terms, subject: 'another' }, session: encoded, outcome },
      { terms, session: encodeBase64url(session.map((byte) => byte ^ 1)), outcome },
      { terms, session: encoded, outcome: { deal: true, price: '6' } },
      { terms, session: encoded, outcome: { deal: false } },
    ].map((one) => encodeBase64url(outcomeDigest(one)));
    expect(new Set(digests).size).toBe(5);
    expect(digests[0]).toBe(
      encodeBase64url(outcomeDigest({ terms, session: encoded, outcome: { price: '5', deal: true } })),
    );
  });
});
