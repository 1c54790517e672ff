import * as z from 'zod';
import { hash } from '../crypto/hash.ts';
import type { Random } from '../crypto/random.ts';
import { tags } from '../crypto/tags.ts';
import { InputError } from '../errors.ts';
import { MAX_SEALED_BITS } from '../seals/index.ts';
import { withoutCard } from './arbiter-terms.ts';
import { countMembers } from './collections.ts';
import { parsePublicJwk, sameKey } from './identity.ts';
import { canonicalBytes, canonicalText, decodeBase64url, encodeBase64url } from './json.ts';
import { refuseMisleading, refuseUnclear } from './new-terms.ts';
import {
  type Optional,
  type OptionalMembers,
  optionalFault,
  optionalIn,
  optionalSchemas,
} from './optional-members.ts';
import { type RoleNames, roleFault, roleNames } from './roles.ts';
import type { RuleForTerms, RuleTerms, RuleUnderTerms, TermsSchema, UncheckedRuleTerms } from './rule.ts';
import { isPlainText, memberText, quoted, toPlainText } from './text.ts';
import { isTime } from './time.ts';
import { firstUnsafe } from './values.ts';

export type { RoleNames } from './roles.ts';
export type { OutcomeJson, RuleForTerms } from './rule.ts';
export { formatTime } from './time.ts';

/** A public Ed25519 JWK with exactly these members (RFC 8037). */
export interface PublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
}

/** The price grid: integers as decimal strings, min ≤ max, step ≥ 1. Prices are min, min + step, … ≤ max. */
export interface Range {
  readonly min: string;
  readonly max: string;
  readonly step: string;
  readonly unit: string;
  readonly decimals: number;
}

/** The public menu of deals: issues, each with its values. Options are numbered with the first issue most significant. */
export interface Menu {
  readonly issues: readonly { readonly name: string; readonly values: readonly string[] }[];
}

export type Security = 'malicious' | 'semi-honest';
export type Seals = 'paillier' | 'none';

/**
 * Completed terms, as JSON: every default written out, so the digest over the RFC 8785 bytes fixes all of it. `rule` has
 * the rule's own further members.
 */
export interface Terms extends OptionalMembers {
  readonly parley: 1;
  readonly subject: string;
  readonly rule: { readonly name: string; readonly [member: string]: unknown };
  readonly range?: Range;
  readonly menu?: Menu;
  /** Names of the two sides, where they differ from the rule's names. */
  readonly roles?: RoleNames;
  /** Public keys by role, in the rule's order of roles. */
  readonly parties: Readonly<Record<string, PublicJwk>>;
  readonly security: Security;
  readonly seals: Seals;
  /** How many different sealed bids a side may release an outcome for, on one matter and under one rule. */
  readonly attempts: number;
  /** The matter for which attempts are counted. If absent, it is the subject, normalised. */
  readonly matter?: string;
  readonly expires: string;
  readonly nonce: string;
}

/** Terms as a file holds them. Members that have a default, or that only a session can know, may be missing. */
export interface TermsDraft extends Optional<OptionalMembers> {
  readonly parley: 1;
  readonly subject: string;
  readonly rule: { readonly name: string; readonly [member: string]: unknown };
  readonly range?: unknown;
  readonly menu?: unknown;
  readonly roles?: RoleNames | undefined;
  readonly parties?: Readonly<Record<string, PublicJwk>> | undefined;
  readonly security?: Security | undefined;
  readonly seals?: Seals | undefined;
  readonly attempts?: number | undefined;
  readonly matter?: string | undefined;
  readonly expires?: string | undefined;
  readonly nonce?: string | undefined;
}

/** What `completeTerms` fills in where a draft is silent. */
export interface Completion {
  readonly parties?: Readonly<Record<string, PublicJwk>>;
  readonly security?: Security;
  readonly expires?: string;
  readonly nonce?: string;
}

/** The kinds of security that this version's engines give. The first is the default, except that semi-honest is never one. */
export const supportedSecurities: readonly Security[] = ['malicious', 'semi-honest'];
/** The most different bids on one matter that terms may allow. */
const MAX_ATTEMPTS = 1000;

const text = z.string().min(1).refine(isPlainText, 'not plain text of at most 200 characters');
const jwk = z.custom<PublicJwk>(isPublicJwk, 'not a public Ed25519 JWK with exactly kty, crv and x');
/** Of more than two parties none is looked at. */
const parties = z
  .custom<unknown>((value) => (countMembers(value) ?? 0) <= 2, 'more than two parties')
  .pipe(z.record(z.string(), jwk));
const expires = z.string().refine(isTime, 'not a UTC time like 2027-01-31T12:00:00Z');
const nonce = z.string().refine(isNonce, 'not 16 to 32 bytes in base64url');
const common = {
  parley: z.literal(1),
  subject: text,
  rule: z.looseObject({ name: text }),
  range: z.unknown().optional(),
  menu: z.unknown().optional(),
};
const choices = {
  security: z.enum(['malicious', 'semi-honest']),
  seals: z.enum(['paillier', 'none']),
  attempts: z.int().min(1).max(MAX_ATTEMPTS),
  matter: text.optional(),
  roles: roleNames.optional(),
  ...optionalSchemas,
};
const draftSchema = z.strictObject({
  ...common,
  ...z.object({ ...choices, expires, nonce }).partial().shape,
  parties: parties.optional(),
});
const termsSchema = z.strictObject({
  ...common,
  ...choices,
  expires,
  nonce,
  parties,
});

/** The rule's part of terms, checked by its schema, with its defaults. Throws InputError `ERR_TERMS_INVALID`. */
export function checkRulePart<Part extends RuleTerms>(
  schema: TermsSchema<Part>,
  terms: UncheckedRuleTerms,
): Part {
  return check(schema, rulePart(terms));
}

/**
 * Validates the part of a draft that is common to all rules, and checks that its text is clear, as new terms must be. Throws InputError
 * `ERR_TERMS_INVALID`.
 */
export function parseDraft(value: unknown): TermsDraft {
  refuseUnsafe(value);
  refuseUnclear(value);
  return check(draftSchema, value);
}

/**
 * A draft with everything written out: `completion` where the draft is silent, then the rule's and the common defaults.
 * Throws InputError `ERR_TERMS_INVALID` if something is still missing, contradicts the draft, is not available in this version, or
 * could mislead whoever reads it (`refuseMisleading`).
 */
export function completeTerms(draft: TermsDraft, completion: Completion, rule: RuleForTerms): Terms {
  refuseRule(draft.rule.name, rule);
  const security = agreed('security', draft.security, completion.security) ?? supportedSecurities[0]!;
  const bound = rule.under(draft);
  const sealable = bound.seal !== undefined && security === 'malicious';
  const seals = draft.seals ?? (sealable ? 'paillier' : 'none');
  const terms = parseTerms(
    {
      parley: 1,
      subject: draft.subject,
      ...bound.terms,
      ...(draft.roles !== undefined && { roles: draft.roles }),
      parties: mergeParties(draft.parties, completion.parties),
      security,
      seals,
      attempts: draft.attempts ?? 1,
      ...(draft.matter !== undefined && { matter: draft.matter }),
      ...optionalIn(draft),
      expires: needed('expires', agreed('expires', draft.expires, completion.expires)),
      nonce: needed('nonce', agreed('nonce', draft.nonce, completion.nonce)),
    },
    rule,
  );
  requireSupported(terms, bound);
  refuseMisleading(terms);
  return terms;
}

/** The rule's name in a value that should be terms and has not been checked; undefined if there is none. */
export function ruleNameOf(value: unknown): string | undefined {
  return z.object({ rule: z.object({ name: z.string() }) }).safeParse(value).data?.rule.name;
}

/**
 * Validates completed terms as any document, old or new, may hold them: every member present, every default written out, two
 * different keys for exactly the rule's two roles. Does not check whether this version can run them, nor whether they are fit to be
 * agreed on now (`refuseMisleading` does). Throws InputError `ERR_TERMS_INVALID`.
 */
export function parseTerms(value: unknown, rule: RuleForTerms): Terms {
  return readTerms(value, rule).terms;
}

/** Like `parseTerms`, and also returns the rule under these terms. */
export function readTerms(
  value: unknown,
  rule: RuleForTerms,
): { readonly terms: Terms; readonly bound: RuleUnderTerms } {
  refuseUnsafe(value);
  const terms = check(termsSchema, value);
  refuseRule(terms.rule.name, rule);
  const bound = rule.under(terms);
  if (canonicalText(bound.terms) !== canonicalText(rulePart(terms))) {
    throw invalid('a default of the rule is not written out');
  }
  const [first, second] = rule.roles.map((role) => terms.parties[role]);
  if (first === undefined || second === undefined || Object.keys(terms.parties).length !== 2) {
    throw invalid(`parties must name exactly ${rule.roles.join(' and ')}`);
  }
  if (sameKey(first, second)) throw invalid('both parties have the same key');
  const { parley, subject, roles, security, seals, attempts, matter } = terms;
  const fault = roles && roleFault(rule.roles, roles);
  if (fault !== undefined) throw invalid(fault);
  const parties = { [rule.roles[0]]: first, [rule.roles[1]]: second };
  const completed = {
    parley,
    subject,
    ...bound.terms,
    ...(roles !== undefined && { roles }),
    parties,
    security,
    seals,
    attempts,
    ...(matter !== undefined && { matter }),
    ...optionalIn(terms),
    expires: terms.expires,
    nonce: terms.nonce,
  };
  const misfit = optionalFault(completed);
  if (misfit !== undefined) throw invalid(misfit);
  return { terms: completed, bound };
}

/** Throws InputError `ERR_TERMS_INVALID` for a kind of security or seals that this version, or the rule, does not have. */
export function requireSupported(
  terms: Pick<Terms, 'security' | 'seals'>,
  { seal }: Pick<RuleUnderTerms, 'seal'>,
): void {
  if (!supportedSecurities.includes(terms.security)) {
    throw invalid(`security "${terms.security}" is not available in this version`, SECURITY_HINT);
  }
  if (terms.seals === 'none') return;
  if (terms.security === 'semi-honest') {
    throw invalid(
      'seals prove nothing under semi-honest security',
      'use malicious security, or "seals": "none"',
    );
  }
  if (seal === undefined) {
    throw invalid('the bids of this rule cannot be sealed', 'use "seals": "none"');
  }
  if (seal.width > MAX_SEALED_BITS) {
    throw invalid(
      'the bids of these terms are too long to be sealed',
      'use fewer rounds, or "seals": "none"',
    );
  }
}

/** SHA-256 (32 bytes) over the RFC 8785 bytes of completed terms, tagged. */
export function termsDigest(terms: Terms): Uint8Array {
  return hash(tags.termsDigest, canonicalBytes(terms));
}

/** Whether the deadline for an engagement has passed. */
export function isExpired(terms: Pick<Terms, 'expires'>, now: number = Date.now()): boolean {
  return now >= Date.parse(terms.expires);
}

/** A nonce of 16 random bytes. */
export function randomNonce(random: Random): string {
  return encodeBase64url(random(16));
}

const SECURITY_HINT = `this version has ${supportedSecurities.map((kind) => `"security": "${kind}"`).join(' and ')}`;

function mergeParties(
  draft: TermsDraft['parties'],
  completion: Completion['parties'],
): Record<string, PublicJwk> {
  const parties: Record<string, PublicJwk> = { ...draft };
  for (const [role, key] of Object.entries(completion ?? {})) {
    const named = parties[role];
    if (named !== undefined && !sameKey(named, key)) throw invalid(`the terms name another key as ${role}`);
    parties[role] = key;
  }
  return parties;
}

function agreed<Value>(
  member: string,
  draft: Value | undefined,
  completion: Value | undefined,
): Value | undefined {
  if (draft !== undefined && completion !== undefined && draft !== completion) {
    throw invalid(`the terms already have another ${member}`);
  }
  return draft ?? completion;
}

function needed<Value>(member: string, value: Value | undefined): Value {
  if (value === undefined) throw invalid(`${member} is missing`);
  return value;
}

function refuseRule(name: string, rule: RuleForTerms): void {
  if (name !== rule.name) throw invalid(`the rule is ${quoted(name)}, not ${quoted(rule.name)}`);
}

function refuseUnsafe(value: unknown): void {
  const unsafe = firstUnsafe(withoutCard(value));
  if (unsafe !== undefined) {
    throw invalid(
      `${unsafe || 'a name'} holds text that cannot be shown safely, a number that is not an exact integer, or more levels than terms have`,
    );
  }
}

function rulePart({ rule, range, menu }: UncheckedRuleTerms): UncheckedRuleTerms {
  return { rule, ...(range !== undefined && { range }), ...(menu !== undefined && { menu }) };
}

/** Parses a value by a schema. Throws InputError `ERR_TERMS_INVALID`, which says where the fault is. */
function check<Output>(schema: TermsSchema<Output>, value: unknown): Output {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.map((member) => memberText(String(member))).join('.') ?? '';
  const message =
    issue?.keys?.[0] === undefined
      ? toPlainText(issue?.message ?? 'the terms are not valid')
      : `${memberText(issue.keys[0])} is no member of it`;
  throw invalid(path === '' ? message : `${path}: ${message}`);
}

function isPublicJwk(value: unknown): boolean {
  try {
    parsePublicJwk(value);
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

function isNonce(value: string): boolean {
  const bytes = decodeBase64url(value);
  return bytes !== undefined && bytes.length >= 16 && bytes.length <= 32;
}

function invalid(message: string, hint?: string): InputError {
  return new InputError('ERR_TERMS_INVALID', message, { hint });
}
