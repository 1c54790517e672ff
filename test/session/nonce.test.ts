import { expect, test } from 'vitest';
import { openPair, splitTerms } from '../support/sessions.ts';

test('terms without a nonce get one from the session, the same on both sides and another in each session', async () => {
  const { nonce: _, ...draft } = splitTerms();
  const nonces: string[] = [];
  for (let session = 0; session < 2; session++) {
    const [left, right] = await openPair();
    const [atSeller, atBuyer] = await Promise.all([
      left.negotiate({ terms: draft, mandate: { reservation: 400n } }),
      right.negotiate({ terms: draft, mandate: { reservation: 500n } }),
    ]);
    expect(atSeller.terms).toEqual(atBuyer.terms);
    expect(Buffer.from(atSeller.terms.nonce, 'base64url')).toHaveLength(16);
    nonces.push(atSeller.terms.nonce);
    await Promise.all([left.close(), right.close()]);
  }
  expect(nonces[0]).not.toBe(nonces[1]);
});
