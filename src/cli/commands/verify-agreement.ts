import { ruleOf } from '../../../protocols/registry.ts';
import type { Pins, VerifiedParty } from '../../documents/agreement.ts';
import type { DelegationDocuments } from '../../documents/delegation.ts';
import { typeOf } from '../../documents/jws.ts';
import { readMandateCertificate } from '../../documents/mandate-certificate.ts';
import { openMandateRevocations } from '../../documents/mandate-revocations.ts';
import { type Principal, samePrincipal } from '../../documents/principal.ts';
import { calledIn } from '../../documents/roles.ts';
import type { PublicJwk } from '../../documents/terms.ts';
import { quoted } from '../../documents/text.ts';
import { documentTypes } from '../../documents/types.ts';
import { outcomeText } from '../terminal/amounts.ts';
import { printJson, say, style } from '../terminal/terminal.ts';
import type { Known } from './known.ts';
import { fileNames } from './ratification-files.ts';
import { ratificationJson, ratificationLines } from './ratification-words.ts';
import type { Found, View } from './signed-kinds.ts';

/** Certificates among these files, each with a list of revocations of its principal if there is one. */
function delegationsIn(files: readonly Uint8Array[]): DelegationDocuments[] {
  const isList = (file: Uint8Array) => typeOf(file) === documentTypes.mandateRevocations;
  const lists = files.filter(isList);
  return files
    .filter((file) => !isList(file))
    .map((certificate) => {
      const { principal } = readMandateCertificate(certificate).certificate;
      const own = lists.find((list) => samePrincipal(openMandateRevocations(list).principal, principal));
      return { certificate, ...(own !== undefined && { revocations: own }) };
    });
}

/** `parley verify` of an engagement. Throws VerificationError. */
export async function reportEngagement(
  bytes: Uint8Array,
  { pins, people, certificates, json }: View,
): Promise<Found> {
  const { verifyEngagementUnder } = await import('../../documents/engagement.ts');
  const { rules } = await import('../../../protocols/registry.ts');
  const { terms, role, party, session } = await verifyEngagementUnder(bytes, {
    ...{ parties: pins, rules },
    delegations: delegationsIn(certificates),
  });
  const { pinned } = party;
  if (json) {
    const parties = named({ [role]: party }, people);
    printJson({ valid: true, kind: 'engagement', pinned, role, session, parties });
  }
  say(`${verdict('valid engagement', pinned)} on ${quoted(terms.subject)}: not an outcome`);
  say(`  the ${calledIn(terms, role)} agreed to be bound by the outcome of session ${session}`);
  sayParty(calledIn(terms, role), party, people);
  return { pinned, inForce: true };
}

/** `parley verify` of an agreement, or of a proved outcome, with its openings. Throws VerificationError. */
export async function reportAgreement(
  bytes: Uint8Array,
  { pins, people, json, openings, ratified }: View,
): Promise<Found> {
  const { verifyAgreement } = await import('../../verify/verify.ts');
  const verified = await verifyAgreement(bytes, { parties: pins, ratified });
  const { terms, outcome, parties, pinned, proof, ratification, inForce } = verified;
  const ignored = fileNames(ratified, ratification?.ignored ?? ratified.statements);
  const signed = proof === 'signed';
  const opened = openings.length === 0 ? undefined : await checkOpenings(bytes, openings, pins);
  if (json) {
    const force = ratification && {
      inForce,
      ratification: { ...ratificationJson(ratification), ignored },
    };
    const members = { outcome, parties: named(parties, people), ...opened, ...force };
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
  for (const [role, mandate] of Object.entries(opened?.openings ?? {})) {
    say(`  the ${calledIn(terms, role)} had entered ${ruleOf(terms).under(terms).mandateText(mandate)}`);
  }
  if (opened?.confirmed) say('  the rule makes exactly this outcome of what both had entered');
  return { pinned: somePinned, inForce };
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
  const { openJws } = await import('../../documents/jws.ts');
  const { verifyOpenings } = await import('../../verify/openings.ts');
  const { isProvedOutcome, readProvedOutcome } = await import('../../verify/proved-form.ts');
  const agreement = isProvedOutcome(bytes) ? readProvedOutcome(bytes) : openJws(bytes).jws;
  const { mandates, confirmed } = await verifyOpenings(agreement, openings, { parties: pins });
  return { openings: mandates, confirmed };
}

/** Parties as `--json` prints them, with the name that the person gave to whom each of them binds. */
function named(parties: Readonly<Record<string, VerifiedParty>>, people: Known): object {
  const entries = Object.entries(parties).map(([role, party]) => {
    const key = party.delegation === undefined ? party.key : onlyKey(party.delegation.principal);
    const name = key && people.nameOf(key);
    return [role, name === undefined ? party : { name, ...party }] as const;
  });
  return Object.fromEntries(entries);
}

function sayParty(
  role: string,
  { key, fingerprint, pinned, delegation }: VerifiedParty,
  people: Known,
): void {
  const name = people.nameOf(key);
  const mark = pinned ? 'the key you named' : style('yellow', 'not pinned: check whose key this is');
  if (delegation === undefined) {
    say(`  ${role.padEnd(8)} ${withName(name, fingerprint)} (${mark})`);
    return;
  }
  const principal = onlyKey(delegation.principal);
  say(
    `  ${role.padEnd(8)} ${withName(principal && people.nameOf(principal), delegation.fingerprint)} (${mark})`,
  );
  say(`           bound by a delegate, ${withName(name, fingerprint)}`);
  say(`           under a mandate certificate until ${delegation.expires}: ${MANDATES[delegation.mandate]}`);
}

/** Whether it is shown that a delegate had signed in time. */
const MANDATES = {
  claimed: 'nothing shows that it had signed by then',
  witnessed: 'a witness shows that it had signed by then',
} as const;

/** The key of a principal that is one key. */
function onlyKey(principal: Principal): PublicJwk | undefined {
  return 'members' in principal ? undefined : principal;
}

function withName(name: string | undefined, fingerprint: string): string {
  return name === undefined ? fingerprint : `${name}, ${fingerprint}`;
}
