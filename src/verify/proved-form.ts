import * as z from 'zod';
import { concatBytes, equalBytes } from '../crypto/bytes.ts';
import { utf8 } from '../crypto/encoding.ts';
import type { SealsByRole } from '../documents/agreement.ts';
import { delegationsSchema, type SignedDelegations } from '../documents/bound-party.ts';
import { canonicalText, encodeBase64url, parseJson } from '../documents/json.ts';
import { type GeneralJws, jwsSchema, MAX_JWS_LENGTH } from '../documents/jws.ts';
import { byRole, bytesOf } from '../documents/members.ts';
import { InputError, VerificationError } from '../errors.ts';
import { ciphertextDigest, type EscrowRecord, PAIRS } from '../escrow/index.ts';

/**
 * An outcome that is proved without the signatures of an agreement: both engagements, the masked outcome, and both masks, each opened by its party or by the
 * arbiter. JSON; bytes are in base64url.
 */
export interface ProvedOutcome {
  readonly parley: 1;
  /** In the order of the rule's roles. */
  readonly engagements: readonly [GeneralJws, GeneralJws];
  /** Both parties' seals, whose digests the engagements name, where the terms have seals. */
  readonly seals?: Readonly<Record<string, unknown>>;
  /** The mandate certificates that the terms name, by role. */
  readonly mandates?: SignedDelegations;
  /** z, packed, and the salt of both with which the engagements commit to it. */
  readonly opening: { readonly salt: string; readonly masked: string };
  /** By role. */
  readonly masks: Readonly<Record<string, MaskProof>>;
  /** What the arbiter has opened, if that is a part of the proof. */
  readonly resolution?: GeneralJws;
}

/** One party's mask: the unopened ciphertext of a pair, who has opened it, and the rest of the escrow's record. */
export type MaskProof = PartyMask | ArbiterMask;

interface PartyMask extends MaskPlace {
  readonly by: 'party';
  /** The party's signature on its mask (`maskDocument`). */
  readonly mask: GeneralJws;
  readonly seed: string;
}

interface ArbiterMask extends MaskPlace {
  readonly by: 'arbiter';
}

interface MaskPlace {
  /** The pair, from 0 on. */
  readonly index: number;
  readonly ciphertext: string;
  readonly rest: RecordRest;
}

/** A record without its ciphertexts: e, A's seed, t, T, and the digests of the other 39 ciphertexts, side by side. */
export interface RecordRest {
  readonly challenge: string;
  readonly matrix: string;
  readonly shares: string;
  readonly tag: string;
  readonly others: string;
}

/** The longest ciphertext and the longest t, for outcomes of 1,024 bits. */
const MASK = { min: 7, max: 134 };
const OVERHEAD = 64;

const place = {
  index: z
    .int()
    .min(0)
    .max(PAIRS - 1),
  ciphertext: bytesOf(OVERHEAD + MASK.min, OVERHEAD + MASK.max),
  rest: z.strictObject({
    challenge: bytesOf(5),
    matrix: bytesOf(32),
    shares: bytesOf(PAIRS * MASK.min, PAIRS * MASK.max),
    tag: bytesOf(6),
    others: bytesOf(32 * (PAIRS - 1)),
  }),
};
const schema: z.ZodType<ProvedOutcome> = z.strictObject({
  parley: z.literal(1),
  engagements: z.tuple([jwsSchema, jwsSchema]),
  seals: z.record(z.string(), z.unknown()).exactOptional(),
  mandates: delegationsSchema.exactOptional(),
  opening: z.strictObject({ salt: bytesOf(32), masked: bytesOf(1, 128) }),
  masks: byRole(
    z.discriminatedUnion('by', [
      z.strictObject({ by: z.literal('party'), mask: jwsSchema, seed: bytesOf(32), ...place }),
      z.strictObject({ by: z.literal('arbiter'), ...place }),
    ]),
  ),
  resolution: jwsSchema.exactOptional(),
});

/** How the bytes of a proved outcome begin, and those of no signed document. */
const BEGINNING = '{"engagements":';

/** Whether a document says that it is a proved outcome. Verifies nothing. */
export function isProvedOutcome(document: Uint8Array | string | object): document is ProvedOutcome {
  if (document instanceof Uint8Array)
    return equalBytes(document.subarray(0, BEGINNING.length), utf8(BEGINNING));
  return typeof document === 'string' ? document.startsWith(BEGINNING) : 'engagements' in document;
}

/** A proved outcome's canonical bytes: RFC 8785, then a newline. */
export function serializeProvedOutcome(proved: ProvedOutcome): Uint8Array {
  return utf8(`${canonicalText(proved)}\n`);
}

/** Reads a proved outcome strictly: known members only, in the one byte form, unless it is given as an object. Throws VerificationError `ERR_AGREEMENT_FORMAT`. */
export function readProvedOutcome(document: Uint8Array | string | object): ProvedOutcome {
  const bytes = typeof document === 'string' ? utf8(document) : document;
  const value = bytes instanceof Uint8Array ? parsed(bytes) : bytes;
  const { data } = schema.safeParse(value);
  // A schema drops members like `__proto__` without a word.
  if (data === undefined || canonicalText(data) !== canonicalText(value))
    throw malformed('its members are not those');
  if (bytes instanceof Uint8Array && !equalBytes(serializeProvedOutcome(data), bytes)) {
    throw malformed('its bytes are not in canonical form');
  }
  return data;
}

/** What a proof is made of. */
export interface ProofParts {
  /** In the order of the rule's roles. */
  readonly engagements: readonly [GeneralJws, GeneralJws];
  readonly seals?: SealsByRole | undefined;
  /** s, 32 bytes. */
  readonly salt: Uint8Array;
  /** z, packed. */
  readonly masked: Uint8Array;
  readonly masks: Readonly<Record<string, MaskProof>>;
  readonly resolution?: GeneralJws | undefined;
}

/** A proof from its parts, which it does not check. */
export function provedOutcome({
  engagements,
  seals,
  salt,
  masked,
  masks,
  resolution,
}: ProofParts): ProvedOutcome {
  return {
    parley: 1,
    engagements,
    ...(seals !== undefined && {
      seals: Object.fromEntries(Object.entries(seals).map(([role, seal]) => [role, seal.toJSON()])),
    }),
    opening: { salt: encodeBase64url(salt), masked: encodeBase64url(masked) },
    masks,
    ...(resolution !== undefined && { resolution }),
  };
}

/** The part of a proof about a mask that its party has opened and signed. */
export function maskByParty(
  record: EscrowRecord,
  { index, seed }: { readonly index: number; readonly seed: Uint8Array },
  mask: GeneralJws,
): MaskProof {
  return { by: 'party', mask, seed: encodeBase64url(seed), ...placeOf(record, index) };
}

/** The part of a proof about a mask that the arbiter's resolution gives at this pair. */
export function maskByArbiter(record: EscrowRecord, index: number): MaskProof {
  return { by: 'arbiter', ...placeOf(record, index) };
}

function placeOf({ ciphertexts, challenge, matrix, shares, tag }: EscrowRecord, index: number): MaskPlace {
  const others = ciphertexts.toSpliced(index, 1).map(ciphertextDigest);
  return {
    index,
    ciphertext: encodeBase64url(ciphertexts[index]!),
    rest: {
      challenge: encodeBase64url(challenge),
      matrix: encodeBase64url(matrix),
      shares: encodeBase64url(shares),
      tag: encodeBase64url(tag),
      others: encodeBase64url(concatBytes(...others)),
    },
  };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes, 'the document', MAX_JWS_LENGTH);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw malformed(cause.message);
  }
}

function malformed(reason: string): VerificationError {
  return new VerificationError('ERR_AGREEMENT_FORMAT', `not a proved outcome: ${reason}`);
}
