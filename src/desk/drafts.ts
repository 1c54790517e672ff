import { describeTerms } from '../../protocols/describe.ts';
import { ruleOf } from '../../protocols/registry.ts';
import type { Mandate, Rule } from '../../protocols/rule.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { systemRandom } from '../crypto/random.ts';
import { generateIdentity } from '../documents/identity.ts';
import {
  completeTerms,
  formatTime,
  isExpired,
  randomNonce,
  type Terms,
  type TermsDraft,
  termsDigest,
} from '../documents/terms.ts';
import type { Party } from '../engine/engine.ts';
import { InputError } from '../errors.ts';
import { leavesRoom, requireRoom } from '../session/preflight.ts';

/** A draft that has been checked as far as it is complete. */
export interface CheckedDraft {
  readonly rule: Rule;
  /** With every default written out, and stand-ins for what is missing. */
  readonly terms: Terms;
  /** Members that only the parties or a session can give: `parties.seller`, `expires`, `nonce`, … */
  readonly missing: readonly string[];
}

/** Checks a draft against its rule and fills in defaults. Throws InputError `ERR_TERMS_INVALID`. */
export function checkDraft(draft: TermsDraft, own?: readonly Rule[]): CheckedDraft {
  const rule = ruleOf(draft, own);
  const unnamed = rule.roles.filter((role) => draft.parties?.[role] === undefined);
  const terms = completeTerms(
    draft,
    {
      parties: Object.fromEntries(unnamed.map((role) => [role, generateIdentity().publicKey])),
      ...(draft.expires === undefined ? { expires: formatTime(Date.now()) } : {}),
      ...(draft.nonce === undefined ? { nonce: randomNonce(systemRandom) } : {}),
    },
    rule,
  );
  const silent = (['expires', 'nonce'] as const).filter((member) => draft[member] === undefined);
  return { rule, terms, missing: [...unnamed.map((role) => `parties.${role}`), ...silent] };
}

/** Throws TermsError `ERR_TERMS_EXPIRED` for a draft whose deadline has passed, or leaves no room for complaints. */
export function requireOpen({ terms, missing }: CheckedDraft): void {
  if (!missing.includes('expires')) requireRoom(terms);
}

/** Whether nobody can commit to an outcome of a draft any more: its deadline has passed, or leaves no room for complaints to its arbiter. */
export function hasExpired({ terms, missing }: CheckedDraft): boolean {
  return !missing.includes('expires') && (isExpired(terms) || !leavesRoom(terms));
}

type Silent = 'parties' | 'expires' | 'nonce';

/** The terms without the stand-ins for what is missing. */
export function withoutStandIns({ terms, missing }: CheckedDraft): Omit<Terms, Silent> & Partial<Terms> {
  const { parties, expires, nonce, ...rest } = terms;
  const named = Object.fromEntries(
    Object.entries(parties).filter(([role]) => !missing.includes(`parties.${role}`)),
  );
  return {
    ...rest,
    ...(Object.keys(named).length > 0 && { parties: named }),
    ...(!missing.includes('expires') && { expires }),
    ...(!missing.includes('nonce') && { nonce }),
  };
}

/** The terms in plain words. What they leave open is not mentioned. */
export function explain(
  checked: CheckedDraft,
  options: Parameters<typeof describeTerms>[1],
): Promise<string> {
  const { parties, ...given } = withoutStandIns(checked);
  const all = Object.keys(parties ?? {}).length === 2;
  return describeTerms(all ? { ...given, parties: parties! } : given, options);
}

/** Whether terms are those of a draft, with the open parts filled in. */
export function isCompletionOf(terms: Terms, draft: TermsDraft, rule: Rule): boolean {
  const { parties, nonce, expires } = terms;
  const open = {
    parties,
    ...(draft.nonce === undefined && { nonce }),
    ...(draft.expires === undefined && { expires }),
  };
  let completed: Terms;
  try {
    completed = completeTerms(draft, open, rule);
  } catch (error) {
    if (error instanceof InputError) return false; // terms and draft contradict each other
    throw error;
  }
  return equalBytes(termsDigest(terms), termsDigest(completed));
}

/** Checks a mandate against the terms before anything is sent. Throws InputError `ERR_MANDATE_INVALID`, which never shows a figure. */
export function checkMandate(
  rule: Rule,
  terms: Pick<Terms, 'rule' | 'range' | 'menu'>,
  party: Party,
  mandate: Mandate,
): void {
  requireObject(mandate);
  rule.under(terms).enter(party, mandate, systemRandom);
}

/** Throws InputError `ERR_MANDATE_INVALID` for a value that is not an object, and so not a mandate under any terms. */
export function requireObject(mandate: unknown): void {
  if (typeof mandate === 'object' && mandate !== null && !Array.isArray(mandate)) return;
  throw new InputError('ERR_MANDATE_INVALID', 'a mandate is a JSON object', {
    hint: 'give { "reservation": "450000" } or { "abstain": true }',
  });
}
