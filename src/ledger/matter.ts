import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';
import { canonicalBytes } from '../documents/json.ts';

/** The matter of terms that name none: their subject, without regard to case, width of characters, or spacing. */
export function normaliseMatter(subject: string): string {
  return subject.normalize('NFKC').toLowerCase().normalize('NFKC').replace(/\s+/gu, ' ').trim();
}

/**
 * Digest (32 bytes) of all in completed terms that an outcome can depend on: everything but nonce and deadline, so that a
 * negotiation that was cut off can be finished under terms made anew.
 */
export function questionDigest(terms: object): Uint8Array {
  const { nonce: _nonce, expires: _expires, ...rest } = terms as Record<string, unknown>;
  return hash(tags.ledgerQuestion, canonicalBytes(rest));
}
