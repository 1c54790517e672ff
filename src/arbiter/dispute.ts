import * as z from 'zod';
import { type Bits, packBits, unpackBits } from '../circuit/bits.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { utf8 } from '../crypto/encoding.ts';
import { delegationsSchema, type SignedDelegations } from '../documents/bound-party.ts';
import { type FairEngagement, readFairEngagement } from '../documents/fair-engagement.ts';
import { canonicalText, decodeBase64url, encodeBase64url, parseJson } from '../documents/json.ts';
import { type GeneralJws, jwsSchema } from '../documents/jws.ts';
import { maskDocument } from '../documents/mask-opening.ts';
import { byRole, bytesOf, roleMember } from '../documents/members.ts';
import { InputError, isParleyError } from '../errors.ts';
import {
  arbiterOf,
  commitMasked,
  type EscrowRecord,
  escrowLabel,
  MAX_OUTCOME_BITS,
  type MaskOpening,
  maskLength,
  PAIRS,
  recordDigest,
  SALT_LENGTH,
  SEED_LENGTH,
  verifyMask,
} from '../escrow/index.ts';
import { belongTogether } from './engagements.ts';

/** The peer's mask as it opened it in the session, with its signature, 64 bytes. */
export interface SignedOpening extends MaskOpening {
  readonly signature: Uint8Array;
}

/**
 * What a side keeps from before its engagement leaves until the agreement is complete. It holds no mandate and, without the peer's mask, no outcome. Terms,
 * session, arbiter and deadline are those of the own engagement.
 */
export interface Dispute {
  readonly role: string;
  /** The engagements by role: always the own one, and the peer's once it is there. */
  readonly engagements: Readonly<Record<string, GeneralJws>>;
  /** s, 32 bytes, and z: what the engagements commit to. */
  readonly salt: Uint8Array;
  readonly masked: Bits;
  /** The records of both escrows by role. */
  readonly records: Readonly<Record<string, EscrowRecord>>;
  /** How the own mask is opened. */
  readonly own: MaskOpening;
  /** Whether the own mask may have left: if so the other side may have an outcome and a proof of it, whatever the arbiter says. */
  readonly opened: boolean;
  /** How the peer has opened its own mask. */
  readonly peer?: SignedOpening | undefined;
  /** Both seals by role, where the terms have them. */
  readonly seals?: Readonly<Record<string, unknown>> | undefined;
  /** The mandate certificates that the terms name, by role. */
  readonly mandates?: SignedDelegations | undefined;
}

/** A dispute as it was read, and what its own engagement says. */
export interface ReadDispute extends Dispute {
  readonly engagement: FairEngagement;
}

/** The most bytes of a dispute file. */
const MAX_DISPUTE = 8 << 20;
const LONGEST = maskLength(MAX_OUTCOME_BITS);

const openingSchema = z.strictObject({
  mask: bytesOf(1, LONGEST),
  index: z
    .int()
    .min(0)
    .max(PAIRS - 1),
  seed: bytesOf(SEED_LENGTH),
});
const recordSchema = z.strictObject({
  challenge: bytesOf(5),
  ciphertexts: z.array(bytesOf(64, 64 + LONGEST)).length(PAIRS),
  shares: bytesOf(1, PAIRS * LONGEST),
  tag: bytesOf(6),
  matrix: bytesOf(32),
});
const schema = z.strictObject({
  parley: z.literal(1),
  role: roleMember,
  width: z.int().min(1).max(MAX_OUTCOME_BITS),
  engagements: z.record(roleMember, jwsSchema),
  salt: bytesOf(SALT_LENGTH),
  masked: bytesOf(1, Math.ceil(MAX_OUTCOME_BITS / 8)),
  records: byRole(recordSchema),
  own: openingSchema,
  opened: z.boolean(),
  peer: openingSchema.extend({ signature: bytesOf(64) }).exactOptional(),
  seals: byRole(z.unknown()).exactOptional(),
  mandates: delegationsSchema.exactOptional(),
});
type Json = z.infer<typeof schema>;

/** The one byte form of a dispute file: RFC 8785, then a newline. */
export function serializeDispute(dispute: Dispute): Uint8Array {
  const { role, engagements, salt, masked, records, own, opened, peer, seals, mandates } = dispute;
  const json: Json = {
    parley: 1,
    ...{ role, width: masked.length, engagements, opened },
    salt: encodeBase64url(salt),
    masked: encodeBase64url(packBits(masked)),
    records: Object.fromEntries(
      Object.entries(records).map(([name, record]) => [name, recordAsJson(record)]),
    ),
    own: openingAsJson(own),
    ...(peer !== undefined && {
      peer: { ...openingAsJson(peer), signature: encodeBase64url(peer.signature) },
    }),
    ...(seals !== undefined && { seals }),
    ...(mandates !== undefined && { mandates }),
  };
  return utf8(`${canonicalText(json)}\n`);
}

/**
 * Reads a dispute file, and checks that its parts belong together: engagements of one case, and records, salt and masked outcome as they were signed.
 * Throws InputError `ERR_DISPUTE_INVALID`.
 */
export function readDispute(bytes: Uint8Array): ReadDispute {
  if (bytes.length > MAX_DISPUTE) throw invalid('it is too long');
  try {
    const value = parseJson(bytes, 'the dispute file', MAX_DISPUTE);
    const parsed = schema.safeParse(value);
    if (!parsed.success || canonicalText(parsed.data) !== canonicalText(value)) {
      throw invalid('it does not have the members of one');
    }
    return consistent(parsed.data);
  } catch (cause) {
    if (!isParleyError(cause)) throw cause;
    throw cause.code === 'ERR_DISPUTE_INVALID' ? cause : invalid(cause.message);
  }
}

function consistent(json: Json): ReadDispute {
  const { role, width, engagements, opened, seals, peer, mandates } = json;
  const own = Object.hasOwn(engagements, role) ? readFairEngagement(engagements[role]!) : undefined;
  if (own === undefined) throw invalid('it lacks the own engagement');
  for (const [name, jws] of Object.entries(engagements)) {
    const one = readFairEngagement(jws);
    if (one.role !== name || !belongTogether(one, own)) throw invalid('an engagement is of another case');
  }
  const [salt, packed] = [decodeBase64url(json.salt)!, decodeBase64url(json.masked)!];
  const masked = packed.length === Math.ceil(width / 8) ? unpackBits(packed, width) : undefined;
  const signed = decodeBase64url(own.fair.masked);
  if (masked === undefined || !equalBytes(packBits(masked), packed))
    throw invalid('its outcome has another width');
  if (signed === undefined || !equalBytes(commitMasked(own.session, salt, masked), signed))
    throw invalid('the masked outcome is not the signed one');
  const records = readRecords(json, own);
  verifyMask(records[role]!, openingOf(json.own));
  return {
    ...{ role, engagements, salt, masked, opened, records, engagement: own },
    own: openingOf(json.own),
    ...(peer !== undefined && { peer: readPeer(peer, own, records) }),
    ...(seals !== undefined && { seals }),
    ...(mandates !== undefined && { mandates }),
  };
}

/** The peer's opening, which has to be one of its escrow, and signed. */
function readPeer(
  json: NonNullable<Json['peer']>,
  { parties, role, case: of }: FairEngagement,
  records: Readonly<Record<string, EscrowRecord>>,
): SignedOpening {
  const party = Object.keys(parties).find((name) => name !== role)!;
  const opening = { ...openingOf(json), signature: decodeBase64url(json.signature)! };
  verifyMask(records[party]!, opening);
  const { mask, signature } = opening;
  if (!maskDocument({ case: of, party, mask }).check(parties[party]!, signature))
    throw invalid('the signature on the other mask does not verify');
  return opening;
}

/** Both records, which have to be those whose digests were signed. */
function readRecords({ records, width }: Json, own: FairEngagement): Record<string, EscrowRecord> {
  const { session, terms, parties, fair, arbiter } = own;
  const { escrowKey: key } = arbiterOf(arbiter);
  return Object.fromEntries(
    Object.keys(parties).map((role) => {
      const json = records[role];
      if (json === undefined) throw invalid('it lacks a record');
      const record = {
        ...{ key, width, label: escrowLabel({ session, terms, role, key }) },
        challenge: decodeBase64url(json.challenge)!,
        ciphertexts: json.ciphertexts.map((ciphertext) => decodeBase64url(ciphertext)!),
        shares: decodeBase64url(json.shares)!,
        tag: decodeBase64url(json.tag)!,
        matrix: decodeBase64url(json.matrix)!,
      };
      const signed = decodeBase64url(fair.escrows[role]);
      if (signed === undefined || !equalBytes(recordDigest(record), signed))
        throw invalid('a record is not the signed one');
      return [role, record];
    }),
  );
}

/** A dispute is written more than once with the same records. */
const written = new WeakMap<EscrowRecord, Json['records'][string]>();

function recordAsJson(record: EscrowRecord): Json['records'][string] {
  const json = written.get(record) ?? newRecordAsJson(record);
  written.set(record, json);
  return json;
}

function newRecordAsJson({
  challenge,
  ciphertexts,
  shares,
  tag,
  matrix,
}: EscrowRecord): Json['records'][string] {
  return {
    challenge: encodeBase64url(challenge),
    ciphertexts: ciphertexts.map(encodeBase64url),
    shares: encodeBase64url(shares),
    tag: encodeBase64url(tag),
    matrix: encodeBase64url(matrix),
  };
}

function openingAsJson({ mask, index, seed }: MaskOpening): Json['own'] {
  return { mask: encodeBase64url(mask), index, seed: encodeBase64url(seed) };
}

function openingOf({ mask, index, seed }: Json['own']): MaskOpening {
  return { mask: decodeBase64url(mask)!, index, seed: decodeBase64url(seed)! };
}

function invalid(reason: string): InputError {
  return new InputError('ERR_DISPUTE_INVALID', `not a dispute file of this session: ${reason}`);
}
