import * as z from 'zod';
import { defineDocument, type ReadDocument } from './define.ts';
import type { Identity } from './identity.ts';
import { type GeneralJws, jwsSchema, serializeJws } from './jws.ts';
import { byRole, roleMember } from './members.ts';
import { type ShownEscrow, shownEscrowAsJson, shownEscrowFrom, shownEscrowSchema } from './shown-escrow.ts';
import type { PublicJwk } from './terms.ts';
import { documentTypes } from './types.ts';

/** What a side that holds both engagements sends to the arbiter. */
export interface Complaint {
  /** The role of the party that complains, and signs. */
  readonly by: string;
  /** Both engagements by role. Their terms name the keys and the arbiter. */
  readonly engagements: Readonly<Record<string, GeneralJws>>;
  /** What the arbiter is to open, by role. */
  readonly escrows: Readonly<Record<string, ShownEscrow>>;
}

/** The most bytes of a complaint. Anybody may send one, and reading it takes the arbiter time and, once decided, room for ever. */
export const MAX_COMPLAINT = 640 << 10;
/**
 * The most bytes of the RFC 8785 form of terms that name an arbiter. A complaint holds them twice, in base64url of base64url, so longer ones might not fit.
 */
export const MAX_ARBITRATED_TERMS = 128 << 10;

const payloadSchema = z
  .strictObject({
    parley: z.literal(1),
    by: roleMember,
    engagements: byRole(jwsSchema),
    escrows: byRole(shownEscrowSchema),
  })
  .refine(({ by, engagements, escrows }) => {
    const roles = Object.keys(engagements);
    return roles.includes(by) && roles.every((role) => Object.hasOwn(escrows, role));
  });

type Payload = z.infer<typeof payloadSchema>;

const complaints = defineDocument({
  type: documentTypes.complaint,
  what: 'a complaint',
  limit: MAX_COMPLAINT,
  schema: payloadSchema,
  signers: (_, key: PublicJwk) => [key],
});

/** A complaint in its one byte form, signed by the party that complains. */
export async function signComplaint(complaint: Complaint, identity: Identity): Promise<Uint8Array> {
  const { by, engagements, escrows } = complaint;
  const payload = {
    parley: 1 as const,
    by,
    engagements,
    escrows: Object.fromEntries(
      Object.entries(escrows).map(([role, escrow]) => [role, shownEscrowAsJson(escrow)]),
    ),
  };
  return serializeJws(complaints.assemble(payload, await complaints.sign(payload, identity)));
}

/** A complaint whose form is right, and which has yet to be checked under the key of the party that signed it. */
export interface ReadComplaint extends Complaint {
  /** Throws VerificationError `ERR_AGREEMENT_FORMAT`, `ERR_AGREEMENT_PARTIES` or `ERR_AGREEMENT_SIGNATURE`. */
  checkSignature(key: PublicJwk): void;
}

/** Reads a complaint, as far as it can be read without its engagements. Throws VerificationError `ERR_AGREEMENT_FORMAT`. */
export function readComplaint(complaint: Uint8Array): ReadComplaint {
  const read: ReadDocument<Payload> = complaints.read(complaint);
  const { by, engagements, escrows } = read.payload;
  return {
    by,
    engagements,
    escrows: Object.fromEntries(
      Object.entries(escrows).map(([role, escrow]) => [role, shownEscrowFrom(escrow)]),
    ),
    checkSignature: (key) => complaints.check(read, key),
  };
}
