import { expect, test } from 'vitest';
import { proveOpened, readDispute } from '../../src/arbiter/index.ts';
import { settleInLedger } from '../../src/desk/dispute.ts';
import { arbiterFingerprint, readArbiterCard } from '../../src/documents/arbiter-card.ts';
import { ParleyError } from '../../src/errors.ts';
import { Ledger, memoryStore } from '../../src/ledger/index.ts';
import { agreementSignature } from '../../src/session/messages.ts';
import { verifyAgreement } from '../../src/verify/verify.ts';
import { cardOf } from '../escrow/terms.ts';
import { alice, certificateOf, delegationOf, scope } from '../support/delegations.ts';
import { fairTerms, openFair } from '../support/fair.ts';
import { buyer, seller, tamper } from '../support/sessions.ts';

test('with an arbiter, what takes the place of an agreement binds the principal too, and ends its attempt', async () => {
  const arbiters = [arbiterFingerprint(readArbiterCard(await cardOf()))];
  const { documents, digest } = await delegationOf(certificateOf({ scope: { ...scope, arbiters } }));
  const terms = await fairTerms({ mandates: { seller: digest } });
  const ledger = new Ledger(memoryStore());
  const { sessions } = await openFair({ left: { delegation: documents }, right: { ledger } });
  tamper(sessions[0], (type, fields) => {
    if (type.id === agreementSignature.id) fields.signature![0]! ^= 1;
  });
  const [, mine] = await Promise.allSettled([
    sessions[0].negotiate({ terms, mandate: { reservation: 400n } }),
    sessions[1].negotiate({ terms, mandate: { reservation: 500n } }),
  ]);
  const error = (mine as PromiseRejectedResult).reason as ParleyError;
  expect(error).toBeInstanceOf(ParleyError);
  const dispute = readDispute(error.dispute!);
  const proved = (await proveOpened({ dispute, identity: buyer }))!;
  const parties = { seller: alice.publicKey, buyer: buyer.publicKey };
  const verified = await verifyAgreement(proved.proof, { parties });
  expect(verified).toMatchObject({ proof: 'opened', pinned: true, outcome: { deal: true, price: '450' } });
  expect(verified.parties.seller).toMatchObject({
    key: seller.publicKey,
    delegation: { certificate: digest },
  });
  const { mandates: _, ...without } = JSON.parse(new TextDecoder().decode(proved.proof));
  await expect(verifyAgreement(without, { parties: 'unpinned' })).rejects.toMatchObject({
    code: 'ERR_DELEGATION_FORMAT',
  });
  await settleInLedger(ledger, dispute, proved);
  const settled = (await ledger.list()).filter(({ attempts }) =>
    attempts.every(({ agreement }) => agreement),
  );
  const names = settled.map(({ peer }) => Buffer.from(peer).toString('base64url'));
  expect(names.sort()).toEqual([alice.publicKey.x, seller.publicKey.x].sort());
});
