import type { VerifiedParty } from '../../documents/agreement.ts';
import type { VerifiedDelegation } from '../../documents/bound-party.ts';
import { asMembers, type Principal } from '../../documents/principal.ts';
import type { PublicJwk } from '../../documents/terms.ts';
import type { Known } from './known.ts';
import { timeText } from './obligation-words.ts';

/** Parties as `--json` prints them, with the name that the person gave to whom each of them binds. */
export function partiesJson(parties: Readonly<Record<string, VerifiedParty>>, people: Known): object {
  const entries = Object.entries(parties).map(([role, party]) => {
    const key = party.delegation === undefined ? party.key : onlyKey(party.delegation.principal);
    const name = key && people.nameOf(key);
    return [role, name === undefined ? party : { name, ...party }] as const;
  });
  return Object.fromEntries(entries);
}

/** Who has signed for a principal, under what, and whether it is proved that it was in time. */
export function delegationText(
  { fingerprint, key }: Pick<VerifiedParty, 'fingerprint' | 'key'>,
  { principal, signedBy, expires, mandate, revoked }: VerifiedDelegation,
  people: Known,
): string[] {
  const signers = signedBy.map((print) => withName(people.nameOf(print), print));
  return [
    `bound by a delegate, ${withName(people.nameOf(key), fingerprint)}`,
    ...(asMembers(principal).members.length > 1 ? [`certified by ${signers.join(' and by ')}`] : []),
    `under a mandate certificate until ${timeText(expires)}: ${MANDATES[mandate]}`,
    ...(revoked === undefined
      ? []
      : [`revoked by a list that gives its own time as ${timeText(revoked)}; what was signed before stands`]),
  ];
}

/**
 * Whether the person knows somebody who answers for a party: the holder of its key, or whoever has signed its mandate certificate. That a known key is named among a principal's members shows nothing, since
 * anybody can name it.
 */
export function isKnown(
  { key, delegation }: Pick<VerifiedParty, 'key' | 'delegation'>,
  people: Known,
): boolean {
  return (delegation?.signedBy ?? [key]).some((one) => people.nameOf(one) !== undefined);
}

/** Whether it is proved that a delegate had signed in time. */
const MANDATES = {
  claimed: 'claimed, since no witness given shows that the delegate signed before it ended or was revoked',
  witnessed: 'proved, by a log and witnesses that you trust, to have been used in time',
} as const;

/** The key of a principal that is one key. */
export function onlyKey(principal: Principal): PublicJwk | undefined {
  return 'members' in principal ? undefined : principal;
}

export function withName(name: string | undefined, fingerprint: string): string {
  return name === undefined ? fingerprint : `${name}, ${fingerprint}`;
}
