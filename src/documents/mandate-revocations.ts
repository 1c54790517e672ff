import * as z from 'zod';
import { loadSodium } from '../crypto/sodium.ts';
import { InputError, isParleyError, VerificationError } from '../errors.ts';
import { cosign } from './cosign.ts';
import { defineDocument, type ReadDocument } from './define.ts';
import type { Identity } from './identity.ts';
import type { GeneralJws } from './jws.ts';
import {
  delegationCodes,
  MAX_CERTIFICATE,
  type MandateCertificate,
  requireReadable,
} from './mandate-certificate.ts';
import { bytesOf, timeMember } from './members.ts';
import { asMembers, type Principal, principalSchema, samePrincipal } from './principal.ts';
import { documentTypes } from './types.ts';

/** Which of its certificates a principal has revoked. */
export interface MandateRevocations {
  readonly principal: Principal;
  /** When the list was made, and when there will be another one at the latest: UTC, in whole seconds. */
  readonly asOf: string;
  readonly next: string;
  /** Digests of the revoked certificates (`mandateCertificateDigest`). */
  readonly certificates: readonly string[];
}

/** A list whose signatures hold. */
export interface ReadMandateRevocations {
  readonly revocations: MandateRevocations;
  readonly document: GeneralJws;
}

/** The most certificates in a list. */
const MAX_REVOKED = 1_000;

const payloadSchema = z
  .strictObject({
    parley: z.literal(1),
    principal: principalSchema,
    asOf: timeMember,
    next: timeMember,
    certificates: z.array(bytesOf(32)).max(MAX_REVOKED),
  })
  .refine(({ asOf, next }) => Date.parse(asOf) < Date.parse(next));

type Payload = z.infer<typeof payloadSchema>;

const form = {
  type: documentTypes.mandateRevocations,
  what: 'the list of revocations',
  limit: MAX_CERTIFICATE,
  codes: delegationCodes,
  schema: payloadSchema,
};
/** Signed by its principal. */
const ofPrincipal = defineDocument({ ...form, signers: ({ principal }) => asMembers(principal) });
/** Signed by any one of these keys. */
const ofRevokers = defineDocument<Payload, NonNullable<MandateCertificate['revokers']>>({
  ...form,
  signers: (_, revokers) => ({ members: revokers, threshold: 1 }),
});

/**
 * Reads a list of revocations that belongs to a certificate: of the same principal, and signed by it or by one of the certificate's revokers. Throws VerificationError
 * `ERR_DELEGATION_FORMAT` or `ERR_DELEGATION_SIGNATURE`. Needs `loadSodium`.
 */
export function readMandateRevocations(
  document: Uint8Array | string | object,
  { principal, revokers }: MandateCertificate,
): ReadMandateRevocations {
  const read = ofPrincipal.read(document);
  if (!samePrincipal(read.payload.principal, principal)) {
    throw new VerificationError(
      'ERR_DELEGATION_SIGNATURE',
      'the list of revocations is of another principal',
    );
  }
  if (revokers === undefined || !isBy(read, revokers)) ofPrincipal.check(read);
  const { parley: _, ...revocations } = read.payload;
  return { revocations, document: read.jws };
}

/**
 * A list signed by its principal, by the first of its members (`cosignMandateRevocations` adds the others), or by a revoker: whoever reads it decides whose signature counts. Throws InputError
 * `ERR_USAGE` for what is no list.
 */
export async function signMandateRevocations(
  revocations: MandateRevocations,
  identity: Identity,
): Promise<GeneralJws> {
  await loadSodium();
  const { data: payload } = payloadSchema.safeParse({ parley: 1, ...revocations });
  if (payload === undefined) {
    throw new InputError('ERR_USAGE', 'this is no list of revocations', {
      hint: `a list has a principal, asOf, a later next, and at most ${MAX_REVOKED} digests of certificates`,
    });
  }
  const document = ofPrincipal.assemble(payload, await ofPrincipal.sign(payload, identity));
  requireReadable(document, payload.principal, identity);
  return document;
}

/** A list with one member's signature more. Throws VerificationError `ERR_DELEGATION_FORMAT` or `ERR_DELEGATION_SIGNATURE`, InputError `ERR_USAGE`. */
export async function cosignMandateRevocations(
  document: Uint8Array | string | object,
  identity: Identity,
): Promise<GeneralJws> {
  await loadSodium();
  const read = ofPrincipal.read(document);
  return cosign(ofPrincipal, read, read.payload.principal, identity);
}

/** What a list says, by itself: whose list it is, and whether those who have signed may sign it, is not checked. Throws VerificationError `ERR_DELEGATION_FORMAT`. */
export function openMandateRevocations(document: Uint8Array | string | object): MandateRevocations {
  const { parley: _, ...revocations } = ofPrincipal.read(document).payload;
  return revocations;
}

function isBy(read: ReadDocument<Payload>, revokers: NonNullable<MandateCertificate['revokers']>): boolean {
  try {
    ofRevokers.check(read, revokers);
    return true;
  } catch (error) {
    if (isParleyError(error)) return false;
    throw error;
  }
}
