import { createHash } from 'node:crypto';
import { rules as builtInRules } from '../../protocols/registry.ts';
import type { Mandate, Rule } from '../../protocols/rule.ts';
import { type Agreement, serializeAgreement, type VerifiedAgreement } from '../agreement/agreement.ts';
import { rawPublicKey, sameKey } from '../agreement/identity.ts';
import { canonicalText } from '../agreement/json.ts';
import type { OutcomeJson, PublicJwk } from '../agreement/terms.ts';
import type { Party } from '../engine/engine.ts';
import { InputError, VerificationError } from '../errors.ts';
import {
  type OpeningContext,
  openSeal,
  type SealKey,
  type SealOpening,
  verifyOpening,
} from '../paillier/seal/index.ts';
import { type VerifyOptions, verifyAgreement } from './verify.ts';

/** What openings show about an agreement. */
export interface VerifiedOpenings {
  readonly agreement: VerifiedAgreement;
  /** What each party that opened had entered, by role. */
  readonly mandates: Readonly<Record<string, Mandate>>;
  /** Whether both parties opened, and the rule makes exactly this outcome of what they show. */
  readonly confirmed: boolean;
}

/**
 * Opens this party's seal in an agreement, for whoever should see what it had entered. Throws VerificationError if the agreement is not
 * valid, InputError `ERR_USAGE` if it has no seal of this identity, `ERR_SEAL_KEY_INVALID` for another seal key.
 */
export async function openAgreement(
  agreement: Agreement,
  own: { readonly identity: PublicJwk; readonly sealKey: SealKey },
  rules: readonly Rule[] = [],
): Promise<SealOpening> {
  const verified = await verifyAgreement(agreement, { parties: 'unpinned', rules });
  const role = Object.keys(verified.parties).find((name) =>
    sameKey(verified.parties[name]!.key, own.identity),
  );
  if (role === undefined) throw usage('this identity is not a party to the agreement');
  return openSeal(own.sealKey, contextOf(agreement, verified, role));
}

/**
 * Verifies an agreement together with openings of its seals, each party's once at most. With both, the outcome is computed anew from
 * what was sealed. Throws VerificationError as `verifyAgreement` does, and `ERR_OPENING_INVALID`, `ERR_OPENING_AGREEMENT` or
 * `ERR_OPENING_OUTCOME`; InputError `ERR_USAGE`.
 */
export async function verifyOpenings(
  agreement: Agreement,
  openings: readonly unknown[],
  options: VerifyOptions & { readonly rules?: readonly Rule[] | undefined },
): Promise<VerifiedOpenings> {
  const verified = await verifyAgreement(agreement, options);
  const { terms, outcome } = verified;
  const known = [...(options.rules ?? []), ...builtInRules];
  const rule = known.find(({ name }) => name === terms.rule.name)!;
  const entries: Partial<Record<Party, unknown>> = {};
  const mandates: Record<string, Mandate> = {};
  for (const opening of openings) {
    const role = roleOf(opening, rule);
    const party: Party = role === rule.roles[0] ? 'a' : 'b';
    if (entries[party] !== undefined) throw usage(`there are two openings of the ${role}`);
    const value = verifyOpening(opening, contextOf(agreement, verified, role));
    const sealed = rule.sealed as NonNullable<Rule<unknown>['sealed']>;
    const entry = sealed.entry(terms, value);
    entries[party] = entry;
    mandates[role] = sealed.mandate(terms, party, entry);
  }
  const { a, b } = entries;
  const confirmed = a !== undefined && b !== undefined;
  if (confirmed && !sameOutcome(rule.plain(terms, a as never, b as never), outcome)) {
    throw new VerificationError(
      'ERR_OPENING_OUTCOME',
      'the rule makes another outcome of what the two sides sealed',
    );
  }
  return { agreement: verified, mandates, confirmed };
}

function contextOf(agreement: Agreement, { terms, seals }: VerifiedAgreement, role: string): OpeningContext {
  const seal = seals?.[role];
  if (seal === undefined) throw usage('the agreement has no seals');
  const digest = createHash('sha256').update(serializeAgreement(agreement)).digest();
  const identity = rawPublicKey(terms.parties[role]!);
  return { agreement: new Uint8Array(digest), party: role, identity, seal };
}

function roleOf(opening: unknown, rule: Rule): string {
  const party = typeof opening === 'object' && opening !== null && 'party' in opening ? opening.party : '';
  const role = rule.roles.find((name) => name === party);
  if (role !== undefined) return role;
  throw new VerificationError('ERR_OPENING_INVALID', 'the opening is of no party of this agreement');
}

function sameOutcome(left: OutcomeJson, right: OutcomeJson): boolean {
  return canonicalText(left) === canonicalText(right);
}

function usage(message: string): InputError {
  return new InputError('ERR_USAGE', message, { hint: 'see parley open --help' });
}
