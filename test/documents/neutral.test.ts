import { beforeAll, describe, expect, it } from 'vitest';
import { loadSodium } from '../../src/crypto/sodium.ts';
import { requireAllCovered } from '../../src/documents/bound-party.ts';
import type { Delegation } from '../../src/documents/delegation.ts';
import { readDelegation } from '../../src/documents/delegation.ts';
import { rawPublicKey } from '../../src/documents/identity.ts';
import { neutralityFault } from '../../src/documents/neutral.ts';
import type { Obligation } from '../../src/documents/obligations/terms.ts';
import type { Principal } from '../../src/documents/principal.ts';
import { completeTerms, type PublicJwk } from '../../src/documents/terms.ts';
import { formatVerifierKey, verifierKey } from '../../src/documents/tlog/verifier-key.ts';
import { delegationOf, scope } from '../support/delegations.ts';
import { pay } from './obligations/support.ts';
import { keys, publish, sellers } from './ratifying.ts';
import { anyPrice, buyer, completion, draft, identity, seller } from './support.ts';

beforeAll(() => loadSodium());
const owner = identity(90);
const judgedBy = (...members: PublicJwk[]): Obligation => ({
  ...pay,
  due: { days: 30, after: 'expires' },
  judge: { members, threshold: 1 },
});
const witnessedBy = (key: PublicJwk) => ({
  ...publish,
  witnesses: [formatVerifierKey(verifierKey('neutral.example', 'witness', rawPublicKey(key)))],
});
const loggedBy = (key: PublicJwk) => ({
  ...publish,
  log: formatVerifierKey(verifierKey('neutral.example', 'log', rawPublicKey(key))),
});
const parties = { seller: seller.publicKey, buyer: buyer.publicKey };
const JUDGE = 'obligations: pay: a side of the terms is among the judges';
const LOG = 'publish: the log or a witness has the key of a side';

describe('keys of the sides do not stand where only others may', () => {
  it('in terms', () => {
    const complete = (more: object) => () =>
      completeTerms({ ...draft, publish, ...more }, completion, anyPrice);
    expect(complete({ ratify: sellers(1), obligations: [judgedBy(identity(61).publicKey)] })).not.toThrow();
    expect(complete({ ratify: sellers(1), obligations: [judgedBy(keys[0]!)] })).toThrow(JUDGE);
    for (const one of [seller.publicKey, buyer.publicKey, keys[2]!]) {
      expect(complete({ ratify: sellers(1), publish: witnessedBy(one) })).toThrow(LOG);
      expect(complete({ ratify: sellers(1), publish: loggedBy(one) })).toThrow(LOG);
    }
    expect(complete({ publish: witnessedBy(keys[2]!) })).not.toThrow();
  });

  it('nor those of whom a side acts for', () => {
    const council = { members: [identity(91).publicKey, owner.publicKey], threshold: 2 };
    for (const principal of [owner.publicKey, council] as Principal[]) {
      const by = new Map([['buyer', principal]]);
      const fault = (terms: object) => [
        neutralityFault({ parties, ...terms }),
        neutralityFault({ parties, ...terms }, by),
      ];
      expect(fault({ obligations: [judgedBy(owner.publicKey)] })).toEqual([undefined, JUDGE]);
      expect(fault({ publish: witnessedBy(owner.publicKey) })).toEqual([undefined, LOG]);
      expect(fault({ publish: loggedBy(owner.publicKey) })).toEqual([undefined, LOG]);
      expect(fault({ ratify: sellers(1, [owner.publicKey]) })).toEqual([
        undefined,
        'ratify.seller has a key of the other side among its members',
      ]);
      const { seller: side } = sellers(1, [owner.publicKey]);
      expect(fault({ ratify: { buyer: side } })).toEqual([undefined, undefined]);
    }
  });

  it('once their certificates are there', async () => {
    const { documents } = await delegationOf(
      {
        ...{ principal: owner.publicKey, delegate: buyer.publicKey, serial: '1' },
        ...{ notBefore: '2026-01-01T00:00:00Z', expires: '2999-01-01T00:00:00Z' },
        scope: { ...scope, rules: ['any-price'], further: ['obligations', 'publish', 'ratify'] } as never,
      },
      [owner],
    );
    const delegations = new Map<string, Delegation>([['buyer', readDelegation(documents)]]);
    const check = (more: object) => () =>
      requireAllCovered(
        completeTerms(
          { ...draft, publish, mandates: { buyer: delegations.get('buyer')!.digest }, ...more },
          completion,
          anyPrice,
        ),
        delegations,
      );
    expect(check({ obligations: [judgedBy(identity(61).publicKey)] })).not.toThrow();
    const refusal = (message: string) => expect.objectContaining({ code: 'ERR_DELEGATION_SCOPE', message });
    expect(check({ obligations: [judgedBy(owner.publicKey)] })).toThrow(refusal(JUDGE));
    expect(check({ ratify: sellers(1, [owner.publicKey]) })).toThrow('a key of the other side');
    expect(check({ publish: witnessedBy(owner.publicKey) })).toThrow(LOG);
  });
});
