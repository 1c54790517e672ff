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
  const completion = {
    parties: missingParties(draft, keys, rule, wantedRole),
    ...(draft.nonce === undefined && { nonce: keys.nonce }),
  };
  const terms = completeTerms(draft, completion, rule);
  const role = rule.roles.find((name) => sameKey(terms.parties[name]!, keys.own));
  if (role === undefined) {
    throw new InputError('ERR_USAGE', "this side's key is not in the terms", {
      hint: 'use the identity whose public key the terms name',
    });
  }
  if (wantedRole !== undefined && wantedRole !== role) {
    throw new InputError('ERR_USAGE', `by its key this side is the ${role}`, {
      hint: 'leave the role out, or use the other identity',
    });
  }
  const peerRole = rule.roles.find((name) => name !== role)!;
  if (!sameKey(terms.parties[peerRole]!, keys.peer)) {
    throw new IdentityError(`the other side is not the ${peerRole} that the terms name`);
  }
  requireTime(terms);
  const party: Party = role === rule.roles[0] ? 'a' : 'b';
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

function missingParties(
  draft: TermsDraft,
  keys: { readonly own: PublicJwk; readonly peer: PublicJwk },
  rule: Rule,
  role: string | undefined,
): Record<string, PublicJwk> {
  const open = rule.roles.filter((name) => draft.parties?.[name] === undefined);
  if (open.length === 0) return {};
  const own =
    role ?? rule.roles.find((name) => draft.parties?.[name]?.x === keys.own.x) ?? theOther(draft, keys, rule);
  if (own === undefined || !rule.roles.includes(own)) {
    throw new InputError('ERR_USAGE', 'the terms do not say which side is which', {
      hint: `name a role: ${rule.roles.join(' or ')}`,
    });
  }
  return Object.fromEntries(open.map((name) => [name, name === own ? keys.own : keys.peer]));
}

/** Our role, where the terms name only the peer. */
function theOther(draft: TermsDraft, keys: { readonly peer: PublicJwk }, rule: Rule): string | undefined {
  const peers = rule.roles.find((name) => draft.parties?.[name]?.x === keys.peer.x);
  return peers === undefined ? undefined : rule.roles.find((name) => name !== peers);
}
