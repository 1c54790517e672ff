import { outcomeBits } from '../../protocols/outcome-bits.ts';
import type { Rule } from '../../protocols/rule.ts';
import type { Terms } from '../documents/terms.ts';
import { type Dealings, questionDigest, type Standing } from '../ledger/index.ts';
import { certificatesOf } from '../session/converse.ts';
import type { Session } from '../session/session.ts';
import type { Desk } from './desk.ts';
import type { Peer } from './person.ts';

/** The terms, and the peer of the session. */
interface About {
  readonly session: Session;
  readonly terms: Terms;
  readonly rule: Rule;
  readonly peerRole: string;
}

/**
 * The earlier dealings with a peer on the matter of the terms, for a person who is about to accept them or to name a figure. Tells the person if there
 * are any. Throws LedgerError `ERR_PEER_BARRED` if whom the peer binds was caught cheating. Undefined where nobody is asked, or where there is no ledger. `settled` says that the peer has the same terms; then this also throws
 * what `foresee` throws. Throws LedgerError `ERR_LEDGER_CORRUPT`, `ERR_LEDGER_UNUSABLE`.
 */
export async function dealingsBefore(
  desk: Desk,
  about: About & { readonly peer: Peer; readonly settled: boolean },
): Promise<Dealings | undefined> {
  const {
    options: { person },
  } = desk;
  const { peer, settled } = about;
  const counted = countedAt(desk, about);
  if (desk.afterCheat !== 'allow') await counted?.peer.refuseCheater();
  const before = person === undefined ? undefined : await counted?.peer.dealings(counted.matter);
  const standing = await foresee(desk, about).catch((error: unknown) => {
    if (settled) throw error;
    return undefined; // the peer may have other terms, and that must be found out first
  });
  if (before === undefined) return undefined;
  const { attempts, alike, disclosedBits } = before;
  if (attempts.length + alike.length > 0 || disclosedBits > 0) {
    desk.tell({ kind: 'dealtBefore', peer, before, standing });
  }
  return before;
}

/**
 * Which attempts the terms still allow; undefined without a ledger. Throws LedgerError where the ledger would refuse any entry:
 * `ERR_ATTEMPTS_EXHAUSTED`, `ERR_SEAL_CHANGED`, `ERR_DISCLOSURE_LIMIT`; and `ERR_LEDGER_CORRUPT`, `ERR_LEDGER_UNUSABLE`.
 */
export async function foresee(desk: Desk, about: About): Promise<Standing | undefined> {
  const { terms, rule } = about;
  const { maxDisclosure } = desk.options;
  const counted = countedAt(desk, about);
  if (counted === undefined) return undefined;
  const bound = rule.under(terms);
  return counted.peer.foresee(
    counted.matter,
    { question: questionDigest(terms), sealed: terms.seals !== 'none' },
    {
      rule: terms.rule.name,
      attempts: terms.attempts,
      bits: outcomeBits(bound, terms),
      maxDisclosure,
      shown: bound.seal?.committed === undefined,
      ratified: terms.ratify !== undefined,
    },
  );
}

/** The peer as this side's ledger counts it. */
function countedAt({ records: { ledger } }: Desk, { session, terms, peerRole }: About) {
  return certificatesOf(session).counted(ledger, { terms, peerRole }, session.peer);
}
