import * as z from 'zod';
import { InputError, VerificationError } from '../errors.ts';
import { exactMembers } from '../paillier/json.ts';
import { Seal, type SealJson } from '../seals/index.ts';
import { withoutCard } from './arbiter-terms.ts';
import {
  type Delegations,
  delegationsSchema,
  fingerprintOf,
  pinFingerprint,
  type SignedDelegations,
  type VerifiedDelegation,
  verifiedDelegation,
  verifyDelegations,
} from './bound-party.ts';
import { type DelegationDocuments, readDelegation } from './delegation.ts';
import {
  type Fingerprints,
  type FingerprintsJson,
  fingerprintsAsJson,
  fingerprintsSchema,
  readFingerprints,
} from './fingerprints.ts';
import { thumbprint } from './identity.ts';
import { decodeBase64url, encodeBase64url } from './json.ts';
import { type GeneralJws, openJws, parsePayload, SignableDocument, serializeJws } from './jws.ts';
import { mandateStatus, type WitnessedBy, witnessedAt } from './mandate-status.ts';
import type { Principal } from './principal.ts';
import { type Ratification, type RatificationRecord, ratificationOf } from './ratified.ts';
import { calledIn, roleNamed, rolesIn } from './roles.ts';
import { type OutcomeJson, type RuleForTerms, type RuleUnderTerms, ruleNamed } from './rule.ts';
import { agreementCodes, verifySignatures } from './signatures.ts';
import { type PublicJwk, readTerms, type Terms } from './terms.ts';
import { quoted } from './text.ts';
import { documentTypes } from './types.ts';
import { firstUnsafe } from './values.ts';

/** The outcome with its terms and session, signed by both parties. JSON; `serializeAgreement` gives its canonical bytes. */
export type Agreement = GeneralJws;

/** What both parties sign. */
export interface AgreementBody {
  readonly terms: Terms;
  readonly outcome: OutcomeJson;
  /** Digest of the session that computed the outcome, 32 bytes. */
  readonly session: Uint8Array;
  /** What each party sealed, by role, where the terms have seals. */
  readonly seals?: SealsByRole | undefined;
  /** Fingerprints of what each party entered, where the seals have commitments. */
  readonly fingerprints?: Fingerprints | undefined;
  /** The mandate certificates that the terms name, by role. */
  readonly mandates?: SignedDelegations | undefined;
}

/** Both parties' seals by role. */
export type SealsByRole = Readonly<Record<string, Seal>>;

/** Whom a document must bind, by role (public JWKs, principals of several keys, or the fingerprints of either), or 'unpinned' to accept anyone. */
export type Pins = Readonly<Record<string, PublicJwk | Principal | string>> | 'unpinned';

export interface VerifyOptions {
  readonly parties: Pins;
  /** Mandate certificates and lists of revocations that the verifier has. Documents may only name a certificate; and a list may be newer than theirs. */
  readonly delegations?: readonly DelegationDocuments[] | undefined;
  /** What shows by when the document existed. */
  readonly witnessed?: WitnessedBy | undefined;
  readonly rules: readonly RuleForTerms[];
  /** What shows that a deal has been ratified. */
  readonly ratified?: RatificationRecord | undefined;
}

/** A party of a verified document. */
export interface VerifiedParty {
  readonly key: PublicJwk;
  /** RFC 7638 thumbprint of `key`. */
  readonly fingerprint: string;
  /** Whether the verifier had named this party: its principal where it acts for one, and else its key. */
  readonly pinned: boolean;
  /** Whom the signature binds, where the terms name a mandate certificate of this party and it is there: that principal is then the party bound, not the holder of `key`. */
  readonly delegation?: VerifiedDelegation;
}

export interface VerifiedAgreement {
  readonly terms: Terms;
  readonly outcome: OutcomeJson;
  /** Session digest, base64url. */
  readonly session: string;
  /** Both parties' seals, where the terms have seals. */
  readonly seals: SealsByRole | undefined;
  /** Fingerprints of what both entered, where the seals have commitments. */
  readonly fingerprints: Fingerprints | undefined;
  /** By role, in party order. */
  readonly parties: Readonly<Record<string, VerifiedParty>>;
  /** Whether every party was pinned. */
  readonly pinned: boolean;
  /**
   * What proves the outcome: the signatures of both; or, where the terms name an arbiter, engagements with masks that both have opened, or with what the arbiter
   * has opened in time. All three prove the same.
   */
  readonly proof: 'signed' | 'opened' | 'resolved';
  /** How it stands with the ratification that the terms ask for; undefined where a deal needs none, and where there is no deal. */
  readonly ratification: Ratification | undefined;
  /** Whether the outcome binds both: at once, unless it has to be ratified. */
  readonly inForce: boolean;
}

const SESSION_LENGTH = 32;

/** The form only. The rule decides whether it can give such an outcome. */
const outcomeSchema: z.ZodType<OutcomeJson> = z.object({ deal: z.boolean() }).catchall(z.json());
export const sessionSchema = z.string().refine((text) => decodeBase64url(text)?.length === SESSION_LENGTH);
const payloadSchema = z.strictObject({
  parley: z.literal(1),
  terms: z.looseObject({ rule: z.looseObject({ name: z.string() }) }),
  outcome: outcomeSchema,
  session: sessionSchema,
  seals: z.record(z.string(), z.unknown()).exactOptional(),
  fingerprints: fingerprintsSchema.exactOptional(),
  mandates: delegationsSchema.exactOptional(),
});

/** The document that both parties sign: each builds it from its own view of the session. */
export function agreementDocument(body: AgreementBody): SignableDocument {
  const { terms, outcome, seals, fingerprints, mandates } = body;
  const session = encodeSession(body.session);
  return new SignableDocument(documentTypes.agreement, {
    parley: 1,
    terms,
    outcome,
    session,
    ...(seals !== undefined && { seals: sealsAsJson(seals) }),
    ...(fingerprints !== undefined && {
      fingerprints: fingerprintsAsJson(fingerprints, Object.keys(fingerprints.values)),
    }),
    ...(mandates !== undefined && { mandates }),
  });
}

/** An agreement's canonical bytes: RFC 8785, then a newline. */
export function serializeAgreement(agreement: Agreement): Uint8Array {
  return serializeJws(agreement);
}

/** A short name for an agreement: the first eight letters and digits of its first signature. */
export function agreementName({ signatures }: Agreement): string {
  return shortName(signatures[0]?.signature ?? '');
}

/** The first eight letters and digits of a text. */
export function shortName(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 8);
}

/**
 * Verifies an agreement: its exact bytes (unless it is given as an object), its terms under their rule, that the rule
 * can give this outcome, exactly one signature of each party in party order, and the pinned keys.
 * Throws VerificationError with code `ERR_AGREEMENT_FORMAT`, `ERR_AGREEMENT_TERMS`, `ERR_AGREEMENT_OUTCOME`,
 * `ERR_AGREEMENT_SEALS`, `ERR_AGREEMENT_PARTIES`, `ERR_AGREEMENT_SIGNATURE`, or one of `ERR_DELEGATION_…`.
 */
export async function verifyAgreementUnder(
  agreement: Uint8Array | string | Agreement,
  options: VerifyOptions,
): Promise<VerifiedAgreement> {
  const { jws, payload } = openJws(agreement);
  const parsed = parsePayload(payloadSchema, payload);
  // Seals and certificates are long, and are checked more strictly below.
  if (
    parsed === undefined ||
    firstUnsafe({ ...parsed, terms: withoutCard(parsed.terms), seals: null, mandates: null }) !== undefined
  ) {
    throw new VerificationError('ERR_AGREEMENT_FORMAT', 'the signed payload is not that of an agreement');
  }
  const { terms: rawTerms, outcome, session, seals: rawSeals } = parsed;
  const { terms, rule, bound } = verifyTerms(rawTerms, options.rules);
  verifyPermitted(bound, outcome);
  const seals = verifySeals(terms, rule, bound, rawSeals);
  const fingerprints = verifyFingerprints(terms, bound, parsed.fingerprints, rule.roles);
  verifySignatures(
    jws,
    { type: documentTypes.agreement, what: 'the agreement', codes: agreementCodes },
    rule.roles.map((role) => terms.parties[role]!),
  );
  const delegations = verifyDelegations(terms, parsed.mandates);
  const parties = verifyParties(terms, rule.roles, delegations, { ...options, document: jws });
  return {
    terms,
    outcome,
    session,
    seals,
    fingerprints,
    parties,
    pinned: Object.values(parties).every(({ pinned }) => pinned),
    proof: 'signed',
    ...inForce({ terms, outcome, session, parties }, options),
  };
}

/** Whether a verified outcome is in force. */
export function inForce(
  deal: Pick<VerifiedAgreement, 'terms' | 'outcome' | 'session' | 'parties'>,
  { ratified }: Pick<VerifyOptions, 'ratified'>,
): Pick<VerifiedAgreement, 'ratification' | 'inForce'> {
  const ratification = ratificationOf(deal, ratified);
  return { ratification, inForce: ratification === undefined || ratification.state === 'in force' };
}

/** Throws VerificationError `ERR_AGREEMENT_OUTCOME` unless the rule can give this outcome. */
export function verifyPermitted(bound: RuleUnderTerms, outcome: OutcomeJson): void {
  if (permits(bound, outcome)) return;
  throw new VerificationError('ERR_AGREEMENT_OUTCOME', 'the rule cannot give this outcome under these terms');
}

/** The terms inside a signed document, and their rule. Throws VerificationError `ERR_AGREEMENT_TERMS`. */
export function verifyTerms(
  raw: { readonly rule: { readonly name: string } },
  rules: readonly RuleForTerms[],
): { readonly terms: Terms; readonly rule: RuleForTerms; readonly bound: RuleUnderTerms } {
  const rule = ruleNamed(rules, raw.rule.name);
  if (rule === undefined) {
    throw new VerificationError('ERR_AGREEMENT_TERMS', `unknown rule ${quoted(raw.rule.name)}`, {
      hint: 'verify with a version, or with rules, that have it',
    });
  }
  try {
    return { rule, ...readTerms(raw, rule) };
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw new VerificationError('ERR_AGREEMENT_TERMS', `the signed terms are not valid: ${cause.message}`, {
      cause,
    });
  }
}

function sealsAsJson(seals: SealsByRole): Record<string, SealJson> {
  return Object.fromEntries(Object.entries(seals).map(([role, seal]) => [role, seal.toJSON()]));
}

/** Requires exactly one well-formed seal for each role, under different keys, if the terms have seals, and none otherwise. */
export function verifySeals(
  terms: Terms,
  { roles }: RuleForTerms,
  { seal: sealing }: RuleUnderTerms,
  raw: Readonly<Record<string, unknown>> | undefined,
): SealsByRole | undefined {
  const invalid = (message: string) => new VerificationError('ERR_AGREEMENT_SEALS', message);
  if (terms.seals === 'none') {
    if (raw !== undefined) throw invalid('it has seals, and its terms have none');
    return undefined;
  }
  if (sealing === undefined) throw invalid('the bids of its rule cannot be sealed');
  const [first, second] = roles;
  if (raw === undefined || exactMembers(raw, ...roles) === undefined) {
    throw invalid('it does not have the seals that its terms ask for');
  }
  const form = { width: sealing.width, committed: sealing.committed !== undefined };
  try {
    const seals = { [first]: Seal.fromJSON(raw[first], form), [second]: Seal.fromJSON(raw[second], form) };
    if (seals[first]!.key.equals(seals[second]!.key)) throw invalid('both seals are under one key');
    return seals;
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw new VerificationError('ERR_AGREEMENT_SEALS', `a seal is malformed: ${cause.message}`, { cause });
  }
}

/** Requires well-formed fingerprints of these roles if the terms ask for seals with commitments, and none otherwise. Throws `ERR_AGREEMENT_SEALS`. */
export function verifyFingerprints(
  terms: Terms,
  { seal }: RuleUnderTerms,
  raw: FingerprintsJson | undefined,
  roles: readonly string[],
): Fingerprints | undefined {
  const committed = terms.seals === 'none' ? undefined : seal?.committed;
  if (committed === undefined && raw === undefined) return undefined;
  const fingerprints = committed && raw && readFingerprints(raw, committed.widths.length, roles);
  if (fingerprints !== undefined) return fingerprints;
  throw new VerificationError(
    'ERR_AGREEMENT_SEALS',
    'it does not have the fingerprints that its terms ask for',
  );
}

/** What parties are compared with, and the signed document that binds them. */
interface PartyOptions extends Pick<VerifyOptions, 'parties' | 'delegations' | 'witnessed'> {
  readonly document: GeneralJws;
  /** The only role that has signed it, if not both have. */
  readonly signer?: string;
}

/** Compares whom the terms bind with the pins, role by role. Throws VerificationError `ERR_AGREEMENT_PARTIES`, `ERR_DELEGATION_EXPIRED`, InputError `ERR_USAGE`. */
export function verifyParties(
  terms: Terms,
  roles: RuleForTerms['roles'],
  delegations: Delegations,
  { parties: pins, delegations: known = [], witnessed, document, signer }: PartyOptions,
): Record<string, VerifiedParty> {
  const lists = delegations.size === 0 ? [] : known.flatMap(listOf);
  const time = delegations.size === 0 ? undefined : witnessedAt(document, witnessed);
  const pinned = pins === 'unpinned' ? {} : pinsByRole(pins, roles, terms);
  const parties: Record<string, VerifiedParty> = {};
  for (const role of roles) {
    const key = terms.parties[role]!;
    const pin = pinned[role];
    const bound = fingerprintOf(terms, role, delegations);
    if (pin !== undefined && pinFingerprint(pin) !== bound) throw unexpected(calledIn(terms, role), bound);
    const delegation = delegations.get(role);
    parties[role] = {
      key,
      fingerprint: thumbprint(key),
      pinned: pin !== undefined,
      ...(delegation !== undefined &&
        role === (signer ?? role) && {
          delegation: verifiedDelegation(delegation, mandateStatus(delegation, lists, time, witnessed)),
        }),
    };
  }
  return parties;
}

function listOf(documents: DelegationDocuments): GeneralJws[] {
  const { revocations } = readDelegation(documents).documents;
  return revocations === undefined ? [] : [revocations];
}

function unexpected(called: string, bound: string | undefined): VerificationError {
  if (bound !== undefined) {
    return new VerificationError('ERR_AGREEMENT_PARTIES', `the ${called}'s key is not the one expected`);
  }
  return new VerificationError('ERR_AGREEMENT_PARTIES', `nothing shows for whom the ${called}'s key acts`, {
    hint: 'give the mandate certificate that the terms name, too',
  });
}

/** A session digest in the form of documents. */
export function encodeSession(session: Uint8Array): string {
  if (session.length !== SESSION_LENGTH) throw new RangeError('a session digest is 32 bytes');
  return encodeBase64url(session);
}

/** Pins by the rule's roles, made from pins that may use the terms' names for them. */
function pinsByRole(
  pins: Exclude<Pins, 'unpinned'>,
  roles: RuleForTerms['roles'],
  terms: Terms,
): Record<string, PublicJwk | Principal | string> {
  const named = Object.keys(pins);
  if (named.length === 0) {
    throw new InputError('ERR_USAGE', 'no party is pinned', {
      hint: "name keys by role, or say 'unpinned'",
    });
  }
  const found = named.map((name) => roleNamed({ roles }, terms, name));
  const unknown = named.find((_, i) => found[i] === undefined);
  if (unknown !== undefined) {
    throw new InputError('ERR_USAGE', `${quoted(unknown)} is no role here`, {
      hint: `the roles are ${rolesIn({ roles }, terms).join(' and ')}`,
    });
  }
  if (new Set(found).size < found.length) throw new InputError('ERR_USAGE', 'a role is pinned twice');
  return Object.fromEntries(named.map((name, i) => [found[i]!, pins[name]!]));
}

function permits(bound: RuleUnderTerms, outcome: OutcomeJson): boolean {
  try {
    return bound.permits(outcome);
  } catch {
    return false;
  }
}
