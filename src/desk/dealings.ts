import { rawPublicKey } from '../documents/identity.ts';
import type { PublicJwk, Terms } from '../documents/terms.ts';
import type { Dealings } from '../ledger/index.ts';
import type { Desk } from './desk.ts';
import type { Peer } from './person.ts';

/**
 * What has gone before with a peer on the matter of terms, for a person who is about to accept them; tells the person if there is anything. Undefined
 * where nobody is asked, or there is no ledger. Throws LedgerError `ERR_LEDGER_CORRUPT`, `ERR_LEDGER_UNUSABLE`.
 */
export async function dealingsBefore(
  { options: { person }, records: { ledger }, tell }: Desk,
  {
    terms,
    peer,
    key,
  }: { readonly terms: Pick<Terms, 'subject' | 'matter'>; readonly peer: Peer; readonly key: PublicJwk },
): Promise<Dealings | undefined> {
  if (person === undefined || ledger === undefined) return undefined;
  const before = await ledger.dealings(rawPublicKey(key), terms.matter ?? terms.subject);
  const { attempts, alike, disclosedBits } = before;
  if (attempts.length + alike.length > 0 || disclosedBits > 0) tell({ kind: 'dealtBefore', peer, before });
  return before;
}
