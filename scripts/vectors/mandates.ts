import { decodeBase64url } from '../../src/crypto/encoding.ts';
import { ledgerName, principalFingerprint } from '../../src/documents/delegation.ts';
import { thumbprint } from '../../src/documents/identity.ts';
import { type GeneralJws, serializeJws } from '../../src/documents/jws.ts';
import {
  cosignMandateCertificate,
  type MandateCertificate,
  mandateCertificateDigest,
  signMandateCertificate,
} from '../../src/documents/mandate-certificate.ts';
import { signMandateRevocations } from '../../src/documents/mandate-revocations.ts';
import type { MandateScope } from '../../src/documents/mandate-scope.ts';
import { type Principal, principalDigest } from '../../src/documents/principal.ts';
import { arbiterFingerprintOf } from './arbiter.ts';
import { people } from './people.ts';
import { hex, type Maker, textOf } from './shape.ts';

const scope: MandateScope = {
  rules: ['split', { name: 'zopa' }],
  roles: ['seller', 'buyer'],
  minimumSecurity: 'semi-honest',
  seals: 'none',
  matters: ['used car', 'the red car'],
  ...{ unit: 'USD', decimals: 0, min: '0', max: '1000' },
  further: ['roles', 'obligations', 'publish', 'ratify'],
};

export interface Certified {
  readonly document: GeneralJws;
  readonly certificate: MandateCertificate;
  readonly digest: string;
}

/** Of the seller, who acts for one principal that has a revoker, and of the buyer, who acts for two of three members. */
export async function certificates(): Promise<readonly [Certified, Certified]> {
  const period = { notBefore: '2026-01-01T00:00:00Z', expires: '2031-01-01T00:00:00Z' };
  const seller: MandateCertificate = {
    principal: people.principal().publicKey,
    delegate: people.seller().publicKey,
    scope: { ...scope, arbiters: [await arbiterFingerprintOf()] },
    ...period,
    serial: 'seller-1',
    revokers: [people.revoker().publicKey],
  };
  const buyer: MandateCertificate = {
    principal: council(),
    delegate: people.buyer().publicKey,
    scope: { ...scope, arbiters: [await arbiterFingerprintOf()] },
    ...period,
    serial: 'buyer-1',
  };
  const [first, , third] = people.council();
  const once = await signMandateCertificate(buyer, third);
  const documents = [
    await signMandateCertificate(seller, people.principal()),
    await cosignMandateCertificate(serializeJws(once), first),
  ];
  const [one, other] = [seller, buyer].map((certificate, i) => ({
    certificate,
    document: documents[i]!,
    digest: mandateCertificateDigest(certificate),
  }));
  return [one!, other!];
}

/** The list of revocations that goes with the seller's certificate: its revoker has signed it. */
export async function sellerList(): Promise<GeneralJws> {
  const times = { asOf: '2029-12-31T00:00:00Z', next: '2030-01-02T00:00:00Z' };
  const list = { principal: people.principal().publicKey, ...times, certificates: [] };
  return signMandateRevocations(list, people.revoker());
}

export const mandates: Maker = {
  about: 'Keys, principals, mandate certificates and lists of revocations, with what they are named by.',
  async make() {
    const given = await certificates();
    const [seller, buyer] = given;
    const revoked = await signMandateRevocations(
      {
        principal: seller.certificate.principal,
        ...{ asOf: '2030-02-01T00:00:00Z', next: '2030-03-01T00:00:00Z' },
        certificates: [seller.digest],
      },
      people.principal(),
    );
    return {
      keys: [people.seller(), people.buyer()].map(({ publicKey }) => ({
        key: publicKey,
        thumbprint: thumbprint(publicKey),
      })),
      principals: [seller, buyer].map(({ certificate: { principal } }) => named(principal)),
      certificates: given.map(({ document, digest }) => ({
        document: textOf(document),
        digest: hex(decodeBase64url(digest)!),
      })),
      revocations: [await sellerList(), revoked].map((document, i) => ({
        document: textOf(document),
        of: hex(decodeBase64url(seller.digest)!),
        revokes: i === 1,
      })),
    };
  },
};

function council(): Principal {
  return { members: people.council().map(({ publicKey }) => publicKey), threshold: 2 };
}

function named(principal: Principal) {
  return {
    principal,
    digest: hex(principalDigest(principal)),
    name: hex(ledgerName(principal)),
    fingerprint: principalFingerprint(principal),
  };
}
