import { describe, expect, test } from 'vitest';
import { defineDelegate, type Terms } from '../../src/index.ts';
import { buyer, seller } from '../support/sessions.ts';
import { termsOf } from './support.ts';

/** One used car, to be bought by random-split or at a posted price between 4,000.00 and 5,200.00 USD. */
const policy = {
  peers: [seller.publicKey],
  rules: ['random-split', 'posted-price'],
  subject: 'used car',
  roles: ['buyer'],
  price: { unit: 'USD', decimals: 2, min: 400_000n, max: 520_000n },
  maxBits: 4,
  sessionsPerDay: 5,
};
const range = { min: '0', max: '1000000', step: '1', unit: 'USD', decimals: 2 };
const soon = new Date(Date.now() + 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');
const meant: Partial<Terms> = {
  rule: { name: 'random-split' },
  range,
  security: 'malicious',
  seals: 'paillier',
  expires: soon,
};

async function admit(changes: Partial<Terms>): Promise<void> {
  const delegate = defineDelegate({ policy, mandate: { reservation: 520_000n } });
  const terms = termsOf({ ...meant, ...changes });
  const role = terms.parties.buyer!.x === buyer.publicKey.x ? 'buyer' : 'seller';
  await delegate.admit({ terms, peer: seller.publicKey, role });
}

describe('B3: a policy admits what it was written for, and nothing else', () => {
  test('B3: the terms that it was written for', () => admit({}));

  const cases: Record<string, Partial<Terms>> = {
    'another subject': { subject: 'one bag of gravel, as is, no refund' },
    'a matter of its own, with 1,000 attempts': { matter: 'm17', attempts: 1_000 },
    'no seals': { seals: 'none' },
    'a range of the two prices at the limit': { range: { ...range, min: '519999', max: '520000' } },
    'a price to take or leave at the limit': { rule: { name: 'posted-price', price: '519999' } },
    'a deadline in the year 9999': { expires: '9999-12-31T23:59:59Z' },
    'swapped roles': { parties: { seller: buyer.publicKey, buyer: seller.publicKey } },
  };
  for (const [name, changes] of Object.entries(cases)) {
    test(`B3: not ${name}`, async () => {
      await expect(admit(changes)).rejects.toMatchObject({ name: 'PolicyError' });
    });
  }
});
