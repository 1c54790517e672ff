import * as z from 'zod';
import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';
import { exactMembers } from '../paillier/json.ts';
import { recordOf } from './collections.ts';
import { canonicalBytes } from './json.ts';
import { bytesOf, timeMember } from './members.ts';

/** What both engagements say where the terms name an arbiter. Digests are 32 bytes in base64url. */
export interface Fair {
  /** The digests of both escrows' records, by role. */
  readonly escrows: Readonly<Record<string, string>>;
  /** Both parties' fingerprints of what they entered, 16 bytes each by role, where seals have commitments: whoever engages late cannot choose another one. */
  readonly fingerprints?: Readonly<Record<string, string>>;
  /** The commitment to the masked outcome. */
  readonly masked: string;
  /** Until when the arbiter takes complaints: UTC, in whole seconds. */
  readonly complainBy: string;
}

export const fairSchema: z.ZodType<Fair> = z.strictObject({
  escrows: recordOf(bytesOf(32)),
  fingerprints: recordOf(bytesOf(16)).exactOptional(),
  masked: bytesOf(32),
  complainBy: timeMember,
});

/**
 * Whether it names an escrow for each of these roles, and no other, and the same fingerprints as the rest of the engagement: both parties', and among them the
 * signer's `own`, which has one member; or none.
 */
export function isFairFor(
  { escrows, fingerprints }: Fair,
  roles: readonly string[],
  own: Readonly<Record<string, string>> | undefined,
): boolean {
  if (exactMembers(escrows, ...roles) === undefined) return false;
  if (own === undefined || fingerprints === undefined) return own === fingerprints;
  const entries = Object.entries(own);
  return (
    exactMembers(fingerprints, ...roles) !== undefined &&
    entries.every(([role, value]) => fingerprints[role] === value)
  );
}

/** What an arbiter decides about, once. */
export interface CaseMembers {
  /** Digest of the terms, 32 bytes. */
  readonly terms: Uint8Array;
  /** Digest of the session, 32 bytes. */
  readonly session: Uint8Array;
  readonly fair: Fair;
}

/** The case of two engagements, 32 bytes. It depends on all that both have signed, so that nobody can take another's case. */
export function caseOf({ terms, session, fair }: CaseMembers): Uint8Array {
  return hash(tags.escrowCase, terms, session, canonicalBytes(fair));
}
