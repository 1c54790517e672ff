import { isPublicKey } from '../crypto/ed25519.ts';
import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';
import { VerificationError } from '../errors.ts';
import { rawPublicKey, sameKey, thumbprint } from './identity.ts';
import { encodeBase64url } from './json.ts';
import { type GeneralJws, serializeJws } from './jws.ts';
import { type MandateCertificate, readMandateCertificate } from './mandate-certificate.ts';
import { type MandateRevocations, readMandateRevocations } from './mandate-revocations.ts';
import { notCovered } from './mandate-scope.ts';
import { asMembers, type Principal, principalDigest } from './principal.ts';
import { formatTime, type PublicJwk, type Terms } from './terms.ts';

/** The documents by which a delegate shows for whom it acts. */
export interface DelegationDocuments {
  /** The mandate certificate: in its one byte form, or parsed. */
  readonly certificate: Uint8Array | string | object;
  /** The latest list of revocations of the certificate's principal, where there is one. */
  readonly revocations?: Uint8Array | string | object | undefined;
}

/** A mandate certificate whose signatures hold, and the list of revocations that came with it. Neither has been compared with terms or with a clock. */
export interface Delegation {
  readonly certificate: MandateCertificate;
  /** Digest of what the certificate says, base64url of 32 bytes: terms and lists of revocations name it by that. */
  readonly digest: string;
  /** Fingerprints of the keys that have signed the certificate. */
  readonly signedBy: readonly string[];
  readonly revocations: MandateRevocations | undefined;
  readonly documents: SignedDelegation;
}

/** Both documents as agreements hold them. */
export interface SignedDelegation {
  readonly certificate: GeneralJws;
  readonly revocations?: GeneralJws;
}

/** Milliseconds after which a list of revocations shows nothing any more. */
const FRESH = 86_400_000;
/** Milliseconds by which the clocks of those who sign and of those who check may differ. */
const CLOCK_SKEW = 120_000;

/** Reads both documents and checks their signatures. Throws VerificationError `ERR_DELEGATION_FORMAT` or `ERR_DELEGATION_SIGNATURE`. */
export function readDelegation({ certificate, revocations }: DelegationDocuments): Delegation {
  const read = readMandateCertificate(certificate);
  const list = revocations === undefined ? undefined : readMandateRevocations(revocations, read.certificate);
  return {
    certificate: read.certificate,
    digest: read.digest,
    signedBy: read.signedBy.map(thumbprint),
    revocations: list?.revocations,
    documents: {
      certificate: read.document,
      ...(list !== undefined && { revocations: list.document }),
    },
  };
}

/** The bytes of both documents as they travel; none for a list that there is not. */
export function delegationBytes({ documents: { certificate, revocations } }: Delegation): {
  readonly certificate: Uint8Array;
  readonly revocations: Uint8Array;
} {
  return {
    certificate: serializeJws(certificate),
    revocations: revocations === undefined ? new Uint8Array(0) : serializeJws(revocations),
  };
}

/** What people and policies know a principal by, 43 characters: the thumbprint of its key, or the name of its members and their number. */
export function principalFingerprint(principal: Principal): string {
  const only = onlyKey(principal);
  return only === undefined ? encodeBase64url(ledgerName(principal)) : thumbprint(only);
}

/**
 * The name under which a ledger counts what is disclosed to a principal, 32 bytes. A principal of one key is counted like that key itself. One of several has the digest of them, hashed on until it is no
 * key, so that names of the two kinds can be told apart. Needs `loadSodium`.
 */
export function ledgerName(principal: Principal): Uint8Array {
  const only = onlyKey(principal);
  if (only !== undefined) return rawPublicKey(only);
  let name = principalDigest(principal);
  while (isPublicKey(name)) name = hash(tags.principalName, name);
  return name;
}

/** What a delegation is compared with. */
export interface Represented {
  readonly terms: Terms;
  /** The delegate's role. */
  readonly role: string;
  /** Fingerprint of the other side's principal, or of its key where it acts for itself; undefined as long as its certificate has not come. */
  readonly peer: string | undefined;
}

/**
 * Whether a delegation binds its principal to these terms, at any time: the delegate is their party, the scope covers them, they expire in time, and the list of revocations does not
 * have the certificate. Throws VerificationError `ERR_DELEGATION_SCOPE`, `ERR_DELEGATION_EXPIRED` or `ERR_DELEGATION_REVOKED`.
 */
export function requireCovered(
  { certificate, digest, revocations }: Delegation,
  { terms, role, peer }: Represented,
): void {
  const key = terms.parties[role];
  if (key === undefined || !sameKey(key, certificate.delegate)) {
    throw outside('the mandate certificate is for another key than that of its party');
  }
  const fault = notCovered(certificate.scope, { terms, role, peer });
  if (fault !== undefined) throw outside(`the mandate certificate does not allow ${fault}`);
  const [begins, ends, deadline] = [certificate.notBefore, certificate.expires, terms.expires].map((time) =>
    Date.parse(time),
  ) as [number, number, number];
  if (deadline > ends) {
    throw expired(`the mandate certificate ends at ${certificate.expires}, before the deadline of the terms`);
  }
  if (deadline <= begins) throw expired(`the mandate certificate begins only at ${certificate.notBefore}`);
  if (certificate.revokers !== undefined && revocations === undefined) throw unlisted();
  if (revocations?.certificates.includes(digest) === true) {
    throw revoked(`the mandate certificate was revoked by ${revocations.asOf}`);
  }
}

/**
 * Whether a delegation is in force now, by this machine's clock: its certificate has begun, and its list of revocations, where it has one, is fresh. With `listed` it has to have one.
 * Throws VerificationError `ERR_DELEGATION_EXPIRED` or `ERR_DELEGATION_REVOKED`.
 */
export function requireCurrent(
  { certificate, revocations }: Delegation,
  { now = Date.now(), listed = false }: { readonly now?: number; readonly listed?: boolean } = {},
): void {
  if (Date.parse(certificate.notBefore) > now + CLOCK_SKEW) {
    throw expired(
      `the mandate certificate begins only at ${certificate.notBefore}; by this clock it is ${formatTime(now)}`,
    );
  }
  if (Date.parse(certificate.expires) < now) {
    throw expired(`the mandate certificate ended at ${certificate.expires}`);
  }
  if (revocations === undefined) {
    if (listed) throw unlisted();
    return;
  }
  const asOf = Date.parse(revocations.asOf);
  if (asOf > now + CLOCK_SKEW)
    throw revoked(`the list of revocations is of ${revocations.asOf}, which is yet to come`);
  if (now > asOf + FRESH || now > Date.parse(revocations.next) + CLOCK_SKEW) {
    throw revoked(`the list of revocations is of ${revocations.asOf}, which is too long ago`);
  }
}

/** The key of a principal that has only one. */
function onlyKey(principal: Principal): PublicJwk | undefined {
  const [only, ...more] = asMembers(principal).members;
  return more.length === 0 ? only : undefined;
}

function outside(message: string): VerificationError {
  return new VerificationError('ERR_DELEGATION_SCOPE', message);
}

function expired(message: string): VerificationError {
  return new VerificationError('ERR_DELEGATION_EXPIRED', message);
}

function revoked(message: string): VerificationError {
  return new VerificationError('ERR_DELEGATION_REVOKED', message);
}

function unlisted(): VerificationError {
  return revoked(
    'nothing shows that the mandate certificate has not been revoked: the list of revocations is missing',
  );
}
