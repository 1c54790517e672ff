import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rules } from '../../protocols/registry.ts';
import {
  agreementDocument,
  serializeAgreement,
  verifyAgreementUnder,
} from '../../src/documents/agreement.ts';
import {
  engagementDocument,
  serializeEngagement,
  verifyEngagementUnder,
} from '../../src/documents/engagement.ts';
import { type OutcomeJson, parseTerms, type Terms } from '../../src/documents/terms.ts';
import { buyer, seller, session } from './support.ts';

/**
 * Documents of version 1, as saved by the parties. They must verify in every later version, and their bytes follow from the
 * seeds below: a difference means that the format changed. Never regenerate a fixture; add one.
 */
const file = (name: string) => new URL(`../fixtures/v1/${name}.json`, import.meta.url);
const parties = { seller: seller.publicKey, buyer: buyer.publicKey };
const base = {
  parley: 1,
  parties,
  security: 'malicious',
  seals: 'none',
  attempts: 1,
  expires: '2026-12-31T23:59:59Z',
  nonce: 'AAECAwQFBgcICQoLDA0ODw',
};
const money = { min: '0', max: '1000000', step: '1', unit: 'USD', decimals: 2 };

const agreements: Record<string, { terms: object; outcome: OutcomeJson }> = {
  'split-deal': {
    terms: { ...base, subject: 'used car', rule: { name: 'split', sellerShare: '1/2' }, range: money },
    outcome: { deal: true, price: '455000' },
  },
  'split-no-deal': {
    terms: {
      ...base,
      security: 'semi-honest',
      subject: 'Büro, 3. Stock – “am Fluß” 🏢',
      rule: { name: 'split', sellerShare: '1/3' },
      range: { min: '-100', max: '18446744073709551515', step: '7', unit: '', decimals: 0 },
    },
    outcome: { deal: false },
  },
  'zopa-deal': {
    terms: { ...base, subject: 'deposit', rule: { name: 'zopa' }, range: money },
    outcome: { deal: true },
  },
};

function termsOf(value: object): Terms {
  const name = (value as Terms).rule.name;
  return parseTerms(value, rules.find((rule) => rule.name === name)!);
}

describe('documents of version 1', () => {
  it.each(Object.entries(agreements))('agreement %s', async (name, { terms: raw, outcome }) => {
    const terms = termsOf(raw);
    const document = agreementDocument({ terms, outcome, session });
    const rebuilt = serializeAgreement(
      document.assemble(
        { key: seller.publicKey, signature: await document.sign(seller) },
        { key: buyer.publicKey, signature: await document.sign(buyer) },
      ),
    );
    if (process.env.PARLEY_NEW_FIXTURE === name) writeFileSync(file(name), rebuilt, { flag: 'wx' });
    const saved = readFileSync(file(name));
    expect(Buffer.compare(saved, rebuilt)).toBe(0);
    const verified = await verifyAgreementUnder(saved, { parties, rules });
    expect(verified).toMatchObject({ pinned: true, outcome, terms });
  });

  it('engagement', async () => {
    const terms = termsOf(agreements['split-deal']!.terms);
    const document = engagementDocument({ terms, session, party: 'buyer' });
    const rebuilt = serializeEngagement(
      document.assemble({ key: buyer.publicKey, signature: await document.sign(buyer) }),
    );
    if (process.env.PARLEY_NEW_FIXTURE === 'engagement') {
      writeFileSync(file('engagement'), rebuilt, { flag: 'wx' });
    }
    const saved = readFileSync(file('engagement'));
    expect(Buffer.compare(saved, rebuilt)).toBe(0);
    expect(await verifyEngagementUnder(saved, { parties, rules })).toMatchObject({ role: 'buyer', terms });
  });
});
