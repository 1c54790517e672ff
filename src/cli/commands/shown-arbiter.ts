import { membersOf } from '../../../protocols/define.ts';
import { listTerms } from '../../../protocols/listing.ts';
import { readDispute } from '../../arbiter/index.ts';
import { type ArbiterCard, arbiterFingerprint } from '../../documents/arbiter-card.ts';
import { thumbprint } from '../../documents/identity.ts';
import { encodeBase64url } from '../../documents/json.ts';
import { jwsSchema, openJws } from '../../documents/jws.ts';
import { quoted } from '../../documents/text.ts';
import { VerificationError } from '../../errors.ts';
import { arbiterOf } from '../../escrow/index.ts';
import { verifyAgreement } from '../../verify/verify.ts';
import { outcomeText } from '../terminal/amounts.ts';
import { commandName } from '../terminal/command-name.ts';
import type { Known } from './known.ts';
import { notInForceLines } from './ratification-words.ts';
import type { Shown } from './shown.ts';
import { principalLines } from './shown-signed.ts';

/** An outcome that is proved without an agreement. Throws VerificationError. */
export async function provedOutcome(bytes: Uint8Array, people: Known): Promise<Shown> {
  const verified = await verifyAgreement(bytes, { parties: 'unpinned' });
  const { terms, outcome, session, proof, parties, ratification } = verified;
  return {
    kind: 'proved outcome',
    document: { terms, outcome, session, proof },
    lines: [
      `Outcome: ${outcomeText(outcome, terms)}`,
      ...listTerms(terms, people.nameOf),
      `Session: ${session}`,
      `Both had bound themselves to it, and ${proof === 'opened' ? 'opened it' : 'the arbiter has opened it'}.`,
      ...notInForceLines(ratification),
      ...principalLines(terms, parties, people),
    ],
  };
}

/** A dispute file. What this side keeps to itself is not shown. */
export function dispute(bytes: Uint8Array): Shown {
  const { engagement, engagements, role, opened, peer } = readDispute(bytes);
  const { subject } = membersOf(membersOf(openJws(engagement.engagement).payload).terms);
  const { complainBy } = engagement.fair;
  const engaged = Object.keys(engagements);
  return {
    kind: 'dispute',
    document: { role, complainBy, engaged, opened, peerOpened: peer !== undefined },
    lines: [
      `About: ${quoted(String(subject))}`,
      `Complaints are heard until ${complainBy}`,
      `Arbiter: fingerprint ${arbiterFingerprint(arbiterOf(engagement.arbiter))}`,
      engaged.length > 1 ? 'Both sides have engaged.' : 'Only this side has engaged, as far as it knows.',
      `To go on: ${commandName()} complain FILE`,
    ],
    warning:
      'Keep it to yourself until the dispute is over: with what the other side holds it gives the outcome.',
  };
}

/** An arbiter's key file. Only its card is shown. */
export function arbiterKey(given: unknown): Shown {
  const shown = card(given);
  return {
    ...shown,
    kind: 'key file of an arbiter',
    warning: 'Whoever reads this file can open every escrow under its card, and sign for the arbiter.',
  };
}

/** The signed card of an arbiter. */
export function card(given: unknown): Shown {
  const jws = jwsSchema.safeParse(given);
  if (!jws.success) throw new VerificationError('ERR_AGREEMENT_FORMAT', 'the card is not a signed document');
  const read = arbiterOf({ card: jws.data, window: 0 });
  return { kind: 'card of an arbiter', document: openJws(jws.data).payload, lines: cardLines(read) };
}

function cardLines(read: ArbiterCard): string[] {
  const { key, escrow, at, windows } = read;
  return [
    `Fingerprint: ${arbiterFingerprint(read)}`,
    at === undefined ? 'It takes complaints by file' : `It takes complaints at ${quoted(at)}`,
    `Windows: ${windows.min} to ${windows.max} seconds`,
    `Key: ${thumbprint(key)}; escrow key: ${encodeBase64url(escrow)}`,
    'It has signed the card, and proved that it has the escrow key. Compare the fingerprint with what it told you.',
  ];
}

/** A signed document whose signature is checked elsewhere, by the command `checks`, with the members that say something to people. */
export function unchecked(
  kind: string,
  bytes: Uint8Array,
  members: readonly string[],
  checks = 'parley complain DISPUTE --answer FILE',
): Shown {
  const { payload } = openJws(bytes);
  const all = membersOf(payload);
  return {
    kind,
    document: payload,
    lines: [
      ...members.map((member) => `${member}: ${quoted(String(all[member]))}`),
      `Nothing here is checked: ${checks.replace(/^parley/, commandName())} does that.`,
    ],
  };
}
