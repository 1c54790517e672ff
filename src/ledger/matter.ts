import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';
import { principalFingerprint } from '../documents/delegation.ts';
import { foldText } from '../documents/fold.ts';
import { canonicalBytes } from '../documents/json.ts';
import { withoutOptional } from '../documents/optional-members.ts';
import type { Principal } from '../documents/principal.ts';

/**
 * The form in which the ledger keeps and compares the name of a matter, or the subject of terms that name no matter: see `foldText`. A
 * name that an earlier version recorded gets the same form when it is folded again.
 */
export function normaliseMatter(subject: string): string {
  return foldText(subject);
}

/**
 * What the ledger counts by: the matter of terms, or the subject where they name none, and for whom this side acts, if it acts for somebody else. So what one principal has entered is never entered for
 * another.
 */
export function matterFor(
  { matter, subject }: { readonly matter?: string | undefined; readonly subject: string },
  principal: Principal | undefined,
): string {
  const about = matter ?? subject;
  return principal === undefined ? about : `${about} [for ${principalFingerprint(principal)}]`;
}

/** A record as it would be written now. Earlier versions recognised fewer spellings as the same matter. */
export function withMatterFolded<Entry extends object>(record: Entry): Entry {
  if (!('matter' in record) || typeof record.matter !== 'string') return record;
  return { ...record, matter: normaliseMatter(record.matter) };
}

/**
 * Digest (32 bytes) of everything in completed terms that an outcome can depend on. That is all but nonce, deadline and the optional members, so that a
 * negotiation that was cut off can be finished under new terms, also when the arbiter is gone.
 */
export function questionDigest(terms: object): Uint8Array {
  const { nonce: _nonce, expires: _expires, ...rest } = withoutOptional(terms);
  return hash(tags.ledgerQuestion, canonicalBytes(rest));
}
