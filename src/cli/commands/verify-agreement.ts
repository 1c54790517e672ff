import { ruleOf } from '../../../protocols/registry.ts';
import type { Pins, VerifiedParty } from '../../documents/agreement.ts';
import { openJws } from '../../documents/jws.ts';
import { calledIn } from '../../documents/roles.ts';
import { quoted } from '../../documents/text.ts';
import { outcomeText } from '../terminal/amounts.ts';
import { printJson, say, style } from '../terminal/terminal.ts';
import type { Known } from './known.ts';
import { delegationText, onlyKey, partiesJson, withName } from './party-words.ts';
import { fileNames } from './ratification-files.ts';
import { ratificationJson, ratificationLines } from './ratification-words.ts';
import type { Found, View } from './signed-kinds.ts';
import { delegationsIn, listsIn, outcomeParts, unusedProofs } from './witness-files.ts';

/** `parley verify` of an engagement. Throws VerificationError. */
export async function reportEngagement(
  bytes: Uint8Array,
  { pins, people, certificates, witnessed, json }: View,
): Promise<Found> {
  const { verifyEngagementUnder } = await import('../../documents/engagement.ts');
  const { rules } = await import('../../../protocols/registry.ts');
  const { terms, role, party, session } = await verifyEngagementUnder(bytes, {
    ...{ parties: pins, rules },
    ...{ delegations: delegationsIn(certificates), witnessed },
  });
  const { pinned } = party;
  const unused = unusedProofs(witnessed, [openJws(bytes).jws, ...listsIn(certificates)]);
  if (json) {
    const parties = partiesJson({ [role]: party }, people);
    printJson({ valid: true, kind: 'engagement', pinned, role, session, parties, ...ifAny({ unused }) });
  }
  say(`${verdict('valid engagement', pinned)} on ${quoted(terms.subject)}: not an outcome`);
  say(`  the ${calledIn(terms, role)} agreed to be bound by the outcome of session ${session}`);
  sayParty(calledIn(terms, role), party, people);
  if (terms.mandates?.[role] !== undefined && party.delegation === undefined) {
    say('           for somebody else, under a mandate certificate: give it with --certificate');
  }
  sayUnused(unused);
  return { pinned, inForce: true };
}

/** `parley verify` of an agreement, or of a proved outcome, with its openings. Throws VerificationError. */
export async function reportAgreement(
  bytes: Uint8Array,
  { pins, people, json, openings, ratified, certificates, witnessed, now }: View,
): Promise<Found> {
  const { verifyAgreement } = await import('../../verify/verify.ts');
  const { documents, held } = outcomeParts(bytes);
  const verified = await verifyAgreement(bytes, {
    ...{ parties: pins, ratified: { ...ratified, now }, witnessed },
    delegations: delegationsIn(certificates, held),
  });
  const { terms, outcome, parties, pinned, proof, ratification, inForce } = verified;
  const ignored = fileNames(ratified, ratification?.ignored ?? ratified.statements);
  const unused = unusedProofs(witnessed, [...documents, ...listsIn(certificates)]);
  const signed = proof === 'signed';
  const opened = openings.length === 0 ? undefined : await checkOpenings(bytes, openings, pins);
  if (json) {
    const force = ratification && {
      inForce,
      ratification: { ...ratificationJson(ratification), ignored },
    };
    const members = {
      outcome,
      parties: partiesJson(parties, people),
      ...opened,
      ...force,
      ...ifAny({ unused }),
    };
    printJson({ valid: true, pinned, ...(!signed && { proof }), ...members });
  }
  const somePinned = Object.values(parties).some((party) => party.pinned);
  const kind = signed ? 'valid agreement' : 'proved outcome';
  say(`${verdict(kind, somePinned)} on ${quoted(terms.subject)}: ${outcomeText(outcome, terms)}`);
  if (!signed) say(PROOFS[proof]);
  for (const line of ratification === undefined ? [] : ratificationLines(ratification, terms, people)) {
    say(line);
  }
  for (const file of ignored) {
    say(style('yellow', `  ${file} is no valid answer of a member to this deal, and counts for nothing`));
  }
  for (const [role, party] of Object.entries(parties)) sayParty(calledIn(terms, role), party, people);
  sayUnused(unused);
  for (const [role, mandate] of Object.entries(opened?.openings ?? {})) {
    say(`  the ${calledIn(terms, role)} had entered ${ruleOf(terms).under(terms).mandateText(mandate)}`);
  }
  if (opened?.confirmed) say('  the rule makes exactly this outcome of what both had entered');
  return { pinned: somePinned, inForce };
}

/** Proofs that show nothing, where there are some. */
function ifAny({ unused }: { readonly unused: readonly string[] }): object {
  return unused.length === 0 ? {} : { unused };
}

/** What proves an outcome that has no agreement. */
const PROOFS = {
  opened: '  both had bound themselves to the outcome, and opened it; the last signature is missing',
  resolved: '  both had bound themselves to the outcome, and the arbiter that the terms name has opened it',
} as const;

/** A verdict in colour. Green is only for documents with pinned keys. */
function verdict(text: string, pinned: boolean): string {
  return pinned ? style(['bold', 'green'], text) : style(['bold', 'yellow'], `${text} of unknown keys`);
}

/** What openings show, as `verify` prints it. */
async function checkOpenings(bytes: Uint8Array, openings: readonly unknown[], pins: Pins) {
  const { verifyOpenings } = await import('../../verify/openings.ts');
  const { isProvedOutcome, readProvedOutcome } = await import('../../verify/proved-form.ts');
  const agreement = isProvedOutcome(bytes) ? readProvedOutcome(bytes) : openJws(bytes).jws;
  const { mandates, confirmed } = await verifyOpenings(agreement, openings, { parties: pins });
  return { openings: mandates, confirmed };
}

function sayParty(role: string, { delegation, ...party }: VerifiedParty, people: Known): void {
  const mark = party.pinned ? 'the key you named' : style('yellow', 'not pinned: check whose key this is');
  const principal = delegation && onlyKey(delegation.principal);
  const name = people.nameOf(principal ?? party.key);
  const bound =
    delegation === undefined
      ? withName(name, party.fingerprint)
      : withName(principal && name, delegation.fingerprint);
  say(`  ${role.padEnd(8)} ${bound} (${mark})`);
  for (const line of delegation === undefined ? [] : delegationText(party, delegation, people)) {
    say(`           ${line}`);
  }
}

function sayUnused(files: readonly string[]): void {
  for (const file of files) {
    say(
      style(
        'yellow',
        `  ${file} is no proof of when this was signed by the log that you trust, and counts for nothing`,
      ),
    );
  }
}
