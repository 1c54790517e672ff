import type { Rule } from '../../protocols/rule.ts';
import { sameKey } from '../documents/identity.ts';
import {
  completeTerms,
  isExpired,
  type PublicJwk,
  parseDraft,
  type Terms,
  type TermsDraft,
  termsDigest,
} from '../documents/terms.ts';
import type { Party } from '../engine/engine.ts';
import { IdentityError, InputError, TermsError } from '../errors.ts';
import { requireSide } from './side.ts';

/** What follows from the terms and the two keys, before anything is sent. */
export interface Plan {
  readonly terms: Terms;
  readonly digest: Uint8Array;
  readonly rule: Rule;
  readonly party: Party;
  readonly role: string;
  readonly peerRole: string;
}

/** What a session gives to terms that leave it open: the two proven keys, and a nonce that both sides have a part in. */
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
  rules: readonly Rule[],
  wantedRole: string | undefined,
): Plan {
  const draft = parseDraft(given);
  const rule = rules.find(({ name }) => name === draft.rule.name);
  if (rule === undefined) {
    throw new InputError('ERR_TERMS_INVALID', 'the terms name a rule that is not known here', {
      hint: `known rules: ${rules.map(({ name }) => name).join(', ')}`,
    });
  }
  const { party, role, peerRole } = requireSide(rule, {
    parties: draft.parties,
    own: keys.own,
    role: wantedRole,
  });
  const keyOf = (name: string) => draft.parties?.[name] ?? (name === role ? keys.own : keys.peer);
  const completion = {
    parties: { [role]: keyOf(role), [peerRole]: keyOf(peerRole) },
    ...(draft.nonce === undefined && { nonce: keys.nonce }),
  };
  const terms = completeTerms(draft, completion, rule);
  if (!sameKey(terms.parties[peerRole]!, keys.peer)) {
    throw new IdentityError(`the other side is not the ${peerRole} that the terms name`);
  }
  requireTime(terms);
  return { terms, digest: termsDigest(terms), rule, party, role, peerRole };
}

/**
 * `preflight` that remembers its last answer, for a session that negotiates the same terms again and again. Keys and nonce must be
 * the same at every call; terms are compared by their text, so changing them in place is noticed.
 */
export class Preflight {
  private last: { readonly text: string; readonly role: string | undefined; readonly plan: Plan } | undefined;

  run(...[given, keys, rules, role]: Parameters<typeof preflight>): Plan {
    const text = textOf(given);
    const known = this.last;
    if (
      known !== undefined &&
      known.text === text &&
      known.role === role &&
      rules.find(({ name }) => name === known.plan.rule.name) === known.plan.rule
    ) {
      requireTime(known.plan.terms);
      return known.plan;
    }
    const plan = preflight(given, keys, rules, role);
    this.last = text === undefined ? undefined : { text, role, plan };
    return plan;
  }
}

/** Undefined for what JSON cannot hold, which `preflight` refuses. */
function textOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** Throws TermsError `ERR_TERMS_EXPIRED` once the deadline for engagements has passed. */
export function requireTime(terms: Terms): void {
  if (isExpired(terms)) throw expired();
}

export function expired(): TermsError {
  return new TermsError('ERR_TERMS_EXPIRED', 'the terms have expired', {
    hint: 'make new terms with a later deadline',
  });
}
