import * as z from 'zod';
import { VerificationError } from '../errors.ts';
import { exactMembers } from '../paillier/json.ts';
import {
  encodeSession,
  type SealsByRole,
  sessionSchema,
  type VerifiedParty,
  type VerifyOptions,
  verifyFingerprints,
  verifyParties,
  verifyTerms,
} from './agreement.ts';
import { withoutCard } from './arbiter-terms.ts';
import { findDelegations } from './bound-party.ts';
import { recordOf } from './collections.ts';
import { type DocumentForm, defineDocument } from './define.ts';
import { type Fair, fairSchema, isFairFor } from './fair.ts';
import { type Fingerprints, fingerprintsAsJson, fingerprintsSchema } from './fingerprints.ts';
import { encodeBase64url } from './json.ts';
import { type GeneralJws, MAX_JWS_LENGTH, type SignableDocument, serializeJws, typeOf } from './jws.ts';
import type { PublicJwk, Terms } from './terms.ts';
import { documentTypes } from './types.ts';
import { firstUnsafe } from './values.ts';

/**
 * One party's signature, made before the outcome is opened, that it will be bound by the outcome. It holds the
 * complete terms, so that it proves by itself what that party bound itself to.
 */
export type Engagement = GeneralJws;

/** What one party signs before it releases its share of the outcome. */
export interface EngagementBody {
  readonly terms: Terms;
  /** Digest of the session, 32 bytes; the agreement would hold the same. */
  readonly session: Uint8Array;
  /** The role of the party that signs. */
  readonly party: string;
  /** What each party sealed, by role, where the terms have seals. */
  readonly seals?: SealsByRole | undefined;
  /** With the fingerprint of what this party entered, where the seals have commitments. */
  readonly fingerprints?: Fingerprints | undefined;
  /** Where the terms name an arbiter. */
  readonly fair?: Fair | undefined;
}

export interface VerifiedEngagement {
  readonly terms: Terms;
  /** Session digest, base64url. */
  readonly session: string;
  /** Digests of both parties' seals, base64url, by role, where the terms have seals. */
  readonly seals: Readonly<Record<string, string>> | undefined;
  /** The signing party's fingerprint of what it entered, where the seals have commitments. */
  readonly fingerprints: Fingerprints | undefined;
  /** Where the terms name an arbiter. */
  readonly fair: Fair | undefined;
  /** The role of the party that signed. */
  readonly role: string;
  readonly party: VerifiedParty;
}

const STATEMENT = 'bound by the outcome of this session';

export const engagementSchema = z.strictObject({
  parley: z.literal(1),
  terms: z.looseObject({ rule: z.looseObject({ name: z.string() }) }),
  session: sessionSchema,
  party: z.string(),
  seals: recordOf(sessionSchema).exactOptional(),
  fingerprints: fingerprintsSchema.exactOptional(),
  fair: fairSchema.exactOptional(),
  statement: z.literal(STATEMENT),
});

type Payload = z.infer<typeof engagementSchema>;

/** Its signer's key stands in its terms. */
export const engagementForm: DocumentForm<Payload, PublicJwk> = {
  type: documentTypes.engagement,
  what: 'an engagement',
  schema: engagementSchema,
  limit: MAX_JWS_LENGTH,
  signers: (_, key) => [key],
};
const engagements = defineDocument(engagementForm);

/** The document that one party signs. The other side builds the same document to check the signature. */
export function engagementDocument(body: EngagementBody): SignableDocument {
  const { terms, party, seals, fingerprints, fair } = body;
  const session = encodeSession(body.session);
  const digests =
    seals &&
    Object.fromEntries(Object.entries(seals).map(([role, seal]) => [role, encodeBase64url(seal.digest())]));
  return engagements.document({
    parley: 1,
    terms: { ...terms },
    session,
    party,
    ...(digests !== undefined && { seals: digests }),
    ...(fingerprints !== undefined && { fingerprints: fingerprintsAsJson(fingerprints, [party]) }),
    ...(fair !== undefined && { fair }),
    statement: STATEMENT,
  });
}

/** An engagement's canonical bytes: RFC 8785, then a newline. */
export function serializeEngagement(engagement: Engagement): Uint8Array {
  return serializeJws(engagement);
}

/** Whether a document says that it is an engagement. Looks at the first header only; verifies nothing. */
export function isEngagement(document: Uint8Array | string | object): boolean {
  return typeOf(document) === documentTypes.engagement;
}

/** Verifies a saved engagement as strictly as an agreement. Throws VerificationError with the same codes. */
export async function verifyEngagementUnder(
  engagement: Uint8Array | string | Engagement,
  options: VerifyOptions,
): Promise<VerifiedEngagement> {
  const read = engagements.read(engagement);
  const parsed = read.payload;
  if (!isPlainEngagement(parsed)) {
    throw new VerificationError('ERR_AGREEMENT_FORMAT', 'the engagement has text that is not plain');
  }
  const { terms: rawTerms, session, party: role, seals, fair } = parsed;
  const { terms, rule, bound } = verifyTerms(rawTerms, options.rules);
  if (!rule.roles.includes(role)) {
    throw new VerificationError('ERR_AGREEMENT_PARTIES', 'the signed role is none of the rule');
  }
  const sealed = seals !== undefined && exactMembers(seals, ...rule.roles) !== undefined;
  if (terms.seals === 'none' ? seals !== undefined : !sealed) {
    throw new VerificationError('ERR_AGREEMENT_SEALS', 'it does not name the seals that its terms ask for');
  }
  const fingerprints = verifyFingerprints(terms, bound, parsed.fingerprints, [role]);
  const named = fair !== undefined && isFairFor(fair, rule.roles, parsed.fingerprints?.values);
  if (terms.arbiter === undefined ? fair !== undefined : !named) {
    throw new VerificationError(
      'ERR_AGREEMENT_ESCROWS',
      'it does not name the escrows that its terms ask for',
    );
  }
  engagements.check(read, terms.parties[role]!);
  const delegations = findDelegations(terms, options.delegations ?? []);
  const known = { ...options, document: read.jws, signer: role };
  const parties = verifyParties(terms, rule.roles, delegations, known);
  return { terms, session, seals, fingerprints, fair, role, party: parties[role]! };
}

/** Whether all text in an engagement is plain. */
export function isPlainEngagement(payload: Payload): boolean {
  return firstUnsafe({ ...payload, terms: withoutCard(payload.terms) }) === undefined;
}
