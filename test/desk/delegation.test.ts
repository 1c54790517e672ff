import { describe, expect, test, vi } from 'vitest';
import { ruleOf } from '../../protocols/registry.ts';
import { defineDelegate } from '../../src/desk/delegate.ts';
import { completeOffer, offerTerms, receiveOffer } from '../../src/desk/offer.ts';
import type { DeskEvent } from '../../src/desk/person.ts';
import { negotiatePinned } from '../../src/desk/pinned.ts';
import type { Policy } from '../../src/desk/policy.ts';
import { serializeAgreement } from '../../src/documents/agreement.ts';
import { type DelegationDocuments, principalFingerprint } from '../../src/documents/delegation.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import { verifyAgreement } from '../../src/verify/verify.ts';
import {
  alice,
  bela,
  buyerCertificate,
  certificateOf,
  cleo,
  council,
  delegationOf,
  listFor,
  scope,
} from '../support/delegations.ts';
import { homeOf } from '../support/homes.ts';
import { memoryNetwork } from '../support/memory-network.ts';
import { buyer, codes, openPair, seller, tamper } from '../support/sessions.ts';
import { draft, homes, meet, type Sides } from './meeting.ts';

const ofSeller = await delegationOf(certificateOf({ principal: council }), [alice, cleo]);
const ofBuyer = await delegationOf(buyerCertificate(), [bela]);

const withList = await delegationOf(certificateOf(), [alice], await listFor(certificateOf()));

const shown = (events: readonly DeskEvent[]) =>
  events.flatMap((event) => (event.kind === 'delegationShown' ? [event] : []));

describe('by invite', () => {
  test.each([
    ['the joiner acts', undefined, ofBuyer.documents],
    ['the host acts', ofSeller.documents, undefined],
    ['both act', ofSeller.documents, ofBuyer.documents],
  ])('%s for somebody else, whom the agreement binds', async (_, left, right) => {
    const { results, told, accepts, ended } = await meet({
      host: { ...(left && { delegation: left }) },
      join: { delegation: right },
    });
    expect(ended).toEqual(['ok', 'ok']);
    const [{ agreement, terms }] = results!;
    expect(terms.mandates).toEqual({
      ...(left && { seller: ofSeller.digest }),
      ...(right && { buyer: ofBuyer.digest }),
    });
    const parties = {
      seller: left ? council : seller.publicKey,
      buyer: right ? bela.publicKey : buyer.publicKey,
    };
    const { pinned } = await verifyAgreement(serializeAgreement(agreement), { parties });
    expect(pinned).toBe(true);
    expect(accepts).toHaveBeenCalledTimes(1);
    const [asked] = accepts.mock.calls[0]!;
    expect(asked.delegation?.certificate).toEqual(left && expect.objectContaining({ principal: council }));
    expect(shown(told.join).map(({ name }) => name)).toEqual(left ? [undefined] : []);
    expect(shown(told.host).map(({ name }) => name)).toEqual(right ? ['bela'] : []);
    const kinds = told.host.map(({ kind }) => kind);
    if (right) expect(kinds.indexOf('delegationShown')).toBeLessThan(kinds.lastIndexOf('termsOffered'));
  });

  test('a joiner with terms of its own adds its certificate to them, and no other', async () => {
    const join = { delegation: ofBuyer.documents, terms: draft };
    expect((await meet({ join })).ended).toEqual(['ok', 'ok']);
    const { ended } = await meet({ join, host: { delegation: ofSeller.documents } });
    expect(ended).toEqual(['ERR_TERMS_DECLINED', 'ERR_TERMS_DECLINED']);
  });

  test('a joiner declines terms that its certificate does not cover', async () => {
    const { documents } = await delegationOf(buyerCertificate({ scope: { ...scope, max: '999' } }), [bela]);
    const { ended, accepts } = await meet({ join: { delegation: documents } });
    // The host sees the certificate first, and says so itself.
    expect(ended[0]).toBe('ERR_DELEGATION_SCOPE');
    expect(accepts).not.toHaveBeenCalled();
  });

  test('a host whose certificate does not cover its own terms offers nothing', async () => {
    const { ended } = await meet({
      host: { delegation: ofSeller.documents },
      terms: { ...draft, attempts: 2 },
    });
    expect(ended[0]).toBe('ERR_DELEGATION_SCOPE');
  });

  test('a draft can say for whom the joiner has to act', async () => {
    const terms = { ...draft, mandates: { buyer: ofBuyer.digest } };
    expect((await meet({ terms, join: { delegation: ofBuyer.documents } })).ended).toEqual(['ok', 'ok']);
    expect((await meet({ terms })).ended).toEqual(['ERR_TERMS_DECLINED', 'ERR_USAGE']);
  });
});

describe('a name and a key in the terms', () => {
  const known = { carla: buyer.publicKey, dora: seller.publicKey };
  const home = {
    host: homeOf(seller, 'host', { peers: known }),
    join: homeOf(buyer, 'join', { peers: known }),
  };
  const pinned = { ...draft, parties: { buyer: buyer.publicKey } };
  const act = { join: { delegation: ofBuyer.documents } };
  const named = { host: { home: home.host, name: 'carla' } };

  test.each<[string, Sides, string]>([
    ['a peer that the terms name', { ...act, terms: pinned }, 'ERR_PEER_IDENTITY'],
    ['a guest with a name', { ...act, ...named }, 'ERR_PEER_IDENTITY'],
    [
      'one whose certificate the terms name',
      { ...act, ...named, terms: { ...pinned, mandates: { buyer: ofBuyer.digest } } },
      'ok',
    ],
    ['one that acts for itself', { ...named, terms: pinned }, 'ok'],
  ])('bind their holder, and nobody whom it acts for: %s', async (_, sides, code) => {
    const { ended, told } = await meet(sides);
    expect(ended[0]).toBe(code);
    if (code !== 'ok') expect(told.host.map(({ kind }) => kind)).not.toContain('termsAccepted');
  });

  test('a host with a name binds itself', async () => {
    const { ended, accepts } = await meet({
      host: { delegation: ofSeller.documents },
      join: { home: home.join, name: 'dora' },
    });
    expect(ended).toEqual(['ERR_TERMS_DECLINED', 'ERR_PEER_IDENTITY']);
    expect(accepts).not.toHaveBeenCalled();
  });

  test.each([
    ['by the certificate that it brings', draft],
    ['by the one that the terms name', { ...draft, mandates: { buyer: ofBuyer.digest } }],
  ])('a peer that acts for somebody else gets no name: %s', async (_, terms) => {
    const fresh = homes.host({});
    const { ended, told } = await meet({ ...act, terms, host: { home: fresh, name: 'emil' } });
    expect(ended).toEqual(['ok', 'ok']);
    expect(await fresh.peers.all()).toEqual([]);
    expect(shown(told.host)).toHaveLength(1);
  });
});

describe('a joiner that asks for other terms', () => {
  test('may do so once', async () => {
    const [left, right] = await openPair({
      left: { identity: buyer, peer: seller.publicKey, delegation: ofBuyer.documents },
      right: { identity: seller, peer: buyer.publicKey },
    });
    const terms = completeOffer(draft, right, 'seller', ruleOf(draft));
    tamper(left, (type, fields) => {
      if (type.name === 'answer to the offer') fields.accepted![0] = 2;
    });
    const received = receiveOffer(left).then((offer) => offer.answer(true));
    const delegation = await offerTerms(right, terms);
    expect(delegation!.certificate.principal).toEqual(bela.publicKey);
    const again = completeOffer(draft, right, 'seller', ruleOf(draft), Date.now(), delegation);
    const offered = offerTerms(right, again, { again: true });
    await expect(offered).rejects.toMatchObject({ code: 'ERR_PEER_CHEATED' });
    await received.catch(() => undefined);
  });

  test('does not take terms that name another certificate, or none', async () => {
    const [left, right] = await openPair({
      left: { identity: buyer, peer: seller.publicKey, delegation: ofBuyer.documents },
      right: { identity: seller, peer: buyer.publicKey },
    });
    const terms = completeOffer(draft, right, 'seller', ruleOf(draft));
    const received = receiveOffer(left);
    received.catch(() => undefined);
    await offerTerms(right, terms);
    const [mine] = await codes([received, offerTerms(right, terms, { again: true })]);
    expect(mine).toBe('ERR_PEER_CHEATED');
  });
});

test('pinned peers have the certificates in their terms, and see them before they are asked', async () => {
  const [left, right] = memoryChannelPair();
  const terms = {
    ...draft,
    parties: { seller: seller.publicKey, buyer: buyer.publicKey },
    mandates: { seller: ofSeller.digest, buyer: ofBuyer.digest },
    expires: '2999-01-01T00:00:00Z',
    nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
  };
  const events: DeskEvent[] = [];
  const network = memoryNetwork();
  const mandate = vi.fn(() => ({ reservation: 400n }));
  await Promise.all([
    negotiatePinned({
      ...{ home: homes.host(), network, terms, delegation: ofSeller.documents },
      way: { channel: left, initiator: true },
      person: { told: (event) => events.push(event), mandate },
    }),
    negotiatePinned({
      ...{ home: homes.join(), network, terms, delegation: ofBuyer.documents },
      way: { channel: right, initiator: false },
      mandate: { reservation: 500n },
    }),
  ]);
  expect(shown(events).map(({ name }) => name)).toEqual(['bela']);
  const [question] = mandate.mock.calls[0] as unknown as [{ delegation: { digest: string } }];
  expect(question.delegation.digest).toBe(ofBuyer.digest);
});

describe('a policy', () => {
  const policy: Policy = {
    peers: 'anyone',
    subject: 'used car',
    roles: 'any',
    rules: ['split'],
    security: 'semi-honest',
    price: { unit: 'USD', decimals: 0, min: 100n, max: 600n },
    maxBits: 10,
    sessionsPerDay: 9,
  };
  const refused = 'ERR_POLICY_PEER';
  const ofCouncil = principalFingerprint(council);
  const rows: [string, Partial<Policy>, DelegationDocuments | undefined, string][] = [
    ['allows a peer that acts for itself', {}, undefined, 'ok'],
    ['refuses one that acts for somebody, if it says nothing of that', {}, ofSeller.documents, refused],
    ['allows anyone', { represented: true }, ofSeller.documents, 'ok'],
    ['allows a principal', { represented: true, peers: [ofCouncil] }, ofSeller.documents, 'ok'],
    ['refuses another one', { represented: true, peers: [cleo.publicKey] }, ofSeller.documents, refused],
    [
      'refuses one whose delegate it knows',
      { represented: true, peers: [seller.publicKey] },
      ofSeller.documents,
      refused,
    ],
    [
      'refuses one that it knows, but not as represented',
      { peers: [ofCouncil] },
      ofSeller.documents,
      refused,
    ],
    ['refuses the key of another', { represented: true, peers: [cleo.publicKey] }, undefined, refused],
    ['allows a key of its own', { represented: true, peers: [seller.publicKey] }, undefined, 'ok'],
    ['asks for a list', { represented: true, revocations: true }, ofSeller.documents, refused],
    ['is content with one', { represented: true, revocations: true }, withList.documents, 'ok'],
  ];
  test.each(rows)('%s', async (_, changes, delegation, code) => {
    const mandate = defineDelegate({ policy: { ...policy, ...changes }, mandate: { reservation: 500n } });
    const { ended } = await meet({ host: { ...(delegation && { delegation }) }, join: { mandate } });
    expect(ended[1]).toBe(code);
  });
});
