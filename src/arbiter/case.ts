import { equalBytes } from '../crypto/bytes.ts';
import { readArbiterCard } from '../documents/arbiter-card.ts';
import { MAX_COMPLAINT, type ReadComplaint, readComplaint } from '../documents/complaint.ts';
import { type FairEngagement, readFairEngagement } from '../documents/fair-engagement.ts';
import { sameKey } from '../documents/identity.ts';
import { decodeBase64url } from '../documents/json.ts';
import type { PublicJwk } from '../documents/terms.ts';
import { ArbiterError, isParleyError } from '../errors.ts';
import { decodeEscrowKey, type EscrowLabel, escrowLabel, shownDigest } from '../escrow/index.ts';
import { belongTogether } from './engagements.ts';

/** The two public keys of an arbiter. */
export interface ArbiterKeys {
  readonly key: PublicJwk;
  /** h, 32 bytes. */
  readonly escrow: Uint8Array;
}

/** A complaint that passed the checks 1 to 4. */
export interface ShownCase {
  readonly complaint: ReadComplaint;
  /** One of the two engagements: what the arbiter reads is the same in both. */
  readonly engagement: FairEngagement;
}

/** The checks 1 to 4 of a complaint (README.md, _Answering a complaint_). Throws ArbiterError. */
export function checkComplaint(bytes: Uint8Array, own: ArbiterKeys): ShownCase {
  const complaint = refusing('ERR_COMPLAINT_FORMAT', () => readComplaint(bytes));
  const engagement = checkEngagements(complaint);
  refusing('ERR_COMPLAINT_FORMAT', () => complaint.checkSignature(engagement.parties[complaint.by]!));
  checkMine(engagement, own);
  checkEscrows(complaint, engagement, own);
  return { complaint, engagement };
}

/** The checks of a question: one engagement, of a case of this arbiter's. Throws ArbiterError. */
export function checkQuestion(bytes: Uint8Array, own: ArbiterKeys): FairEngagement {
  if (bytes.length > MAX_COMPLAINT) throw refused('ERR_COMPLAINT_FORMAT', 'the question is too long');
  const engagement = refusing('ERR_COMPLAINT_FORMAT', () => readFairEngagement(bytes));
  checkMine(engagement, own);
  return engagement;
}

/** Check 2: two engagements of one case, each signed by the party under whose role it stands. */
function checkEngagements({ engagements }: ReadComplaint): FairEngagement {
  const read = Object.entries(engagements).map(([role, jws]) => {
    const engagement = refusing('ERR_COMPLAINT_PARTIES', () => readFairEngagement(jws));
    if (engagement.role !== role)
      throw refused('ERR_COMPLAINT_PARTIES', 'an engagement is of another role than it stands for');
    return engagement;
  });
  const [one, other] = read as [FairEngagement, FairEngagement];
  if (!belongTogether(one, other))
    throw refused('ERR_COMPLAINT_PARTIES', 'the two engagements do not say the same of one case');
  return one;
}

/** Check 3: the arbiter of the terms is this one, with both keys. */
function checkMine({ arbiter }: FairEngagement, own: ArbiterKeys): void {
  const card = refusing('ERR_COMPLAINT_NOT_MINE', () => readArbiterCard(arbiter.card));
  if (!sameKey(card.key, own.key) || !equalBytes(card.escrow, own.escrow))
    throw refused('ERR_COMPLAINT_NOT_MINE', 'the terms name another arbiter, or another key of this one');
}

/** Check 4: what the complaint shows of both escrows is what both parties have signed. */
function checkEscrows({ escrows }: ReadComplaint, engagement: FairEngagement, own: ArbiterKeys): void {
  for (const role of Object.keys(engagement.parties)) {
    const signed = decodeBase64url(engagement.fair.escrows[role]);
    const shown = escrows[role];
    if (signed === undefined || shown === undefined)
      throw refused('ERR_COMPLAINT_ESCROW', 'an escrow of the case is missing');
    if (!equalBytes(shownDigest(labelOf(engagement, role, own), shown), signed))
      throw refused('ERR_COMPLAINT_ESCROW', 'the ciphertexts are not those that both sides have signed');
  }
}

/** The label of a party's escrow in the case of these engagements. */
export function labelOf(
  { session, terms }: FairEngagement,
  role: string,
  { escrow }: ArbiterKeys,
): EscrowLabel {
  return escrowLabel({ session, terms, role, key: decodeEscrowKey(escrow) });
}

type Refusal = Exclude<ArbiterError['code'], 'ERR_ARBITER_STORE' | 'ERR_ARBITER_BUSY'>;

/** Runs a check, and gives what is wrong with a document this code. */
function refusing<Value>(code: Refusal, check: () => Value): Value {
  try {
    return check();
  } catch (cause) {
    if (!isParleyError(cause)) throw cause;
    throw refused(code, cause.message);
  }
}

function refused(code: Refusal, message: string): ArbiterError {
  return new ArbiterError(code, message);
}
