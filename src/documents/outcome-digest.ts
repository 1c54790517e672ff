import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';
import type { VerifiedAgreement } from './agreement.ts';
import { canonicalBytes, decodeBase64url } from './json.ts';
import { termsDigest } from './terms.ts';

/**
 * What statements about an outcome name it by, 32 bytes: terms, session and outcome. It is the same for an agreement that both have signed and for an outcome that is
 * proved in another way.
 */
export function outcomeDigest({
  terms,
  session,
  outcome,
}: Pick<VerifiedAgreement, 'terms' | 'session' | 'outcome'>): Uint8Array {
  return hash(tags.outcomeDigest, termsDigest(terms), decodeBase64url(session)!, canonicalBytes(outcome));
}
