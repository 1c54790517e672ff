import * as z from 'zod';
import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';
import { VerificationError } from '../errors.ts';
import type { ArbiterTerms } from './arbiter-terms.ts';
import { defineDocument } from './define.ts';
import { type Engagement, engagementForm, isPlainEngagement } from './engagement.ts';
import { caseOf, type Fair, isFairFor } from './fair.ts';
import { sameKey } from './identity.ts';
import { canonicalBytes, decodeBase64url } from './json.ts';
import { jwsSchema } from './jws.ts';
import { byRole, keyMember } from './members.ts';
import type { PublicJwk } from './terms.ts';

/** An engagement as its arbiter reads it: without the rule, which the arbiter need not know. */
export interface FairEngagement {
  readonly engagement: Engagement;
  /** Digest of the terms, 32 bytes. */
  readonly terms: Uint8Array;
  /** Digest of the session, 32 bytes. */
  readonly session: Uint8Array;
  /** The role of the party that signed. */
  readonly role: string;
  /** Keys of both parties by role. */
  readonly parties: Readonly<Record<string, PublicJwk>>;
  readonly arbiter: ArbiterTerms;
  readonly fair: Fair;
  /** The case that it belongs to, 32 bytes. */
  readonly case: Uint8Array;
}

/** The members of terms that concern an arbiter. */
const termsSchema = z.looseObject({
  parties: byRole(keyMember),
  arbiter: z.strictObject({ card: jwsSchema, window: z.int() }),
});

/** Whether the arbiter of these terms would find in them what it reads. */
export function isReadByArbiter(terms: object): boolean {
  return termsSchema.safeParse(terms).success;
}

const fairEngagements = defineDocument({
  ...engagementForm,
  what: 'an engagement with an arbiter',
  limit: 256 << 10,
});

/**
 * Reads an engagement under terms with an arbiter: its one form, its signature by the party that the terms name, and its case. Of the terms it reads keys and
 * arbiter only. Throws VerificationError `ERR_AGREEMENT_FORMAT`, `ERR_AGREEMENT_ESCROWS`, `ERR_AGREEMENT_PARTIES` or `ERR_AGREEMENT_SIGNATURE`.
 */
export function readFairEngagement(document: Uint8Array | string | object): FairEngagement {
  const read = fairEngagements.read(document);
  const { terms: rawTerms, session: sessionText, party: role, fair, fingerprints } = read.payload;
  if (!isPlainEngagement(read.payload)) {
    throw new VerificationError('ERR_AGREEMENT_FORMAT', 'the engagement has text that is not plain');
  }
  const named = termsSchema.safeParse(rawTerms).data;
  if (
    named === undefined ||
    fair === undefined ||
    !isFairFor(fair, Object.keys(named.parties), fingerprints?.values)
  ) {
    throw new VerificationError('ERR_AGREEMENT_ESCROWS', 'it is no engagement under terms with an arbiter');
  }
  const { parties, arbiter } = named;
  const key = Object.hasOwn(parties, role) ? parties[role] : undefined;
  const [one, other] = Object.values(parties);
  if (key === undefined || sameKey(one!, other!)) {
    throw new VerificationError(
      'ERR_AGREEMENT_PARTIES',
      'its terms do not name two parties, of which one signed it',
    );
  }
  fairEngagements.check(read, key);
  const terms = hash(tags.termsDigest, canonicalBytes(rawTerms));
  const session = decodeBase64url(sessionText)!;
  return {
    engagement: read.jws,
    terms,
    session,
    role,
    parties,
    arbiter,
    fair,
    case: caseOf({ terms, session, fair }),
  };
}
