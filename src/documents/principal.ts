import * as z from 'zod';
import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';
import { InputError } from '../errors.ts';
import { parsePublicJwk, sameKey, thumbprint } from './identity.ts';
import { canonicalBytes } from './json.ts';
import { keyMember } from './members.ts';
import type { PublicJwk } from './terms.ts';

/** Several keys of which so many have to sign. */
export interface Members {
  /** Different keys. Documents have their signatures in this order. */
  readonly members: readonly PublicJwk[];
  /** How many of them have to sign: from 1 to all. */
  readonly threshold: number;
}

/** Who answers for a document: one key, or so many of several. */
export type Principal = PublicJwk | Members;

/** The most keys that act as one. */
export const MAX_MEMBERS = 32;

/** The members of `Members`, for schemas that add others. `areMembers` is still to be checked. */
export const membersShape = {
  members: z
    .custom<readonly unknown[]>((value) => Array.isArray(value) && value.length <= MAX_MEMBERS)
    .pipe(z.array(keyMember)),
  threshold: z.int().min(1).max(MAX_MEMBERS),
};

/** Whether these are different keys, and no more of them have to sign than there are. */
export function areMembers({ members, threshold }: Members): boolean {
  const different = new Set(members.map(({ x }) => x)).size === members.length;
  return different && members.length <= MAX_MEMBERS && threshold >= 1 && threshold <= members.length;
}

export const membersSchema: z.ZodType<Members> = z.strictObject(membersShape).refine(areMembers);

/** A key, or members. Needs `loadSodium`. */
export const principalSchema: z.ZodType<Principal> = z.custom<Principal>((value) => {
  const named = typeof value === 'object' && value !== null && 'members' in value;
  return (named ? membersSchema : keyMember).safeParse(value).success;
});

/** A principal as members: a single key is the only one of one. */
export function asMembers(principal: Principal): Members {
  return 'members' in principal ? principal : { members: [principal], threshold: 1 };
}

/**
 * What a principal is compared by, 32 bytes; ledgers count by `ledgerName`. The order of its keys does not matter, nor whether a single key stands by itself; another key or
 * another threshold makes another principal.
 */
export function principalDigest(principal: Principal): Uint8Array {
  const { members, threshold } = asMembers(principal);
  const keys = members.map(({ x }) => x).sort();
  return hash(tags.principal, canonicalBytes({ keys, threshold }));
}

/** Whether two principals are the same in the sense of `principalDigest`. */
export function samePrincipal(one: Principal, other: Principal): boolean {
  const [left, right] = [asMembers(one), asMembers(other)];
  return (
    left.threshold === right.threshold &&
    left.members.length === right.members.length &&
    left.members.every((key) => right.members.some((another) => sameKey(key, another)))
  );
}

/** The name that a person has given to the holder of a key, if any. */
export type NameOf = (key: PublicJwk) => string | undefined;

const NOBODY: NameOf = () => undefined;

/** A key for people. */
export function keyText(key: PublicJwk, nameOf: NameOf = NOBODY): string {
  const name = nameOf(key);
  return `${name === undefined ? '' : `${name}, `}key ${thumbprint(key)}`;
}

/** A principal for people. */
export function principalText(principal: Principal, nameOf: NameOf = NOBODY): string {
  const { members, threshold } = asMembers(principal);
  const keys = members.map((key) => keyText(key, nameOf));
  return keys.length === 1 ? keys[0]! : `${threshold} of these ${keys.length}: ${keys.join('; ')}`;
}

/** A principal that the caller gives: a public JWK, or members. Throws InputError `ERR_KEY_INVALID`. */
export function parsePrincipal(value: unknown): Principal {
  if (typeof value !== 'object' || value === null || !('members' in value)) return parsePublicJwk(value);
  const members = membersSchema.safeParse(value).data;
  if (members !== undefined) return members;
  throw new InputError(
    'ERR_KEY_INVALID',
    `these are not up to ${MAX_MEMBERS} different keys, with how many of them have to sign`,
  );
}

/** Signatures in the order of the members, each member's once. Throws InputError `ERR_USAGE` for one of somebody else, and for two of one. */
export function inMembersOrder<Signed extends { readonly key: PublicJwk }>(
  { members }: Pick<Members, 'members'>,
  signed: readonly Signed[],
): Signed[] {
  const places = signed.map(({ key }) => members.findIndex((member) => sameKey(member, key)));
  if (places.includes(-1)) throw new InputError('ERR_USAGE', 'a signature is of none of the members');
  if (new Set(places).size < places.length) throw new InputError('ERR_USAGE', 'a member has signed twice');
  return places
    .map((place, i) => ({ place, one: signed[i]! }))
    .sort((left, right) => left.place - right.place)
    .map(({ one }) => one);
}
