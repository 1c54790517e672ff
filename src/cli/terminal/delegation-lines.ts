import { formatAmount } from '../../../protocols/price/amount.ts';
import type { Peer } from '../../desk/person.ts';
import { type Delegation, principalFingerprint } from '../../documents/delegation.ts';
import { thumbprint } from '../../documents/identity.ts';
import type { MandateCertificate } from '../../documents/mandate-certificate.ts';
import type { MandateRevocations } from '../../documents/mandate-revocations.ts';
import type { MandateScope } from '../../documents/mandate-scope.ts';
import { asMembers, type Principal } from '../../documents/principal.ts';
import type { PublicJwk } from '../../documents/terms.ts';
import { memberText, quoted, toPlainText } from '../../documents/text.ts';

/** How many matters stand before somebody who is about to accept. A certificate may have hundreds. */
const BRIEFLY = 3;
/** Said of a principal that has no name here. */
const UNKNOWN =
  'You have given it no name. Anybody can make such a key, so make sure whose fingerprint that is.';
/** Said of a certificate under which an agreement binds nobody by itself. */
const WITNESSED =
  'An agreement binds them only once witnesses of a public log that you trust show that it was signed in time.';

type NameOf = (key: PublicJwk) => string | undefined;

/** For whom a peer acts, for a person who is about to deal with it. `name` is what that person calls the principal. */
export function delegationLines(peer: Peer, delegation: Delegation, name: string | undefined): string[] {
  const { certificate, revocations, signedBy } = delegation;
  const { principal, scope, expires } = certificate;
  const { members, threshold } = asMembers(principal);
  const several = members.length > 1;
  const who = `${withName(name, principalFingerprint(principal))}${several ? `, any ${threshold} of ${members.length} keys` : ''}`;
  const signed = several ? `, by ${signedBy.length} of them` : '';
  const listed =
    revocations === undefined
      ? 'nothing shows whether it has been revoked since'
      : `not revoked as of ${timeText(revocations.asOf)}`;
  return [
    `The ${peer.role} acts for somebody else, whom the agreement will bind: ${who}.`,
    ...(name === undefined ? [UNKNOWN] : []),
    `That is certified until ${timeText(expires)}${signed}; ${listed}.`,
    `It may agree on: ${scopeBriefly(scope).join('; ')}.`,
    ...(scope.witnessed === true ? [WITNESSED] : []),
  ];
}

/** A mandate certificate for people, a line each. */
export function certificateLines(certificate: MandateCertificate, digest: string, nameOf: NameOf): string[] {
  const { principal, delegate, scope, notBefore, expires, serial, revokers } = certificate;
  return [
    ...principalLines(principal, nameOf),
    `Delegate: ${withName(nameOf(delegate), thumbprint(delegate))}`,
    `In force: from ${timeText(notBefore)} to ${timeText(expires)}`,
    ...scopeLines(scope),
    ...(revokers === undefined
      ? []
      : [
          'Asks for a fresh list of revocations. May revoke, and vouch that nothing is revoked, besides the principal:',
          ...revokers.map((key) => `  ${withName(nameOf(key), thumbprint(key))}`),
        ]),
    `Serial: ${quoted(serial)}`,
    `Digest: ${digest}`,
  ];
}

/** The bounds of a certificate that matter most to whoever is about to accept, in few lines. */
function scopeBriefly({ matters, rules, max, min, unit, decimals }: MandateScope): string[] {
  const price =
    min === undefined || max === undefined || unit === undefined
      ? []
      : [`prices from ${amount(min, unit, decimals)} to ${amount(max, unit, decimals)}`];
  const first = matters?.slice(0, BRIEFLY).map(quoted).join(', ');
  const more = (matters?.length ?? 0) > BRIEFLY ? ` and ${matters!.length - BRIEFLY} more` : '';
  const about = first === undefined ? [] : [`only ${first}${more}`];
  return [...about, `rule ${rules.map(ruleText).join(' or ')}`, ...price];
}

/** A list of revocations for people. */
export function revocationLines(list: MandateRevocations, nameOf: NameOf): string[] {
  const { principal, asOf, next, certificates } = list;
  return [
    ...principalLines(principal, nameOf),
    `As of ${timeText(asOf)}; the next one by ${timeText(next)}`,
    certificates.length === 0 ? 'No certificate is revoked' : 'Revoked certificates, by digest:',
    ...certificates.map((digest) => `  ${digest}`),
  ];
}

function principalLines(principal: Principal, nameOf: NameOf): string[] {
  const { members, threshold } = asMembers(principal);
  if (members.length === 1)
    return [`Principal: ${withName(nameOf(members[0]!), principalFingerprint(principal))}`];
  return [
    `Principal: ${principalFingerprint(principal)}, ${threshold} of these ${members.length}:`,
    ...members.map((key) => `  ${withName(nameOf(key), thumbprint(key))}`),
  ];
}

function scopeLines(scope: MandateScope): string[] {
  const {
    rules,
    roles,
    minimumSecurity,
    seals,
    attempts = 1,
    matters,
    arbiters,
    peers,
    further,
    witnessed,
  } = scope;
  const { unit, decimals, min, max } = scope;
  return [
    `Rules: ${rules.map(ruleText).join(', ')}`,
    `Roles: ${roles.map(memberText).join(', ')}`,
    matters === undefined ? 'Subject: any' : `Subjects and matters: ${matters.map(quoted).join(', ')}`,
    min === undefined || max === undefined || unit === undefined
      ? 'Prices: none'
      : `Prices: from ${amount(min, unit, decimals)} to ${amount(max, unit, decimals)}`,
    `Security: ${minimumSecurity}${seals === 'none' ? ', bids need not be sealed' : ''}; attempts: ${attempts}`,
    `Arbiters: ${arbiters?.join(', ') ?? 'none'}`,
    `Other side: ${peers?.join(', ') ?? 'anyone'}`,
    ...(further === undefined ? [] : [`Terms may also have: ${further.map(memberText).join(', ')}`]),
    ...(witnessed === true ? ['Binds only what a witness shows to have been signed in time'] : []),
  ];
}

function ruleText(rule: MandateScope['rules'][number]): string {
  if (typeof rule === 'string') return memberText(rule);
  const { name, ...options } = rule;
  return [memberText(name), ...Object.entries(options).map(optionText)].join(' with ');
}

function amount(value: string, unit: string, decimals = 0): string {
  return formatAmount(value, { unit, decimals });
}

function optionText([member, value]: readonly [string, unknown]): string {
  return `${memberText(member)} ${typeof value === 'string' ? quoted(value) : toPlainText(JSON.stringify(value))}`;
}

function withName(name: string | undefined, fingerprint: string): string {
  return name === undefined ? fingerprint : `${name}, ${fingerprint}`;
}

function timeText(time: string): string {
  return time.replace('T', ' ').replace('Z', ' UTC');
}
