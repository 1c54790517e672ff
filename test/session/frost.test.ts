import { expect, test } from 'vitest';
import { sharedIdentity } from '../../examples/frost.ts';
import { readDelegation } from '../../src/documents/delegation.ts';
import { serializeJws } from '../../src/documents/jws.ts';
import { verifyAgreement } from '../../src/verify/verify.ts';
import { certificateOf, certify } from '../support/delegations.ts';
import { buyer, openPair, splitTerms } from '../support/sessions.ts';

const shared = sharedIdentity(2, ['Ann', 'Bea', 'Cem']);

test('a key that two of three members use together signs an agreement like any other', async () => {
  const pair = await openPair({ left: { identity: shared }, right: { peer: shared.publicKey } });
  const parties = { seller: shared.publicKey, buyer: buyer.publicKey };
  const terms = splitTerms({ parties });
  const [{ agreement }] = await Promise.all([
    pair[0].negotiate({ terms, mandate: { reservation: 400n } }),
    pair[1].negotiate({ terms, mandate: { reservation: 500n } }),
  ]);
  expect((await verifyAgreement(agreement, { parties })).pinned).toBe(true);
  for (const session of pair) session.destroy();
});

test('and a mandate certificate', async () => {
  const certificate = certificateOf({ principal: shared.publicKey });
  const read = readDelegation({ certificate: serializeJws(await certify(certificate, shared)) });
  expect(read.certificate).toEqual(certificate);
});
