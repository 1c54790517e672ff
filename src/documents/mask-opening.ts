import * as z from 'zod';
import { defineDocument } from './define.ts';
import { decodeBase64url, encodeBase64url } from './json.ts';
import type { GeneralJws, SignableDocument } from './jws.ts';
import { bytesOf, roleMember } from './members.ts';
import type { PublicJwk } from './terms.ts';
import { documentTypes } from './types.ts';

/** A party's statement that it has opened its mask in a case. With it nobody can take a mask that the arbiter has leaked for one that its party has given. */
export interface OpenedMask {
  /** 32 bytes. */
  readonly case: Uint8Array;
  /** The role of the party that opens, and signs. */
  readonly party: string;
  /** o′, packed. */
  readonly mask: Uint8Array;
}

const masks = defineDocument({
  type: documentTypes.openedMask,
  what: 'an opened mask',
  limit: 4_096,
  schema: z.strictObject({
    parley: z.literal(1),
    case: bytesOf(32),
    party: roleMember,
    mask: bytesOf(1, 256),
  }),
  signers: (_, key: PublicJwk) => [key],
});

/** The document that a party signs when it opens its mask. Only the 64 bytes of the signature travel beside the mask. */
export function maskDocument({ party, mask, case: of }: OpenedMask): SignableDocument {
  return masks.document({
    parley: 1,
    case: encodeBase64url(of),
    party,
    mask: encodeBase64url(mask),
  });
}

/** Reads a mask that `key` has opened. Throws VerificationError `ERR_AGREEMENT_FORMAT`, `ERR_AGREEMENT_PARTIES` or `ERR_AGREEMENT_SIGNATURE`. */
export function readOpenedMask(document: GeneralJws, key: PublicJwk): OpenedMask {
  const { party, mask, case: of } = masks.verify(document, key);
  return { party, case: decodeBase64url(of)!, mask: decodeBase64url(mask)! };
}
