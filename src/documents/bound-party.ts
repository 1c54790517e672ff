import * as z from 'zod';
import { VerificationError } from '../errors.ts';
import { exactMembers } from '../paillier/json.ts';
import { readArbiterCard } from './arbiter-card.ts';
import type { ArbiterTerms } from './arbiter-terms.ts';
import { recordOf } from './collections.ts';
import {
  type Delegation,
  type DelegationDocuments,
  principalFingerprint,
  readDelegation,
  requireCovered,
  type SignedDelegation,
} from './delegation.ts';
import { sameKey, thumbprint } from './identity.ts';
import { jwsSchema } from './jws.ts';
import { neutralityFault } from './neutral.ts';
import { asMembers, type Principal } from './principal.ts';
import type { PublicJwk, Terms } from './terms.ts';

/** The principal whom the signature of a party binds, by a mandate certificate. */
export interface VerifiedDelegation {
  readonly principal: Principal;
  /** What the principal is pinned by, 43 characters. */
  readonly fingerprint: string;
  /** Digest of the certificate, base64url of 32 bytes. */
  readonly certificate: string;
  /** Fingerprints of the keys that have signed the certificate. */
  readonly signedBy: readonly string[];
  /** When the certificate ends: UTC. */
  readonly expires: string;
  /**
   * `witnessed`: a log's witnesses show that the delegate had signed before the certificate ended, and before they had seen a list that revokes it. `claimed`: nothing shows it, so a dismissed delegate may have signed
   * afterwards, if the other side has helped it.
   */
  readonly mandate: 'claimed' | 'witnessed';
  /** By when the certificate had been revoked, by what a list of its principal says that the verifier has. That undoes nothing that was signed before. */
  readonly revoked?: string;
}

/** The member `mandates` of agreements. */
export const delegationsSchema: z.ZodType<Record<string, SignedDelegation>> = recordOf(
  z.strictObject({ certificate: jwsSchema, revocations: jwsSchema.exactOptional() }),
);

/** What documents hold of the delegations that the terms name, by role. */
export type SignedDelegations = Readonly<Record<string, SignedDelegation>>;

/** Delegations by role. */
export type Delegations = ReadonlyMap<string, Delegation>;

/**
 * The delegations of the roles for which the terms name a certificate, from those that a document holds. Each must be the one that is named, and cover the terms. Throws VerificationError
 * `ERR_DELEGATION_FORMAT`, `ERR_DELEGATION_SIGNATURE`, `ERR_DELEGATION_SCOPE`, `ERR_DELEGATION_EXPIRED` or `ERR_DELEGATION_REVOKED`.
 */
export function verifyDelegations(
  terms: Terms,
  given: Readonly<Record<string, DelegationDocuments>> | undefined,
): Delegations {
  const named = Object.entries(terms.mandates ?? {});
  const roles = named.map(([role]) => role);
  if (roles.length === 0 ? given !== undefined : exactMembers(given, ...roles) === undefined) {
    throw otherThanNamed();
  }
  const delegations = new Map(
    named.map(([role, digest]) => {
      const delegation = readDelegation(given![role]!);
      if (delegation.digest !== digest) throw otherThanNamed();
      return [role, delegation] as const;
    }),
  );
  requireAllCovered(terms, delegations);
  return delegations;
}

/** The same for a document that holds no certificates, such as an engagement: from whatever the verifier has. A role whose certificate is not among it has none. */
export function findDelegations(terms: Terms, given: readonly DelegationDocuments[]): Delegations {
  const read = given.map(readDelegation);
  const found = new Map(
    Object.entries(terms.mandates ?? {}).flatMap(([role, digest]) => {
      const delegation = read.find((one) => one.digest === digest);
      return delegation === undefined ? [] : [[role, delegation] as const];
    }),
  );
  requireAllCovered(terms, found);
  return found;
}

/**
 * Whether each delegation binds its principal to these terms, the two parties do not bind one and the same, and no principal judges, ratifies or witnesses where only others may. Whom a party binds is not compared while its certificate is missing. Throws
 * VerificationError `ERR_DELEGATION_SCOPE`, `ERR_DELEGATION_EXPIRED` or `ERR_DELEGATION_REVOKED`.
 */
export function requireAllCovered(terms: Terms, delegations: Delegations): void {
  for (const [role, delegation] of delegations) {
    const peerRole = Object.keys(terms.parties).find((name) => name !== role)!;
    requireCovered(delegation, { terms, role, peer: fingerprintOf(terms, peerRole, delegations) });
  }
  if (terms.arbiter !== undefined) requireNoSideAsArbiter(terms.arbiter.card, delegations);
  const bound = Object.keys(terms.parties).map((role) => fingerprintOf(terms, role, delegations));
  if (bound[0] !== undefined && bound[0] === bound[1]) {
    throw new VerificationError('ERR_DELEGATION_SCOPE', 'both parties act for one principal');
  }
  const principals = new Map(
    [...delegations].map(([role, { certificate }]) => [role, certificate.principal]),
  );
  const fault = neutralityFault(terms, principals);
  if (fault !== undefined) throw new VerificationError('ERR_DELEGATION_SCOPE', fault);
}

/** A principal would decide between itself and the other side: none of its keys may be the arbiter's. */
function requireNoSideAsArbiter(card: ArbiterTerms['card'], delegations: Delegations): void {
  const arbiter = readArbiterCard(card).key;
  for (const { certificate } of delegations.values()) {
    if (!asMembers(certificate.principal).members.some((key) => sameKey(key, arbiter))) continue;
    throw new VerificationError('ERR_DELEGATION_SCOPE', 'the arbiter is somebody for whom a party acts');
  }
}

/** Fingerprint of whom a role binds; undefined if that is not known, because its certificate is not there. */
export function fingerprintOf(terms: Terms, role: string, delegations: Delegations): string | undefined {
  if (terms.mandates?.[role] === undefined) return thumbprint(terms.parties[role]!);
  const delegation = delegations.get(role);
  return delegation && principalFingerprint(delegation.certificate.principal);
}

/** The fingerprint that a pin stands for: of a key, of a principal of several, or the text itself. */
export function pinFingerprint(pin: PublicJwk | Principal | string): string {
  return typeof pin === 'string' ? pin : principalFingerprint(pin);
}

/** What is reported of a delegation. */
export function verifiedDelegation(
  { certificate, digest, signedBy }: Delegation,
  status: Pick<VerifiedDelegation, 'mandate' | 'revoked'>,
): VerifiedDelegation {
  const { principal, expires } = certificate;
  const fingerprint = principalFingerprint(principal);
  return { principal, fingerprint, certificate: digest, signedBy, expires, ...status };
}

function otherThanNamed(): VerificationError {
  return new VerificationError(
    'ERR_DELEGATION_FORMAT',
    'it does not have the mandate certificates that its terms name',
  );
}
