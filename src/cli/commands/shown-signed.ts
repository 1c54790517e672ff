import { wrap } from '../../../protocols/lines.ts';
import { listTerms } from '../../../protocols/listing.ts';
import { rules } from '../../../protocols/registry.ts';
import { type VerifiedParty, verifyAgreementUnder } from '../../documents/agreement.ts';
import { verifyEngagementUnder } from '../../documents/engagement.ts';
import { openJws } from '../../documents/jws.ts';
import { principalText } from '../../documents/principal.ts';
import { calledIn } from '../../documents/roles.ts';
import type { Terms } from '../../documents/terms.ts';
import { outcomeText } from '../terminal/amounts.ts';
import type { Known } from './known.ts';
import { delegationText, isKnown } from './party-words.ts';
import { notInForceLines } from './ratification-words.ts';
import type { Shown } from './shown.ts';

/** An agreement, verified. Throws VerificationError. */
export async function shownAgreement(bytes: Uint8Array, people: Known): Promise<Shown> {
  const {
    terms: agreed,
    outcome,
    session,
    parties,
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
      ...principalLines(agreed, parties, people),
      ...whoseKeys(agreed, parties, people),
    ],
  };
}

/** An engagement, verified. Throws VerificationError. */
export async function shownEngagement(bytes: Uint8Array, people: Known): Promise<Shown> {
  const {
    terms: engaged,
    role,
    party,
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
      ...whoseKeys(engaged, { [role]: party }, people),
    ],
  };
}

/** Whom the parties bind that act under a mandate certificate. */
export function principalLines(signed: Terms, parties: Parties, people: Known): string[] {
  return Object.entries(parties).flatMap(([role, { delegation, ...party }]) =>
    delegation === undefined
      ? []
      : [
          ...wrap(
            `Bound as the ${calledIn(signed, role)}: ${principalText(delegation.principal, people.nameOf)}`,
            { indent: '    ' },
          ),
          ...delegationText(party, delegation, people).flatMap((line) =>
            wrap(`  ${line}`, { indent: '    ' }),
          ),
        ],
  );
}

type Parties = Readonly<Record<string, VerifiedParty>>;

function whoseKeys(signed: Terms, parties: Parties, people: Known): string[] {
  return Object.entries(signed.parties)
    .filter(([role, key]) => !isKnown(parties[role] ?? { key }, people))
    .map(([role]) =>
      parties[role]?.delegation === undefined
        ? `Nobody whom you know holds the key of ${calledIn(signed, role)}: check whose it is.`
        : `Nobody whom you know has signed the mandate certificate of ${calledIn(signed, role)}: check who has.`,
    );
}
