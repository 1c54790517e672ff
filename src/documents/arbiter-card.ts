import * as z from 'zod';
import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';
import { isAddress } from './address.ts';
import { defineDocument } from './define.ts';
import { type Identity, rawPublicKey } from './identity.ts';
import { decodeBase64url, encodeBase64url } from './json.ts';
import type { GeneralJws } from './jws.ts';
import { bytesOf, keyMember } from './members.ts';
import type { PublicJwk } from './terms.ts';
import { documentTypes } from './types.ts';

/** What an arbiter publishes of itself. Terms hold the whole signed card, so that nobody can mix the members of two. */
export interface ArbiterCard {
  /** The key that signs the card, resolutions and voids. */
  readonly key: PublicJwk;
  /** The escrow key h, 32 bytes, and a proof that the arbiter has its secret key, 64 bytes. src/escrow checks both. */
  readonly escrow: Uint8Array;
  readonly pop: Uint8Array;
  /** Where it takes complaints: an `https:` URL without a slash at its end. Without it complaints go to it by file. */
  readonly at?: string | undefined;
  /** The windows that it serves, in seconds. */
  readonly windows: { readonly min: number; readonly max: number };
}

/** The shortest window that a card may offer: a side needs time to notice that the other has stopped. In seconds. */
export const MIN_WINDOW = 300;
/** The longest one, thirty days. */
const MAX_WINDOW = 2_592_000;
const MAX_CARD = 8_192;
/**
 * What people and policies know an arbiter by: 43 characters that stand for both of its keys. By `key` alone they would accept every card that this key has ever signed, also one whose
 * escrow key is lost or known.
 */
export function arbiterFingerprint({ key, escrow }: Pick<ArbiterCard, 'key' | 'escrow'>): string {
  return encodeBase64url(hash(tags.arbiterFingerprint, rawPublicKey(key), escrow));
}

const seconds = z.int().min(MIN_WINDOW).max(MAX_WINDOW);
const cards = defineDocument({
  type: documentTypes.arbiterCard,
  what: "an arbiter's card",
  limit: MAX_CARD,
  schema: z.strictObject({
    parley: z.literal(1),
    key: keyMember,
    escrow: bytesOf(32),
    pop: bytesOf(64),
    at: z.string().refine(isAddress).exactOptional(),
    windows: z.strictObject({ min: seconds, max: seconds }).refine(({ min, max }) => min <= max),
  }),
  signers: ({ key }) => [key],
});

/** A card signed by the arbiter. */
export async function signArbiterCard(
  card: Omit<ArbiterCard, 'key'>,
  identity: Identity,
): Promise<GeneralJws> {
  const { escrow, pop, at, windows } = card;
  const key = identity.publicKey;
  const payload = {
    parley: 1 as const,
    key,
    escrow: encodeBase64url(escrow),
    pop: encodeBase64url(pop),
    ...(at !== undefined && { at }),
    windows,
  };
  return cards.assemble(payload, await cards.sign(payload, identity));
}

/**
 * Reads a card and checks its own signature, not the proof for its escrow key. Throws VerificationError `ERR_AGREEMENT_FORMAT`, `ERR_AGREEMENT_PARTIES`
 * or `ERR_AGREEMENT_SIGNATURE`.
 */
export function readArbiterCard(card: Uint8Array | string | object): ArbiterCard {
  const { key, escrow, pop, at, windows } = cards.verify(card);
  const bytes = { escrow: decodeBase64url(escrow)!, pop: decodeBase64url(pop)! };
  return { key, ...bytes, ...(at !== undefined && { at }), windows };
}
