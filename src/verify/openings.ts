import { platform } from '#platform';
import { ruleOf } from '../../protocols/registry.ts';
import type { BoundRule, Entry, Mandate, Rule } from '../../protocols/rule.ts';
import { packBits } from '../circuit/bits.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { Kernel, kernelsReady } from '../crypto/kernel.ts';
import { addHashOf } from '../crypto/polynomial-hash.ts';
import { systemRandom } from '../crypto/random.ts';
import { type Agreement, serializeAgreement, type VerifiedAgreement } from '../documents/agreement.ts';
import { rawPublicKey } from '../documents/identity.ts';
import { canonicalText, decodeBase64url } from '../documents/json.ts';
import { type Place, placeOfKey, placeOfRole } from '../documents/place.ts';
import type { OutcomeJson } from '../documents/rule.ts';
import type { PublicJwk } from '../documents/terms.ts';
import type { Party } from '../engine/engine.ts';
import { InputError, VerificationError } from '../errors.ts';
import {
  fingerprintMask,
  type OpenedSeal,
  type OpeningContext,
  openSeal,
  type SealKey,
  type SealOpening,
  verifyOpening,
} from '../seals/index.ts';
import { isProvedOutcome, type ProvedOutcome, serializeProvedOutcome } from './proved-form.ts';
import { type VerifyOptions, verifyAgreement } from './verify.ts';

/** What openings show about an agreement. */
export interface VerifiedOpenings {
  readonly agreement: VerifiedAgreement;
  /** What each party that opened had entered, by role. */
  readonly mandates: Readonly<Record<string, Mandate>>;
  /** Whether both parties opened, and the rule gives exactly this outcome for the mandates they show. */
  readonly confirmed: boolean;
}

/** The secrets that open a party's seal in an agreement. */
export interface OpeningSecrets {
  readonly identity: PublicJwk;
  readonly sealKey: SealKey;
  /** The mandate of that negotiation, for rules whose seals hold only a part of it (menus). */
  readonly mandate?: Mandate | undefined;
}

/**
 * Opens this party's seal in an agreement, or in a proved outcome, to show others what this party entered. Throws VerificationError if the agreement is not
 * valid, InputError `ERR_USAGE` if it has no seal of this identity, `ERR_MANDATE_MISSING` if the mandate is needed, `ERR_SEAL_KEY_INVALID` for another seal key,
 * `ERR_MANDATE_INVALID` for another mandate.
 */
export async function openAgreement(
  agreement: Agreement | ProvedOutcome,
  own: OpeningSecrets,
  rules: readonly Rule[] = [],
): Promise<SealOpening> {
  const verified = await verifyAgreement(agreement, { parties: 'unpinned', rules });
  const { terms } = verified;
  const rule = ruleOf(terms, rules);
  const place = placeOfKey(rule, terms.parties, own.identity);
  if (place === undefined) throw usage('this identity is not a party to the agreement');
  const bound = rule.under(terms);
  const rest = bound.seal?.committed && restOf(bound, place.party, own.mandate);
  return openSeal(own.sealKey, contextOf(agreement, verified, place.role), rest);
}

/**
 * Verifies an agreement together with openings of its seals, at most one of each party. With both openings, the outcome is computed anew from
 * the sealed entries. Throws VerificationError as `verifyAgreement` does, `ERR_OPENING_AGREEMENT`, `ERR_OPENING_INVALID`, or `ERR_OPENING_OUTCOME` if both parties signed
 * another outcome than that of the entries they show. `ERR_OPENING_INVALID` names a `party` whose opening does open its seal, and so proves that the
 * party entered something that is no mandate. Throws InputError `ERR_USAGE`.
 */
export async function verifyOpenings(
  agreement: Agreement | ProvedOutcome,
  openings: readonly unknown[],
  options: VerifyOptions & { readonly rules?: readonly Rule[] | undefined },
): Promise<VerifiedOpenings> {
  const verified = await verifyAgreement(agreement, options);
  await kernelsReady();
  const { terms, outcome } = verified;
  const rule = ruleOf(terms, options.rules);
  const bound = rule.under(terms);
  const entries: Partial<Record<Party, Entry>> = {};
  const mandates: Record<string, Mandate> = {};
  for (const opening of openings) {
    const { role, party } = placeOf(opening, rule);
    if (entries[party] !== undefined) throw usage(`there are two openings of the ${role}`);
    const { randomness, ...entry } = verifyOpening(opening, contextOf(agreement, verified, role));
    const mandate = bound.seal?.mandate(party, entry);
    if (mandate === undefined) throw atFault(role, 'no mandate has what it shows');
    requireFingerprint(verified, bound, role, entry, randomness);
    entries[party] = entry;
    mandates[role] = mandate;
  }
  const { a, b } = entries;
  const confirmed = a !== undefined && b !== undefined;
  if (confirmed && !sameOutcome(bound.plain(a, b), outcome)) {
    throw new VerificationError(
      'ERR_OPENING_OUTCOME',
      'the rule makes another outcome of what the two sides sealed',
    );
  }
  return { agreement: verified, mandates, confirmed };
}

/** Throws `ERR_OPENING_INVALID` unless the opened entry has the fingerprint of what was entered. */
function requireFingerprint(
  { session, fingerprints }: VerifiedAgreement,
  { seal }: BoundRule,
  role: string,
  entry: Entry,
  randomness: OpenedSeal['randomness'],
): void {
  const committed = seal?.committed;
  if (committed === undefined || fingerprints === undefined) return; // where the rule commits, the agreement has fingerprints
  const { widths } = committed;
  // Fewer or shorter inputs could have the same fingerprint.
  const announced = (holds: boolean) => {
    if (!holds) throw new Error('the inputs of a rule with commitments are as wide as it has announced');
  };
  const sum = fingerprintMask(randomness, decodeBase64url(session)!);
  const kernel = new Kernel();
  let part = 0;
  try {
    for (const bits of committed.inputs(entry)) {
      announced(bits.length === widths[part]);
      addHashOf(kernel, sum, fingerprints.keys[part]!, packBits(bits));
      part += 1;
    }
  } finally {
    kernel.destroy();
  }
  announced(part === widths.length);
  if (equalBytes(sum, fingerprints.values[role]!)) return;
  throw atFault(role, 'something else was entered than what it shows');
}

/** The part of a mandate's entry besides the sealed number. */
function restOf(bound: BoundRule, party: Party, mandate: Mandate | undefined): Uint8Array | undefined {
  if (mandate === undefined) {
    const message = 'a seal under this rule is opened with the mandate that was entered';
    throw new InputError('ERR_MANDATE_MISSING', message);
  }
  return bound.enter(party, mandate, systemRandom).rest;
}

function contextOf(
  agreement: Agreement | ProvedOutcome,
  { terms, seals }: VerifiedAgreement,
  role: string,
): OpeningContext {
  const seal = seals?.[role];
  if (seal === undefined) throw usage('the agreement has no seals, so what was entered cannot be shown');
  const serialized = isProvedOutcome(agreement)
    ? serializeProvedOutcome(agreement)
    : serializeAgreement(agreement);
  const digest = platform.sha256(serialized);
  const identity = rawPublicKey(terms.parties[role]!);
  return { agreement: digest, party: role, identity, seal };
}

function placeOf(opening: unknown, rule: Rule): Place {
  const party = typeof opening === 'object' && opening !== null && 'party' in opening ? opening.party : '';
  const place = placeOfRole(rule, party);
  if (place !== undefined) return place;
  throw new VerificationError('ERR_OPENING_INVALID', 'the opening is of no party of this agreement');
}

function sameOutcome(left: OutcomeJson, right: OutcomeJson): boolean {
  return canonicalText(left) === canonicalText(right);
}

/** The error for an opening that does open its seal and proves that the party did not enter a mandate. */
function atFault(party: string, reason: string): VerificationError {
  return new VerificationError('ERR_OPENING_INVALID', `the ${party}’s opening is not valid: ${reason}`, {
    party,
  });
}

function usage(message: string): InputError {
  return new InputError('ERR_USAGE', message);
}
