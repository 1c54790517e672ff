import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';
import { foldText } from '../documents/fold.ts';
import { canonicalBytes } from '../documents/json.ts';

/**
 * The form in which the ledger keeps and compares what a matter is called, or the subject of terms that name none: see `foldText`. The
 * form that earlier versions recorded becomes the same when it is folded.
 */
export function normaliseMatter(subject: string): string {
  return foldText(subject);
}

/** A record as it would be written now: earlier versions did not tell as many spellings of one matter to be one. */
export function withMatterFolded<Entry extends object>(record: Entry): Entry {
  if (!('matter' in record) || typeof record.matter !== 'string') return record;
  return { ...record, matter: normaliseMatter(record.matter) };
}

/**
 * Digest (32 bytes) of all in completed terms that an outcome can depend on: everything but nonce and deadline, so that a
 * negotiation that was cut off can be finished under terms made anew.
 */
export function questionDigest(terms: object): Uint8Array {
  const { nonce: _nonce, expires: _expires, ...rest } = terms as Record<string, unknown>;
  return hash(tags.ledgerQuestion, canonicalBytes(rest));
}
