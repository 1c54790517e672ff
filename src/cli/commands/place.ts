import type { Rule } from '../../../protocols/rule.ts';
import { fingerprint, sameKey } from '../../documents/identity.ts';
import type { PublicJwk, TermsDraft } from '../../documents/terms.ts';
import type { Party } from '../../engine/engine.ts';
import { InputError } from '../../errors.ts';
import { usageError } from '../terminal/failure.ts';

/** Who this side is, and who the other side must be. */
export interface Place {
  readonly party: Party;
  readonly role: string;
  readonly peerRole: string;
  /** The other side's key, if it is known before it connects. */
  readonly peer: PublicJwk | undefined;
  /** The thumbprint that the other side's key must have. */
  readonly peerFingerprint: string;
}

/**
 * Finds this side's role and the only peer it will talk to, from the keys in the terms and from `--role` and `--peer`. Refuses
 * what contradicts itself, and terms that would be signed with whoever connects. Throws InputError `ERR_USAGE` or `ERR_KEY_INVALID`.
 */
export async function findPlace(
  draft: TermsDraft,
  rule: Rule,
  own: PublicJwk,
  flags: { readonly role: string | undefined; readonly peer: PublicJwk | string | undefined },
): Promise<Place> {
  const named = Object.entries(draft.parties ?? {});
  const stray = named.find(([role]) => !rule.roles.includes(role));
  if (stray !== undefined) {
    throw new InputError('ERR_TERMS_INVALID', `the terms name a party that rule ${rule.name} does not have`, {
      hint: `its roles are ${rule.roles.join(' and ')}`,
    });
  }
  const other = (role: string) => rule.roles.find((name) => name !== role)!;
  const mine = named.find(([, key]) => sameKey(key, own))?.[0];
  const theirs = named.find(([, key]) => !sameKey(key, own));
  if (mine === undefined && named.length === 2) {
    throw usageError("this identity's key is none of the terms' parties", 'use the key that the terms name');
  }
  const byKey = mine ?? (theirs === undefined ? undefined : other(theirs[0]));
  if (flags.role !== undefined && !rule.roles.includes(flags.role)) {
    throw usageError(`--role ${flags.role} is unknown`, `write ${rule.roles.join(' or ')}`);
  }
  if (byKey !== undefined && flags.role !== undefined && flags.role !== byKey) {
    throw usageError(`by the terms' keys this side is the ${byKey}`, 'leave --role out');
  }
  const role = byKey ?? flags.role;
  if (role === undefined) {
    throw usageError(
      'the terms do not say which side is which',
      `add --role ${rule.roles.join(' or --role ')}`,
    );
  }
  const key = theirs?.[1] ?? (typeof flags.peer === 'object' ? flags.peer : undefined);
  const named43 = typeof flags.peer === 'string' ? flags.peer : undefined;
  const peerFingerprint = key === undefined ? named43 : await fingerprint(key);
  if (peerFingerprint === undefined) {
    throw usageError(
      'nothing says who the other side is, so anyone who connects could sign',
      'add --peer KEY, or name both parties in the terms',
    );
  }
  const flagged =
    typeof flags.peer === 'object' ? await fingerprint(flags.peer) : (flags.peer ?? peerFingerprint);
  if (flagged !== peerFingerprint) {
    throw usageError('--peer is not the key that the terms name', 'compare fingerprints with the other side');
  }
  if (peerFingerprint === (await fingerprint(own))) {
    throw usageError("the other side's key is this side's own", 'each party needs its own key');
  }
  return {
    party: role === rule.roles[0] ? 'a' : 'b',
    role,
    peerRole: other(role),
    peer: key,
    peerFingerprint,
  };
}
