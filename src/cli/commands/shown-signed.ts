import { listTerms } from '../../../protocols/listing.ts';
import { rules } from '../../../protocols/registry.ts';
import { verifyAgreementUnder } from '../../documents/agreement.ts';
import { verifyEngagementUnder } from '../../documents/engagement.ts';
import { openJws } from '../../documents/jws.ts';
import { calledIn } from '../../documents/roles.ts';
import type { Terms } from '../../documents/terms.ts';
import { outcomeText } from '../terminal/amounts.ts';
import type { Known } from './known.ts';
import { notInForceLines } from './ratification-words.ts';
import type { Shown } from './shown.ts';

/** An agreement, verified. Throws VerificationError. */
export async function shownAgreement(bytes: Uint8Array, people: Known): Promise<Shown> {
  const {
    terms: agreed,
    outcome,
    session,
    ratification,
  } = await verifyAgreementUnder(bytes, { parties: 'unpinned', rules });
  return {
    kind: 'agreement',
    document: openJws(bytes).payload,
    lines: [
      `Outcome: ${outcomeText(outcome, agreed)}`,
      ...listTerms(agreed, people.nameOf),
      `Session: ${session}`,
      'Signed by both keys, and both signatures hold.',
      ...notInForceLines(ratification),
      ...whoseKeys(agreed, people),
    ],
  };
}

/** An engagement, verified. Throws VerificationError. */
export async function shownEngagement(bytes: Uint8Array, people: Known): Promise<Shown> {
  const {
    terms: engaged,
    role,
    session,
  } = await verifyEngagementUnder(bytes, { parties: 'unpinned', rules });
  return {
    kind: 'engagement',
    document: openJws(bytes).payload,
    lines: [
      `The ${calledIn(engaged, role)} agreed to be bound by the outcome of a session. No outcome is in it.`,
      ...listTerms(engaged, people.nameOf),
      `Session: ${session}`,
      `Signed by the ${calledIn(engaged, role)}’s key, and the signature holds.`,
      ...whoseKeys(engaged, people),
    ],
  };
}

function whoseKeys(signed: Terms, people: Known): string[] {
  const { parties } = signed;
  const strangers = Object.keys(parties)
    .filter((role) => people.nameOf(parties[role]!) === undefined)
    .map((role) => calledIn(signed, role));
  if (strangers.length === 0) return [];
  return [`Nobody whom you know holds the key of ${strangers.join(', nor that of ')}: check whose it is.`];
}
