import * as z from 'zod';
import { hash } from '../crypto/hash.ts';
import { loadSodium } from '../crypto/sodium.ts';
import { tags } from '../crypto/tags.ts';
import { InputError } from '../errors.ts';
import { cosign } from './cosign.ts';
import { defineDocument } from './define.ts';
import { type Identity, sameKey } from './identity.ts';
import { canonicalBytes, encodeBase64url } from './json.ts';
import { type GeneralJws, serializeJws } from './jws.ts';
import { type MandateScope, scopeSchema } from './mandate-scope.ts';
import { keyMember, timeMember } from './members.ts';
import { asMembers, type Principal, principalSchema } from './principal.ts';
import type { DocumentCodes } from './signatures.ts';
import type { PublicJwk } from './terms.ts';
import { memberText } from './text.ts';
import { documentTypes } from './types.ts';
import { firstUnsafe } from './values.ts';

/** What a principal certifies of a delegate: for whom it acts, within which bounds, and for how long. All of it is public; the limit is not in it. */
export interface MandateCertificate {
  /** Who is bound by what the delegate signs: one key, or members of whom so many have to sign. */
  readonly principal: Principal;
  /** The key with which the delegate takes part: the terms name it as a party. */
  readonly delegate: PublicJwk;
  readonly scope: MandateScope;
  /** UTC, in whole seconds. Terms must expire by `expires`. */
  readonly notBefore: string;
  readonly expires: string;
  /** Tells this certificate from others that say the same. */
  readonly serial: string;
  /**
   * Keys, none of them the delegate's, each of which may revoke for the principal. With this member, every session asks for a fresh list of revocations. A revoker also vouches: a fresh list of any one of them that does not
   * name the certificate is enough, whatever others have revoked.
   */
  readonly revokers?: readonly PublicJwk[];
}

/** A certificate whose signatures hold. */
export interface ReadMandateCertificate {
  readonly certificate: MandateCertificate;
  readonly digest: string;
  /** The keys that have signed it. */
  readonly signedBy: readonly PublicJwk[];
  readonly document: GeneralJws;
}

/** The most bytes of a certificate, and of a list of revocations. */
export const MAX_CERTIFICATE = 64 << 10;
const MAX_REVOKERS = 16;

/** The errors of both documents. */
export const delegationCodes: DocumentCodes = {
  format: 'ERR_DELEGATION_FORMAT',
  signers: 'ERR_DELEGATION_SIGNATURE',
  signature: 'ERR_DELEGATION_SIGNATURE',
};

const payloadSchema = z
  .strictObject({
    parley: z.literal(1),
    principal: principalSchema,
    delegate: keyMember,
    scope: scopeSchema,
    notBefore: timeMember,
    expires: timeMember,
    serial: z.string().min(1).max(64),
    revokers: z
      .array(keyMember)
      .min(1)
      .max(MAX_REVOKERS)
      .refine((keys) => new Set(keys.map(({ x }) => x)).size === keys.length)
      .exactOptional(),
  })
  .refine(({ notBefore, expires }) => Date.parse(notBefore) < Date.parse(expires))
  .refine(({ delegate, revokers = [] }) => !revokers.some((key) => sameKey(key, delegate)))
  .refine((payload) => firstUnsafe(payload) === undefined);

const certificates = defineDocument({
  type: documentTypes.mandateCertificate,
  what: 'the mandate certificate',
  limit: MAX_CERTIFICATE,
  codes: delegationCodes,
  schema: payloadSchema,
  signers: ({ principal }) => asMembers(principal),
});

/** Digest of what a certificate says, base64url of 32 bytes. It does not depend on who of the members has signed: one revocation is for all of them. */
export function mandateCertificateDigest(certificate: MandateCertificate): string {
  return encodeBase64url(hash(tags.mandateCertificate, canonicalBytes({ parley: 1, ...certificate })));
}

/** Reads a certificate, and checks the signatures of its principal. Throws VerificationError `ERR_DELEGATION_FORMAT` or `ERR_DELEGATION_SIGNATURE`. Needs `loadSodium`. */
export function readMandateCertificate(document: Uint8Array | string | object): ReadMandateCertificate {
  const read = certificates.read(document);
  certificates.check(read);
  const { parley: _, ...certificate } = read.payload;
  return {
    certificate,
    digest: mandateCertificateDigest(certificate),
    signedBy: certificates.signedBy(read),
    document: read.jws,
  };
}

/**
 * A certificate signed by its principal, or by the first of its members: `cosignMandateCertificate` adds the others. Throws InputError `ERR_USAGE` for what cannot be certified, and for a key that is
 * not the principal's.
 */
export async function signMandateCertificate(
  certificate: MandateCertificate,
  identity: Identity,
): Promise<GeneralJws> {
  await loadSodium();
  const { data: payload, error } = payloadSchema.safeParse({ parley: 1, ...certificate });
  if (payload === undefined) {
    throw new InputError('ERR_USAGE', `this cannot be certified: ${faultIn(error)}`, {
      hint: 'a certificate has a principal, a delegate, a scope, notBefore, expires and a serial',
    });
  }
  const unsigned = { payload, jws: certificates.assemble(payload) };
  const document = await cosign(certificates, unsigned, payload.principal, identity);
  requireReadable(document, payload.principal, identity);
  return document;
}

/** Throws InputError `ERR_USAGE` for a document that nobody would read, because it is too long or will be once all members have signed who have to. It has its first signature, by `publicKey`. */
export function requireReadable(
  document: GeneralJws,
  principal: Principal,
  { publicKey }: Pick<Identity, 'publicKey'>,
): void {
  const { members, threshold } = asMembers(principal);
  const lacking = members.some((key) => sameKey(key, publicKey)) ? threshold - 1 : 0;
  const one = canonicalBytes(document.signatures[0]!).length + 1;
  if (serializeJws(document).length + lacking * one <= MAX_CERTIFICATE) return;
  throw new InputError('ERR_USAGE', `with its signatures this has more than ${MAX_CERTIFICATE} bytes`, {
    hint: 'a list can leave out certificates that have ended; a certificate can have a shorter scope',
  });
}

/** A certificate with one member's signature more. Throws VerificationError `ERR_DELEGATION_FORMAT` or `ERR_DELEGATION_SIGNATURE`, InputError `ERR_USAGE`. */
export async function cosignMandateCertificate(
  document: Uint8Array | string | object,
  identity: Identity,
): Promise<GeneralJws> {
  await loadSodium();
  const read = certificates.read(document);
  return cosign(certificates, read, read.payload.principal, identity);
}

/** The first fault that a schema has found, with its place. */
function faultIn({ issues: [issue] }: z.ZodError): string {
  const path = issue?.path.map((member) => memberText(String(member))).join('.') ?? '';
  return path === ''
    ? 'a member is missing or unknown, or two contradict each other'
    : `${path} is missing or not valid`;
}
