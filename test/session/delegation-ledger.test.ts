import { describe, expect, test, vi } from 'vitest';
import { defineDelegate } from '../../src/desk/delegate.ts';
import { readDelegation } from '../../src/documents/delegation.ts';
import { generateIdentity, type Identity, rawPublicKey } from '../../src/documents/identity.ts';
import { termsDigest } from '../../src/documents/terms.ts';
import { type ParleyError, PeerCheatedError } from '../../src/errors.ts';
import { Ledger, memoryStore, type Names } from '../../src/ledger/index.ts';
import { proveSealKey } from '../../src/seals/index.ts';
import { Certificates } from '../../src/session/certificates.ts';
import { agreementSignature, hello } from '../../src/session/messages.ts';
import type { Side } from '../../src/session/preflight.ts';
import { Witness } from '../../src/session/witness.ts';
import { verifyEngagement } from '../../src/verify/verify.ts';
import { alice as k1, bob as k2 } from '../paillier/keys.ts';
import { testRandom } from '../support/channels.ts';
import {
  alice,
  bela,
  buyerCertificate,
  certificateOf,
  cleo,
  delegationOf,
  listFor,
} from '../support/delegations.ts';
import { buyer, codes, openPair, partsOf, seller, splitTerms, tamper } from '../support/sessions.ts';

test('what a delegate has entered for one principal is never entered for another', async () => {
  const keys = [
    proveSealKey(k1, rawPublicKey(seller.publicKey)),
    proveSealKey(k2, rawPublicKey(buyer.publicKey)),
  ];
  const ledger = new Ledger(memoryStore());
  const knownKeys = new Set<string>();
  /** With a buyer whose own ledger starts anew. Its signature of the agreement is wrong if it `cheats`. */
  async function sell(principal: typeof alice, reservation: bigint, cheats: boolean) {
    const certificate = certificateOf({ principal: principal.publicKey });
    const { documents, digest } = await delegationOf(certificate, [principal]);
    const pair = await openPair({
      left: { sealKey: keys[0], knownKeys, ledger, delegation: documents, afterCheat: 'allow' },
      right: { sealKey: keys[1], knownKeys, ledger: new Ledger(memoryStore()) },
    });
    if (cheats) {
      tamper(pair[1], (type, fields) => {
        if (type.id === agreementSignature.id) fields.signature![0]! ^= 1;
      });
    }
    const terms = splitTerms({ security: 'malicious', seals: 'paillier', mandates: { seller: digest } });
    const mandate = vi.fn(() => ({ reservation }));
    const ended = pair[0].negotiate({ terms, mandate });
    const [own] = await Promise.allSettled([
      ended,
      pair[1].negotiate({ terms, mandate: { reservation: 500n } }),
    ]);
    for (const session of pair) session.destroy();
    return { own, asked: mandate.mock.calls.length };
  }
  expect((await sell(alice, 100n, true)).own.status).toBe('rejected');
  const { own, asked } = await sell(cleo, 400n, false);
  expect(asked).toBe(1);
  expect(own).toMatchObject({ status: 'fulfilled', value: { price: 450n } });
}, 60_000);

test('what one delegate was caught at counts against its principal, whichever delegate comes next', async () => {
  const ledger = new Ledger(memoryStore());
  const next = generateIdentity(testRandom(51));
  const first = await delegationOf(buyerCertificate(), [bela]);
  const second = await delegationOf(buyerCertificate({ delegate: next.publicKey, serial: '2' }), [bela]);
  const caught = await openPair({ left: { ledger }, right: { delegation: first.documents } });
  tamper(caught[1], (type, fields) => {
    if (type.id === agreementSignature.id) fields.signature![0]! ^= 1;
  });
  const bids = [{ reservation: 400n }, { reservation: 500n }] as const;
  const terms = splitTerms({ mandates: { buyer: first.digest } });
  const [code] = await codes(caught.map((session, i) => session.negotiate({ terms, mandate: bids[i]! })));
  expect(code).toBe('ERR_PEER_CHEATED');
  const barred = (await ledger.list()).filter(({ cheats }) => cheats.length > 0).map(({ peer }) => peer);
  const keys = [buyer, bela].map(({ publicKey }) => rawPublicKey(publicKey));
  expect(barred).toEqual(expect.arrayContaining(keys));

  const pair = await openPair({
    left: { ledger, peer: next.publicKey },
    right: { identity: next, delegation: second.documents },
  });
  const parties = { seller: seller.publicKey, buyer: next.publicKey };
  const others = splitTerms({ parties, subject: 'another', mandates: { buyer: second.digest } });
  const mandate = vi.fn(() => bids[0]);
  const refused = await codes([
    pair[0].negotiate({ terms: others, mandate }),
    pair[1].negotiate({ terms: others, mandate: bids[1] }),
  ]);
  expect(refused[0]).toBe('ERR_PEER_BARRED');
  expect(mandate).not.toHaveBeenCalled();
});

test('an engagement left behind comes with the certificate that shows whom it binds', async () => {
  const certificate = certificateOf({ revokers: [bela.publicKey] });
  const { documents, digest } = await delegationOf(certificate, [alice], await listFor(certificate));
  const pair = await openPair({ left: { delegation: documents } });
  tamper(pair[0], (type) => {
    if (type.id === agreementSignature.id) pair[0].destroy();
  });
  const terms = splitTerms({ mandates: { seller: digest } });
  const [, left] = await Promise.allSettled([
    pair[0].negotiate({ terms, mandate: { reservation: 400n } }),
    pair[1].negotiate({ terms, mandate: { reservation: 500n } }),
  ]);
  const { engagement, delegation } = (left as PromiseRejectedResult).reason as ParleyError;
  const parties = { seller: alice.publicKey };
  const verified = await verifyEngagement(engagement!, { parties, delegations: [delegation!] });
  expect(verified.party).toMatchObject({ pinned: true, delegation: { certificate: digest } });
});

test('a delegate that brings a new principal, or none, is told no more than one that always brings the same', async () => {
  const ledger = new Ledger(memoryStore());
  /** The buyer comes for a principal, about a subject of its own. What the seller came to, and how often it was asked. */
  async function sell(principal: Identity | undefined, subject: string) {
    const shown =
      principal && (await delegationOf(buyerCertificate({ principal: principal.publicKey }), [principal]));
    const pair = await openPair({ left: { ledger }, right: { delegation: shown?.documents } });
    const terms = splitTerms({ subject, ...(shown && { mandates: { buyer: shown.digest } }) });
    const mandate = vi.fn(() => ({ reservation: 400n }));
    const [code] = await codes([
      pair[0].negotiate({ terms, mandate, maxDisclosure: 15 }),
      pair[1].negotiate({ terms, mandate: { reservation: 500n } }),
    ]);
    for (const session of pair) session.destroy();
    return [code, mandate.mock.calls.length];
  }
  expect(await sell(bela, 'one')).toEqual(['ok', 1]);
  for (const next of [bela, cleo, undefined]) {
    expect(await sell(next, 'two')).toEqual(['ERR_DISCLOSURE_LIMIT', 0]);
  }
});

test('a bid that has to be entered again is entered for nobody whom the policy does not name', async () => {
  const keys = [
    proveSealKey(k1, rawPublicKey(seller.publicKey)),
    proveSealKey(k2, rawPublicKey(buyer.publicKey)),
  ];
  const ledgers = [new Ledger(memoryStore()), new Ledger(memoryStore())];
  const mandate = defineDelegate({
    policy: {
      ...{ peers: [bela.publicKey], represented: true, subject: 'any', roles: 'any', rules: ['split'] },
      price: { unit: 'USD', decimals: 0, min: 0n, max: 1_000n },
      ...{
        maxBits: 10,
        budget: 100,
        sessionsPerDay: 9,
        maxDays: Number.POSITIVE_INFINITY,
        afterCheat: 'allow',
      },
    },
    mandate: { reservation: 400n },
  });
  /** The buyer acts for a principal, and spoils its signature of the agreement if it `cheats`. */
  async function sell(principal: Identity, cheats: boolean) {
    const { documents, digest } = await delegationOf(buyerCertificate({ principal: principal.publicKey }), [
      principal,
    ]);
    const pair = await openPair({
      left: { sealKey: keys[0], ledger: ledgers[0], afterCheat: 'allow' },
      right: { sealKey: keys[1], ledger: ledgers[1], delegation: documents },
    });
    if (cheats) {
      tamper(pair[1], (type, fields) => {
        if (type.id === agreementSignature.id) fields.signature![0]! ^= 1;
      });
    }
    const terms = splitTerms({ security: 'malicious', seals: 'paillier', mandates: { buyer: digest } });
    const ended = await codes([
      pair[0].negotiate({ terms, mandate }),
      pair[1].negotiate({ terms, mandate: { reservation: 500n } }),
    ]);
    for (const session of pair) session.destroy();
    return ended[0];
  }
  expect(await sell(bela, true)).toBe('ERR_PEER_CHEATED');
  expect(await sell(cleo, false)).toBe('ERR_POLICY_PEER');
  expect(await sell(bela, false)).toBe('ok');
}, 60_000);

describe('a principal does not answer for a cheat', () => {
  const barredIn = async (ledger: Ledger) =>
    (await ledger.list()).filter(({ cheats }) => cheats.length > 0).map(({ peer }) => peer);

  test('of somebody who shows a certificate that is for another key', async () => {
    const somebody = generateIdentity(testRandom(52));
    const certificate = buyerCertificate({ delegate: somebody.publicKey });
    const { documents, digest } = await delegationOf(certificate, [bela]);
    const ledger = new Ledger(memoryStore());
    const sealKey = proveSealKey(k1, rawPublicKey(seller.publicKey));
    const pair = await openPair({ left: { ledger, sealKey } });
    const terms = splitTerms({ security: 'malicious', seals: 'paillier', mandates: { buyer: digest } });
    const { link } = partsOf(pair[1]);
    link.begin({ timeout: 5_000, wait: 5_000 });
    void link.send(hello, undefined, { termsDigest: termsDigest(terms), mode: Uint8Array.of(0) });
    void new Certificates(readDelegation(documents)).send(link);
    link.flush();
    // A record of no kind arrives after the certificate has been found wrong, and before that has ended the session.
    const { outbox } = link as unknown as { readonly outbox: { signal(kind: number): Promise<void> } };
    const { certificates } = partsOf(pair[0]);
    const check = certificates.check.bind(certificates);
    certificates.check = (place) => {
      try {
        check(place);
      } catch (error) {
        void outbox.signal(9);
        throw error;
      }
    };
    const mandate = vi.fn(() => ({ reservation: 400n }));
    await expect(pair[0].negotiate({ terms, mandate })).rejects.toThrow();
    expect(mandate).not.toHaveBeenCalled();
    expect(await barredIn(ledger)).toEqual([rawPublicKey(buyer.publicKey)]);
    for (const session of pair) session.destroy();
  });

  test('that was noticed before its certificate came', async () => {
    const principal = rawPublicKey(bela.publicKey);
    const peer = rawPublicKey(buyer.publicKey);
    let names: Names = [peer];
    const ledger = new Ledger(memoryStore());
    const session = new Uint8Array(32);
    const witness = new Witness({
      ...{ ledger, peer, session, afterCheat: 'refuse' },
      ...{ namesOf: () => names, heard: () => true },
    });
    const terms = splitTerms();
    witness.begins({ terms, digest: termsDigest(terms) } as Side, session);
    const recorded = witness.testify(new PeerCheatedError('x'));
    names = [principal, peer];
    await recorded;
    expect(await barredIn(ledger)).toEqual([peer]);
  });
});
