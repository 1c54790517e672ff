import { type DelegationDocuments, readDelegation } from '../../src/documents/delegation.ts';
import { generateIdentity, type Identity } from '../../src/documents/identity.ts';
import type { GeneralJws } from '../../src/documents/jws.ts';
import { serializeJws } from '../../src/documents/jws.ts';
import {
  cosignMandateCertificate,
  type MandateCertificate,
  signMandateCertificate,
} from '../../src/documents/mandate-certificate.ts';
import { type MandateRevocations, signMandateRevocations } from '../../src/documents/mandate-revocations.ts';
import type { MandateScope } from '../../src/documents/mandate-scope.ts';
import type { Principal } from '../../src/documents/principal.ts';
import { formatTime } from '../../src/documents/terms.ts';
import { testRandom } from './channels.ts';
import { buyer, seller } from './sessions.ts';

/** Keys of people for whom the seller and the buyer of `sessions.ts` act. */
export const people = [41, 42, 43].map((seed) => generateIdentity(testRandom(seed)));
export const [alice, bela, cleo] = people as [
  (typeof people)[number],
  (typeof people)[number],
  (typeof people)[number],
];
/** Two of the three. */
export const council: Principal = { members: people.map(({ publicKey }) => publicKey), threshold: 2 };

/** Covers `splitTerms`. */
export const scope: MandateScope = {
  rules: ['split'],
  roles: ['seller', 'buyer'],
  minimumSecurity: 'semi-honest',
  seals: 'none',
  unit: 'USD',
  decimals: 0,
  min: '0',
  max: '1000',
};

export const HOUR = 3_600_000;
/** A time so many hours from now. */
export const inHours = (hours: number): string => formatTime(Date.now() + hours * HOUR);

/** A certificate of the seller's key, of one principal. */
export function certificateOf(changes: Partial<MandateCertificate> = {}): MandateCertificate {
  return {
    principal: alice.publicKey,
    delegate: seller.publicKey,
    scope,
    notBefore: '2026-01-01T00:00:00Z',
    expires: '2999-01-01T00:00:00Z',
    serial: '1',
    ...changes,
  };
}

export const buyerCertificate = (changes: Partial<MandateCertificate> = {}): MandateCertificate =>
  certificateOf({ principal: bela.publicKey, delegate: buyer.publicKey, ...changes });

/** A certificate signed by these keys, each in its turn. */
export async function certify(
  certificate: MandateCertificate,
  ...signers: readonly Identity[]
): Promise<GeneralJws> {
  const [first, ...others] = signers.length === 0 ? [alice] : signers;
  let document = await signMandateCertificate(certificate, first!);
  for (const other of others) document = await cosignMandateCertificate(serializeJws(document), other);
  return document;
}

export function listFor(
  certificate: MandateCertificate,
  changes: Partial<MandateRevocations> = {},
  signer: Identity = alice,
): Promise<GeneralJws> {
  const { principal } = certificate;
  const list = { principal, asOf: inHours(-1), next: inHours(23), certificates: [], ...changes };
  return signMandateRevocations(list, signer);
}

/** What a side gives, and the digest that terms have. */
export async function delegationOf(
  certificate: MandateCertificate,
  signers: readonly Identity[] = [alice],
  revocations?: GeneralJws,
): Promise<{ readonly documents: DelegationDocuments; readonly digest: string }> {
  const documents = {
    certificate: serializeJws(await certify(certificate, ...signers)),
    ...(revocations !== undefined && { revocations: serializeJws(revocations) }),
  };
  return { documents, digest: readDelegation(documents).digest };
}
