import { describe, expect, test, vi } from 'vitest';
import { split } from '../../protocols/split/index.ts';
import { defineDelegate } from '../../src/desk/delegate.ts';
import { completeOffer, offerTerms } from '../../src/desk/offer.ts';
import type { Person } from '../../src/desk/person.ts';
import type { Policy } from '../../src/desk/policy.ts';
import { principalFingerprint } from '../../src/documents/delegation.ts';
import { generateIdentity } from '../../src/documents/identity.ts';
import { type TermsDraft, termsDigest } from '../../src/documents/terms.ts';
import { certificatesOf, converse } from '../../src/session/converse.ts';
import { offer, offerAnswer, offeredTerms } from '../../src/session/messages.ts';
import { testRandom } from '../support/channels.ts';
import {
  bela,
  buyerCertificate,
  certificateOf,
  cleo,
  council,
  delegationOf,
  people,
} from '../support/delegations.ts';
import { buyer, openPair, seller } from '../support/sessions.ts';
import { draft, meet, type Sides } from './meeting.ts';

// A certificate shows that some principal stands behind a key. Whoever has the key can have made that principal a second ago.

const stranger = generateIdentity(testRandom(61));
const ofStranger = await delegationOf(buyerCertificate({ principal: stranger.publicKey }), [stranger]);
const ofCouncil = await delegationOf(buyerCertificate({ principal: council }), people.slice(0, 2));
const strangeHost = await delegationOf(certificateOf({ principal: stranger.publicKey }), [stranger]);

/** The guest acts for somebody. What the host came to, and that it did not get as far as its mandate. */
async function refuses(sides: Sides, code: string) {
  const met = await meet({ join: { delegation: ofStranger.documents }, ...sides });
  expect(met.ended[0]).toBe(code);
  const kinds = met.told.host.map(({ kind }) => kind);
  expect(kinds).not.toContain('termsAccepted');
  expect(kinds).not.toContain('phase');
  return met;
}

describe('a host with a mandate at hand', () => {
  test('asks its person whether whom the guest acts for is welcome, and shows who that is', async () => {
    const { ended, welcomes, told } = await meet({ join: { delegation: ofCouncil.documents } });
    expect(ended).toEqual(['ok', 'ok']);
    expect(welcomes).toHaveBeenCalledTimes(1);
    const [{ delegation, name, role, peer }] = welcomes.mock.calls[0]!;
    expect(delegation.certificate.principal).toEqual(council);
    expect({ name, role, key: peer.key }).toEqual({ name: undefined, role: 'seller', key: buyer.publicKey });
    const kinds = told.host.map(({ kind }) => kind);
    expect(kinds.indexOf('delegationShown')).toBeLessThan(kinds.indexOf('phase'));
  });

  test('deals with nobody whom the person does not want', async () => {
    const welcomes = vi.fn(() => false);
    const told: string[] = [];
    const person: Person = { told: ({ kind }) => told.push(kind), welcomes };
    await refuses({ host: { person } }, 'ERR_TERMS_DECLINED');
    expect(welcomes).toHaveBeenCalledTimes(1);
    expect(told).toContain('delegationShown');
    expect(told).not.toContain('phase');
  });

  test.each<[string, Person | undefined]>([
    ['nobody', undefined],
    ['a person who answers no such question', { mandate: () => ({ reservation: 400n }) }],
  ])('deals with no stranger’s delegate if there is %s to ask', async (_, person) => {
    const { told } = await refuses({ host: { person } }, 'ERR_USAGE');
    expect(told.join.map(({ kind }) => kind)).not.toContain('phase');
  });

  test('asks nobody where its own terms name the certificate', async () => {
    const terms = { ...draft, mandates: { buyer: ofStranger.digest } };
    const { ended, welcomes } = await meet({ terms, join: { delegation: ofStranger.documents } });
    expect(ended).toEqual(['ok', 'ok']);
    expect(welcomes).not.toHaveBeenCalled();
  });

  test('asks nobody about a guest that acts for itself', async () => {
    const { ended, welcomes } = await meet({});
    expect(ended).toEqual(['ok', 'ok']);
    expect(welcomes).not.toHaveBeenCalled();
  });
});

describe('a guest that brings another certificate than was asked for', () => {
  /** A guest that brings the stranger's certificate whatever the terms name, and says so in its answer. */
  async function guest(named: TermsDraft) {
    const [left, right] = await openPair({
      left: { identity: buyer, peer: seller.publicKey, delegation: ofStranger.documents },
      right: { identity: seller, peer: buyer.publicKey },
    });
    const terms = completeOffer(named, right, 'seller', split);
    const brought = converse(left, {}, async (link) => {
      const { length } = await link.receive(offer, undefined);
      await link.receive(offeredTerms, new DataView(length.buffer, length.byteOffset).getUint32(0));
      await link.send(offerAnswer, undefined, {
        termsDigest: termsDigest(terms),
        accepted: Uint8Array.of(2),
      });
      await certificatesOf(left).send(link);
    });
    const [delegation] = await Promise.all([offerTerms(right, terms), brought]);
    return { right, delegation };
  }

  test('gets no terms completed with it', async () => {
    const named = { ...draft, mandates: { buyer: ofCouncil.digest } };
    const { right, delegation } = await guest(named);
    const complete = () => completeOffer(named, right, 'seller', split, Date.now(), delegation);
    expect(complete).toThrow(/another mandate certificate of the buyer/);
  });

  test('does not become what the terms name by bringing it before', async () => {
    const { right } = await guest(draft);
    const mandate = vi.fn(() => ({ reservation: 400n }));
    const terms = completeOffer({ ...draft, mandates: { buyer: ofCouncil.digest } }, right, 'seller', split);
    const negotiated = right.negotiate({ terms, mandate, timeout: 200, wait: 200 });
    await expect(negotiated).rejects.toMatchObject({ name: expect.any(String) });
    expect(mandate).not.toHaveBeenCalled();
  });
});

test('a program that gives the mandate is not asked for it before the person has been', async () => {
  const mandate = vi.fn(() => ({ reservation: 400n }));
  await refuses({ host: { mandate, person: { welcomes: () => false } } }, 'ERR_TERMS_DECLINED');
  await refuses({ host: { mandate, person: undefined } }, 'ERR_USAGE');
  expect(mandate).not.toHaveBeenCalled();
});

describe('a delegate', () => {
  const policy: Policy = {
    peers: [bela.publicKey, principalFingerprint(council)],
    represented: true,
    subject: 'used car',
    roles: 'any',
    rules: ['split'],
    security: 'semi-honest',
    price: { unit: 'USD', decimals: 0, min: 100n, max: 600n },
    maxBits: 10,
    sessionsPerDay: 9,
  };
  const source = (changes: Partial<Policy> = {}) => {
    const mandate = vi.fn(() => ({ reservation: 400n }));
    return { asked: mandate, mandate: defineDelegate({ policy: { ...policy, ...changes }, mandate }) };
  };

  test('meets a guest of a principal that its policy names, whatever key the guest has', async () => {
    const { mandate, asked } = source();
    const { ended } = await meet({ host: { mandate }, join: { delegation: ofCouncil.documents } });
    expect(ended).toEqual(['ok', 'ok']);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  test.each<[string, Partial<Policy>, Sides['join']]>([
    ['of a principal made a second ago', {}, { delegation: ofStranger.documents }],
    [
      'whose key the policy names, for a stranger',
      { peers: [buyer.publicKey] },
      { delegation: ofStranger.documents },
    ],
    [
      'of a council of one member less',
      { peers: [principalFingerprint({ ...council, threshold: 1 })] },
      { delegation: ofCouncil.documents },
    ],
    [
      'that brings a certificate where nothing is said of that',
      { represented: false },
      { delegation: ofCouncil.documents },
    ],
    [
      'that brings one although anyone is welcome, and nothing is said of that',
      { peers: 'anyone', represented: false },
      { delegation: ofStranger.documents },
    ],
    ['that leaves its certificate at home', {}, {}],
  ])('refuses a guest %s, before the mandate', async (_, changes, join) => {
    const { mandate, asked } = source(changes);
    await refuses({ host: { mandate }, join: { ...join } }, 'ERR_POLICY_PEER');
    expect(asked).not.toHaveBeenCalled();
  });

  test('refuses a host of a principal made a second ago, and declines', async () => {
    const { mandate, asked } = source({ peers: [seller.publicKey] });
    const { ended } = await meet({ host: { delegation: strangeHost.documents }, join: { mandate } });
    expect(ended).toEqual(['ERR_TERMS_DECLINED', 'ERR_POLICY_PEER']);
    expect(asked).not.toHaveBeenCalled();
  });

  test('binds whom the terms name, even if its policy allows anyone', async () => {
    const { mandate, asked } = source({ peers: 'anyone' });
    const terms = { ...draft, parties: { buyer: buyer.publicKey } };
    await refuses({ host: { mandate }, terms }, 'ERR_PEER_IDENTITY');
    expect(asked).not.toHaveBeenCalled();
  });

  test('has one budget, however many principals come', async () => {
    const { mandate, asked } = source({ peers: 'anyone', maxBits: 10, budget: 20 });
    const codes: string[] = [];
    for (const principal of [bela, cleo, stranger]) {
      const { documents } = await delegationOf(buyerCertificate({ principal: principal.publicKey }), [
        principal,
      ]);
      codes.push((await meet({ host: { mandate }, join: { delegation: documents } })).ended[0]!);
    }
    expect(codes).toEqual(['ok', 'ok', 'ERR_POLICY_BUDGET']);
    expect(asked).toHaveBeenCalledTimes(2);
  });
});
