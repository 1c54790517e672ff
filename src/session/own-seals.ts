import { membersOf } from '../../protocols/define.ts';
import type { Entry, SealedEntries } from '../../protocols/rule.ts';
import { decodeBase64url, encodeBase64url } from '../documents/json.ts';
import { LedgerError } from '../errors.ts';
import type { Json, PreviousSeal } from '../ledger/index.ts';
import { commitsTo, hideRest, reopenSeal, Seal, type SealedValue, type SealKey } from '../seals/index.ts';

/** An entry with the seal on it. */
export interface SealedEntry {
  readonly sealed: SealedValue;
  readonly entry: Entry;
}

/**
 * A seal as this side's ledger records it: in the form of the documents and, where an entry has more than its number, with the rest of the entry, which only
 * the seal key can read. So the ledger and the seal key are enough to enter the same again.
 */
export function toRecord({ sealed: { seal, randomness }, entry: { rest } }: SealedEntry): Json {
  const json = seal.toJSON();
  return rest === undefined ? json : { ...json, rest: encodeBase64url(hideRest(rest, randomness)) };
}

/**
 * A recorded seal of this side, with its entry; undefined if the seal was made with another seal key. Records of earlier versions lack the rest of the entry;
 * it is then taken from `given`. The result is undefined if the seal does not commit to the rest.
 */
function fromRecord(
  { seal: record }: PreviousSeal,
  entries: SealedEntries,
  { key }: SealKey,
  given: Entry | undefined,
): SealedEntry | undefined {
  const committed = entries.committed !== undefined;
  const { rest: hidden, ...json } = membersOf(record);
  const seal = Seal.fromJSON(json, { width: entries.width, committed });
  if (!seal.key.equals(key.publicKey)) return undefined;
  const sealed = reopenSeal(key, seal);
  const { value, randomness } = sealed;
  if (!committed) return { sealed, entry: { value } };
  const bytes = decodeBase64url(hidden);
  const rest = bytes === undefined ? given?.rest : hideRest(bytes, randomness);
  if (rest === undefined || !commitsTo(seal, randomness, rest)) return undefined;
  return { sealed, entry: { value, rest } };
}

/**
 * The entry that this side must make again, because an outcome was released on it and is not agreed; undefined if there is none. Throws LedgerError
 * `ERR_SEAL_CHANGED` if it cannot be entered again. That does not depend on any mandate.
 */
export function requiredEntry(
  previous: readonly PreviousSeal[],
  entries: SealedEntries,
  key: SealKey,
): SealedEntry | undefined {
  const required = previous.find((one) => one.required);
  if (required === undefined || isLegacy(required, entries)) return undefined;
  const known = fromRecord(required, entries, key, undefined);
  if (known === undefined) throw sealChanged('under another seal key');
  return known;
}

/**
 * This side's earlier seal of the same mandate, if there is one, with its entry. Throws LedgerError `ERR_SEAL_CHANGED` if an outcome was released on
 * another bid than `entry`, and an earlier version recorded only the seal of that bid.
 */
export function earlierEntry(
  previous: readonly PreviousSeal[],
  entries: SealedEntries,
  key: SealKey,
  entry: Entry,
): SealedEntry | undefined {
  for (const one of previous) {
    const known = fromRecord(one, entries, key, entry);
    if (known !== undefined && entries.sameMandate(known.entry, entry)) return known;
    if (one.required) throw sealChanged('on another bid');
  }
  return undefined;
}

/** Whether a record lacks the rest of an entry, which is then known from the mandate alone. */
function isLegacy({ seal }: PreviousSeal, { committed }: SealedEntries): boolean {
  return committed !== undefined && membersOf(seal).rest === undefined;
}

function sealChanged(how: string): LedgerError {
  return new LedgerError('ERR_SEAL_CHANGED', `an outcome was released ${how}, and is not yet agreed`, {
    hint: 'finish that negotiation first, with the same seal key and the same bid',
  });
}
