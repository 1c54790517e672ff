import { ruleOf } from '../../protocols/registry.ts';
import type { BoundRule, Rule } from '../../protocols/rule.ts';
import { systemRandom } from '../crypto/random.ts';
import { sameKey } from '../documents/identity.ts';
import type { Place } from '../documents/place.ts';
import { calledIn } from '../documents/roles.ts';
import {
  completeTerms,
  formatTime,
  isExpired,
  type PublicJwk,
  parseDraft,
  type Terms,
  type TermsDraft,
  termsDigest,
} from '../documents/terms.ts';
import { IdentityError, TermsError } from '../errors.ts';
import { type Arbiter, arbitrationOf } from '../escrow/index.ts';
import { requireAbstention } from './given.ts';
import { requireSide } from './side.ts';

/** This side of a negotiation: the completed terms, their rule, and its place in them. All of it is known before anything is sent. */
export interface Side extends Place {
  readonly terms: Terms;
  readonly digest: Uint8Array;
  readonly rule: Rule;
  /** The rule under these terms. */
  readonly bound: BoundRule;
  /** The arbiter that the terms name, its card checked. */
  readonly arbiter: Arbiter | undefined;
}

/** What a session adds to terms that leave it open: the two proven keys, and a nonce to which both sides contributed. */
export interface SessionFacts {
  readonly own: PublicJwk;
  readonly peer: PublicJwk;
  readonly nonce: string;
}

/**
 * Completes the terms with what the session knows and finds this side's place in them. Nothing has been sent when it
 * throws InputError `ERR_TERMS_INVALID` or `ERR_USAGE`, TermsError `ERR_TERMS_EXPIRED`, or IdentityError `ERR_PEER_IDENTITY` (the terms name
 * another key than the peer's).
 */
export function preflight(
  given: Terms | TermsDraft,
  keys: SessionFacts,
  own: readonly Rule[] | undefined,
  wantedRole: string | undefined,
): Side {
  const draft = parseDraft(given);
  const rule = ruleOf(draft, own);
  const { party, role, peerRole } = requireSide(rule, {
    parties: draft.parties,
    own: keys.own,
    role: wantedRole,
    names: draft.roles,
  });
  const keyOf = (name: string) => draft.parties?.[name] ?? (name === role ? keys.own : keys.peer);
  const completion = {
    parties: { [role]: keyOf(role), [peerRole]: keyOf(peerRole) },
    ...(draft.nonce === undefined && { nonce: keys.nonce }),
  };
  const terms = completeTerms(draft, completion, rule);
  if (!sameKey(terms.parties[peerRole]!, keys.peer)) {
    throw new IdentityError(`the other side is not the ${calledIn(terms, peerRole)} that the terms name`);
  }
  requireRoom(terms);
  const bound = rule.under(terms);
  requireAbstention({ bound, party }, systemRandom);
  const arbiter = arbitrationOf(terms, bound);
  return { terms, digest: termsDigest(terms), rule, party, role, peerRole, bound, arbiter };
}

/**
 * `preflight` that remembers its last answer, for a session that negotiates the same terms again and again. Keys and nonce must be
 * the same at every call; terms are compared by their text, so changing them in place is noticed.
 */
export class Preflight {
  private last: { readonly text: string; readonly role: string | undefined; readonly side: Side } | undefined;

  run(...[given, keys, own, role]: Parameters<typeof preflight>): Side {
    const text = textOf(given);
    const known = this.last;
    if (
      known !== undefined &&
      known.text === text &&
      known.role === role &&
      ruleOf(known.side.terms, own) === known.side.rule
    ) {
      requireRoom(known.side.terms);
      return known.side;
    }
    const side = preflight(given, keys, own, role);
    this.last = text === undefined ? undefined : { text, role, side };
    return side;
  }
}

/** Undefined for a value that JSON cannot hold; `preflight` refuses it. */
function textOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** Throws TermsError `ERR_TERMS_EXPIRED` once the deadline for engagements has passed. */
export function requireTime(terms: Terms): void {
  if (isExpired(terms)) throw expired(terms);
}

/** Whether a side that engages now could still complain before the deadline of the terms. */
export function leavesRoom(
  { expires, arbiter }: Pick<Terms, 'expires' | 'arbiter'>,
  now = Date.now(),
): boolean {
  return now + 1_000 * (arbiter?.window ?? 0) <= Date.parse(expires);
}

/** `requireTime` for terms under which nobody has engaged yet: with an arbiter, there also has to be room for complaints. */
export function requireRoom(terms: Terms): void {
  requireTime(terms);
  if (!leavesRoom(terms)) throw noRoom(terms);
}

/** The error for terms whose deadline comes before complaints would be over. */
export function noRoom({ expires, arbiter }: Pick<Terms, 'expires' | 'arbiter'>): TermsError {
  return new TermsError(
    'ERR_TERMS_EXPIRED',
    `the terms expire at ${expires}, which leaves no room for the ${arbiter!.window} seconds in which a side may complain`,
    { hint: 'make new terms with a later deadline' },
  );
}

/** The error for terms that have expired by this machine's clock. The clock may be fast. */
export function expired({ expires }: Pick<Terms, 'expires'>): TermsError {
  const now = formatTime(Date.now());
  return new TermsError('ERR_TERMS_EXPIRED', `the terms expired at ${expires}; by this clock it is ${now}`, {
    hint: 'if this clock is fast, set it right; otherwise make new terms with a later deadline',
  });
}
