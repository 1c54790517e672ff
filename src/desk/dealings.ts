import type { Rule } from '../../protocols/rule.ts';
import { rawPublicKey } from '../documents/identity.ts';
import type { PublicJwk, Terms } from '../documents/terms.ts';
import { type Dealings, questionDigest, type Standing } from '../ledger/index.ts';
import type { Desk } from './desk.ts';
import type { Peer } from './person.ts';

/**
 * What has gone before with a peer on the matter of terms, for a person who is about to accept them or to name a figure; tells the person if there is
 * anything. Undefined where nobody is asked, or there is no ledger. Throws LedgerError where the ledger would refuse whatever is entered:
 * `ERR_ATTEMPTS_EXHAUSTED`, `ERR_SEAL_CHANGED`, `ERR_DISCLOSURE_LIMIT`; and `ERR_LEDGER_CORRUPT`, `ERR_LEDGER_UNUSABLE`.
 */
export async function dealingsBefore(
  desk: Desk,
  about: { readonly terms: Terms; readonly rule: Rule; readonly peer: Peer; readonly key: PublicJwk },
): Promise<Dealings | undefined> {
  const { ledger } = desk.records;
  if (ledger === undefined) return undefined;
  const { terms, peer, key } = about;
  const raw = rawPublicKey(key);
  const matter = terms.matter ?? terms.subject;
  const before = desk.options.person === undefined ? undefined : await ledger.dealings(raw, matter);
  const standing = await standingOf(desk, about);
  if (before === undefined || standing === undefined) return undefined;
  const { attempts, alike, disclosedBits } = before;
  if (attempts.length + alike.length > 0 || disclosedBits > 0) {
    desk.tell({ kind: 'dealtBefore', peer, before, standing });
  }
  return before;
}

/** How an attempt under the terms stands. Throws where nothing that either side enters would be admitted. */
async function standingOf(
  { options: { maxDisclosure }, records: { ledger } }: Desk,
  { terms, rule, key }: Omit<Parameters<typeof dealingsBefore>[1], 'peer'>,
): Promise<Standing | undefined> {
  const bound = rule.under(terms);
  return ledger?.foresee(
    rawPublicKey(key),
    terms.matter ?? terms.subject,
    { question: questionDigest(terms), sealed: terms.seals !== 'none' },
    {
      rule: terms.rule.name,
      attempts: terms.attempts,
      bits: bound.capacityBits,
      maxDisclosure,
      shown: bound.seal?.committed === undefined,
    },
  );
}
