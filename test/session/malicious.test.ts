import { describe, expect, test } from 'vitest';
import { rules } from '../../protocols/registry.ts';
import { serializeAgreement, verifyAgreementUnder } from '../../src/documents/agreement.ts';
import { buyer, openPair, seller, splitTerms } from '../support/sessions.ts';

const pins = { parties: { seller: seller.publicKey, buyer: buyer.publicKey }, rules };
const terms = () => splitTerms({ security: 'malicious' });

describe('a malicious-secure session', () => {
  test('ends in the same agreement on both sides, in 14 flights', async () => {
    const [left, right] = await openPair();
    const [atSeller, atBuyer] = await Promise.all([
      left.negotiate({ terms: terms(), mandate: { reservation: 400n } }),
      right.negotiate({ terms: terms(), mandate: { reservation: 500n } }),
    ]);
    expect(atSeller).toMatchObject({ deal: true, price: 450n });
    const bytes = serializeAgreement(atSeller.agreement);
    expect(serializeAgreement(atBuyer.agreement)).toEqual(bytes);
    expect(await verifyAgreementUnder(bytes, pins)).toMatchObject({ outcome: { deal: true, price: '450' } });
    expect([atSeller.stats.flights, atBuyer.stats.flights]).toEqual([14, 14]);
    await Promise.all([left.close(), right.close()]);
  });

  test('serves further negotiations in 11 flights, and prepared ones in 6', async () => {
    const [left, right] = await openPair();
    for (const prepared of [false, false, true, true, false]) {
      if (prepared) await Promise.all([left.prepare(terms()), right.prepare(terms())]);
      const first = left.stats.flights < 10;
      const results = await Promise.all([
        left.negotiate({ terms: terms(), mandate: { reservation: 501n } }),
        right.negotiate({ terms: terms(), mandate: { reservation: 500n } }),
      ]);
      for (const { deal, stats } of results) {
        expect(deal).toBe(false);
        if (!first) expect(stats.flights).toBe(prepared ? 6 : 11);
      }
    }
    await Promise.all([left.close(), right.close()]);
  });

  test('asks for a mandate only once the terms are agreed, also on a used session', async () => {
    const [left, right] = await openPair();
    for (let i = 0; i < 2; i += 1) {
      const asked: string[] = [];
      const [atSeller] = await Promise.all([
        left.negotiate({
          terms: terms(),
          mandate: ({ role }) => {
            asked.push(role);
            return { reservation: 10n };
          },
        }),
        right.negotiate({
          terms: terms(),
          mandate: async ({ role }) => {
            asked.push(role);
            return { reservation: 20n };
          },
        }),
      ]);
      expect(atSeller).toMatchObject({ price: 15n });
      expect(asked.sort()).toEqual(['buyer', 'seller']);
    }
    await Promise.all([left.close(), right.close()]);
  });

  test('other terms on a used session are found out before anything private is sent', async () => {
    const [left, right] = await openPair();
    await Promise.all([
      left.negotiate({ terms: terms(), mandate: { reservation: 1n } }),
      right.negotiate({ terms: terms(), mandate: { reservation: 2n } }),
    ]);
    const settled = await Promise.allSettled([
      left.negotiate({ terms: terms(), mandate: { reservation: 1n } }),
      right.negotiate({
        terms: splitTerms({ security: 'malicious', subject: 'x' }),
        mandate: { reservation: 2n },
      }),
    ]);
    for (const one of settled) {
      expect(one).toMatchObject({ status: 'rejected', reason: { code: 'ERR_TERMS_MISMATCH' } });
    }
  });
});
