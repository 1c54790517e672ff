import { rules as builtInRules } from '../../protocols/registry.ts';
import { loadSodium } from '../crypto/sodium.ts';
import {
  type Agreement,
  type Pins,
  type VerifiedAgreement,
  verifyAgreementUnder,
} from '../documents/agreement.ts';
import { type Delegation, type DelegationDocuments, readDelegation } from '../documents/delegation.ts';
import { type Engagement, type VerifiedEngagement, verifyEngagementUnder } from '../documents/engagement.ts';
import type { WitnessedBy } from '../documents/mandate-status.ts';
import type { RatificationRecord } from '../documents/ratified.ts';
import type { RuleForTerms } from '../documents/terms.ts';
import { verifyProvedUnder } from './proved.ts';
import { isProvedOutcome, type ProvedOutcome } from './proved-form.ts';

export interface VerifyOptions {
  /**
   * Whom the document must bind, by role: keys, principals of several keys, or the fingerprints of either; or 'unpinned' to accept anyone. A party that acts under a mandate certificate binds its
   * principal.
   */
  readonly parties: Pins;
  /** Mandate certificates and lists of revocations that the verifier has. Engagements only name their certificates; and a list may be newer than that of an agreement. */
  readonly delegations?: readonly DelegationDocuments[] | undefined;
  /** What shows by when the document existed: then it can be seen whether a mandate certificate was used in time. */
  readonly witnessed?: WitnessedBy | undefined;
  /** Further rules, looked up before the built-in ones. */
  readonly rules?: readonly RuleForTerms[] | undefined;
  /** What shows that a deal has been ratified, where the terms ask for that. */
  readonly ratified?: RatificationRecord | undefined;
}

/**
 * Verifies an agreement offline: its exact bytes (unless it is given as an object), its terms, that the rule can
 * give its outcome, both signatures, and the pinned keys. A proved outcome, which takes an agreement's place where one side stopped before it had signed, is
 * verified in the same way. Throws VerificationError with code `ERR_AGREEMENT_FORMAT`, `ERR_AGREEMENT_TERMS`, `ERR_AGREEMENT_OUTCOME`,
 * `ERR_AGREEMENT_SEALS`, `ERR_AGREEMENT_ESCROWS`, `ERR_AGREEMENT_PARTIES`, `ERR_AGREEMENT_SIGNATURE` or `ERR_DELEGATION_…`. A deal that has to be ratified verifies before it is in force:
 * `inForce` and `ratification` say how it stands.
 */
export async function verifyAgreement(
  agreement: Uint8Array | string | Agreement | ProvedOutcome,
  options: VerifyOptions,
): Promise<VerifiedAgreement> {
  await loadSodium();
  if (!isProvedOutcome(agreement)) return verifyAgreementUnder(agreement, withBuiltIn(options));
  return verifyProvedUnder(agreement, withBuiltIn(options));
}

/** Verifies an engagement that a peer left behind. Throws VerificationError with the same codes. */
export async function verifyEngagement(
  engagement: Uint8Array | string | Engagement,
  options: VerifyOptions,
): Promise<VerifiedEngagement> {
  await loadSodium();
  return verifyEngagementUnder(engagement, withBuiltIn(options));
}

/**
 * Verifies a mandate certificate, and a list of revocations where there is one: both in their one form, each with the signatures that it needs. What it allows, and whether it has ended or is revoked, is in
 * what it gives. Throws VerificationError `ERR_DELEGATION_FORMAT` or `ERR_DELEGATION_SIGNATURE`.
 */
export async function verifyDelegation(documents: DelegationDocuments): Promise<Delegation> {
  await loadSodium();
  return readDelegation(documents);
}

function withBuiltIn({ rules = [], ...options }: VerifyOptions) {
  return { ...options, rules: [...rules, ...builtInRules] };
}
