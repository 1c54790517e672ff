import { type Bits, packBits, unpackBits } from '../circuit/bits.ts';
import { equalBytes } from '../crypto/bytes.ts';
import {
  inForce,
  type SealsByRole,
  type VerifiedAgreement,
  type VerifyOptions,
  verifyPermitted,
  verifySeals,
  verifyTerms,
} from '../documents/agreement.ts';
import type { ArbiterTerms } from '../documents/arbiter-terms.ts';
import { verifyDelegations } from '../documents/bound-party.ts';
import { type VerifiedEngagement, verifyEngagementUnder } from '../documents/engagement.ts';
import { caseOf, type Fair } from '../documents/fair.ts';
import type { Fingerprints } from '../documents/fingerprints.ts';
import { canonicalText, decodeBase64url, encodeBase64url } from '../documents/json.ts';
import { readOpenedMask } from '../documents/mask-opening.ts';
import { type Resolution, readResolution } from '../documents/resolution.ts';
import type { RuleForTerms, RuleUnderTerms } from '../documents/rule.ts';
import { type Terms, termsDigest } from '../documents/terms.ts';
import { InputError, VerificationError } from '../errors.ts';
import {
  type Arbiter,
  arbiterOf,
  ciphertextDigest,
  commitMasked,
  type EscrowContext,
  escrowLabel,
  joinedDigest,
  opensTo,
  sharesDigest,
  tagHolds,
  unmask,
  type VerifierPart,
  withShare,
} from '../escrow/index.ts';
import { type MaskProof, type ProvedOutcome, readProvedOutcome } from './proved-form.ts';

/** What both engagements agree on. */
interface Engaged {
  readonly terms: Terms & { readonly arbiter: ArbiterTerms };
  readonly rule: RuleForTerms;
  readonly bound: RuleUnderTerms;
  readonly fair: Fair;
  readonly engagements: readonly [VerifiedEngagement, VerifiedEngagement];
}

/** The case that a proof is about. */
interface Case {
  readonly id: Uint8Array;
  readonly terms: Uint8Array;
  readonly session: Uint8Array;
  readonly fair: Fair;
}

/**
 * Verifies a proved outcome: both engagements, on the same terms, session, seals, escrows and masked outcome; the masked outcome; each mask, which must be in an
 * escrow that both have signed, opened by a signature of its party or in a resolution of the terms' arbiter; and that the rule can give what the unmasked bits say. It
 * gives what the agreement with two signatures would. Throws VerificationError as for agreements, or `ERR_AGREEMENT_ESCROWS`. libsodium has to be loaded.
 */
export async function verifyProvedUnder(
  document: Uint8Array | string | ProvedOutcome,
  options: VerifyOptions,
): Promise<VerifiedAgreement> {
  const proved = readProvedOutcome(document);
  const engaged = await bothEngaged(proved, options);
  const { terms, rule, bound, fair, engagements } = engaged;
  const [first, second] = engagements;
  const arbiter = namedArbiter(terms.arbiter);
  const seals = sealsOf(proved, engaged);
  const session = decodeBase64url(first.session)!;
  const digest = termsDigest(terms);
  const of: Case = { id: caseOf({ terms: digest, session, fair }), terms: digest, session, fair };
  const masked = openMasked(proved, bound, of);
  const resolution = resolutionOf(proved, arbiter, of, rule.roles);
  const [a, b] = rule.roles.map((role) => {
    const label = escrowLabel({ session, terms: digest, role, key: arbiter.escrowKey });
    const context = { label, key: arbiter.escrowKey, width: masked.length };
    return openMask(proved, { role, context, terms, of, resolution });
  });
  const outcome = bound.readOutcome!(unmask(masked, a!, b!));
  verifyPermitted(bound, outcome);
  const parties = { [first.role]: first.party, [second.role]: second.party };
  return {
    terms,
    outcome,
    session: first.session,
    seals,
    fingerprints: joinedFingerprints(first.fingerprints, second.fingerprints),
    parties,
    pinned: first.party.pinned && second.party.pinned,
    proof: resolution === undefined ? 'opened' : 'resolved',
    ...inForce({ terms, outcome, session: first.session, parties }, options),
  };
}

/** Both engagements, which must say the same. */
async function bothEngaged({ engagements, mandates }: ProvedOutcome, given: VerifyOptions): Promise<Engaged> {
  const options = { ...given, delegations: [...Object.values(mandates ?? {}), ...(given.delegations ?? [])] };
  const [one, other] = [
    await verifyEngagementUnder(engagements[0], options),
    await verifyEngagementUnder(engagements[1], options),
  ];
  verifyDelegations(one.terms, mandates);
  const { rule, bound, terms } = verifyTerms(one.terms, options.rules);
  const said = ({ terms, session, seals, fair }: VerifiedEngagement) =>
    canonicalText({ terms, session, ...(seals && { seals }), ...(fair && { fair }) });
  if (one.role !== rule.roles[0] || other.role !== rule.roles[1]) {
    throw new VerificationError(
      'ERR_AGREEMENT_PARTIES',
      'the engagements are not those of the two parties in order',
    );
  }
  if (said(one) !== said(other)) throw unproved('the engagements are not of one session');
  const { arbiter } = terms;
  if (arbiter === undefined || one.fair === undefined) throw unproved('the terms name no arbiter');
  return { terms: { ...terms, arbiter }, rule, bound, fair: one.fair, engagements: [one, other] };
}

function namedArbiter(named: ArbiterTerms): Arbiter {
  try {
    return arbiterOf(named);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw new VerificationError('ERR_AGREEMENT_TERMS', `the signed terms are not valid: ${cause.message}`, {
      cause,
    });
  }
}

/** The seals, whose digests the engagements name. */
function sealsOf(
  { seals: raw }: ProvedOutcome,
  { terms, rule, bound, engagements }: Engaged,
): SealsByRole | undefined {
  const seals = verifySeals(terms, rule, bound, raw);
  for (const [role, seal] of Object.entries(seals ?? {})) {
    if (engagements[0].seals?.[role] === encodeBase64url(seal.digest())) continue;
    throw new VerificationError('ERR_AGREEMENT_SEALS', 'a seal is not the one that the engagements name');
  }
  return seals;
}

/** z, to which both engagements commit. */
function openMasked({ opening }: ProvedOutcome, bound: RuleUnderTerms, { session, fair }: Case): Bits {
  const { outcomeWidth, readOutcome } = bound;
  if (outcomeWidth === undefined || readOutcome === undefined)
    throw unproved('its rule reads no outcome from bits');
  const packed = decodeBase64url(opening.masked)!;
  if (packed.length !== Math.ceil(outcomeWidth / 8))
    throw unproved('the masked outcome is not as long as the outcome');
  const masked = unpackBits(packed, outcomeWidth);
  const commitment = commitMasked(session, decodeBase64url(opening.salt)!, masked);
  if (!equalBytes(packBits(masked), packed) || encodeBase64url(commitment) !== fair.masked) {
    throw unproved('the engagements commit to another masked outcome');
  }
  return masked;
}

/** The resolution, which is there if a mask needs it, and only then. */
function resolutionOf(
  { masks, resolution, engagements }: ProvedOutcome,
  { key }: Arbiter,
  of: Case,
  [first, second]: RuleForTerms['roles'],
): Resolution | undefined {
  const needed = Object.values(masks).some(({ by }) => by === 'arbiter');
  if (needed !== (resolution !== undefined))
    throw unproved('it has a resolution without a use, or lacks one');
  if (resolution === undefined) return undefined;
  const read = readResolution(resolution, key);
  const sameCase = equalBytes(read.case, of.id) && read.complainBy === of.fair.complainBy;
  if (!sameCase || !equalBytes(read.session, of.session) || !equalBytes(read.terms, of.terms)) {
    throw unproved('the resolution is of another case');
  }
  const engaged = { [first]: engagements[0], [second]: engagements[1] };
  if (canonicalText(read.engagements) !== canonicalText(engaged)) {
    throw unproved('the resolution holds other engagements');
  }
  return read;
}

interface MaskView {
  readonly role: string;
  readonly context: EscrowContext;
  readonly terms: Terms;
  readonly of: Case;
  readonly resolution: Resolution | undefined;
}

/** o of one party. */
function openMask({ masks }: ProvedOutcome, { role, context, terms, of, resolution }: MaskView): Bits {
  const proof = Object.hasOwn(masks, role) ? masks[role] : undefined;
  if (proof === undefined) throw unproved('it does not have the masks of both parties');
  const part = recordPart(proof);
  const ciphertext = decodeBase64url(proof.ciphertext)!;
  if (encodeBase64url(digestOf(context, proof, part, ciphertext)) !== of.fair.escrows[role]) {
    throw unproved(`the ${role}’s escrow is not the one that the engagements name`);
  }
  const found =
    proof.by === 'party'
      ? byParty(proof, context, part, openedBy(role, proof.mask, terms, of))
      : byArbiter(proof, context, part, resolution?.opened[role]?.[proof.index]);
  if (found?.mask === undefined || !opensTo(context, part, proof.index, ciphertext, found.opened)) {
    throw unproved(`what opens the ${role}’s mask does not belong to its escrow`);
  }
  if (!tagHolds(context, part, found.mask)) throw unproved(`the ${role}’s mask does not have its tag`);
  return unpackBits(found.mask, context.width);
}

function byParty(
  { index, seed }: MaskProof & { readonly by: 'party' },
  context: EscrowContext,
  part: VerifierPart,
  mask: Uint8Array,
) {
  const plaintext = withShare(context, part, index, mask);
  return plaintext && { mask, opened: { plaintext, seed: decodeBase64url(seed)! } };
}

function byArbiter(
  { index }: MaskProof,
  context: EscrowContext,
  part: VerifierPart,
  opened: Resolution['opened'][string][number],
) {
  return opened && { mask: withShare(context, part, index, opened.plaintext), opened };
}

/** The mask that its party has signed for this case. */
function openedBy(
  role: string,
  document: ProvedOutcome['engagements'][0],
  terms: Terms,
  of: Case,
): Uint8Array {
  const opened = readOpenedMask(document, terms.parties[role]!);
  if (opened.party !== role || !equalBytes(opened.case, of.id))
    throw unproved('a mask was opened in another case');
  return opened.mask;
}

function recordPart({ rest }: MaskProof): VerifierPart {
  const [challenge, matrix, shares, tag] = [rest.challenge, rest.matrix, rest.shares, rest.tag].map(
    (text) => decodeBase64url(text)!,
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  return { challenge, matrix, shares, tag };
}

/** The digest of the escrow's record. */
function digestOf(
  { label }: EscrowContext,
  { index, rest }: MaskProof,
  part: VerifierPart,
  ciphertext: Uint8Array,
): Uint8Array {
  const others = decodeBase64url(rest.others)!;
  const digests = Array.from({ length: others.length / 32 }, (_, i) => others.subarray(32 * i, 32 * i + 32));
  const all = digests.toSpliced(index, 0, ciphertextDigest(ciphertext));
  return joinedDigest(label, part.challenge, all, sharesDigest(part));
}

/** The fingerprints of both. Each engagement has its signer's own, under the same keys. */
function joinedFingerprints(
  one: Fingerprints | undefined,
  other: Fingerprints | undefined,
): Fingerprints | undefined {
  if (one === undefined || other === undefined) return undefined;
  const same = one.keys.every((key, i) => equalBytes(key, other.keys[i]!));
  if (!same) throw unproved('the fingerprints are not under the same keys');
  return { keys: one.keys, values: { ...one.values, ...other.values } };
}

function unproved(message: string): VerificationError {
  return new VerificationError('ERR_AGREEMENT_ESCROWS', message);
}
