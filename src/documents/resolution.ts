import * as z from 'zod';
import { MAX_COMPLAINT } from './complaint.ts';
import { defineDocument } from './define.ts';
import type { Identity } from './identity.ts';
import { decodeBase64url, encodeBase64url } from './json.ts';
import { type GeneralJws, jwsSchema, serializeJws } from './jws.ts';
import { byRole, bytesOf, roleMember, timeMember } from './members.ts';
import {
  type OpenedEscrow,
  openedEscrowAsJson,
  openedEscrowFrom,
  openedEscrowSchema,
} from './shown-escrow.ts';
import type { PublicJwk } from './terms.ts';
import { documentTypes } from './types.ts';

/** What the arbiter opens in one case, once, for both sides. */
export interface Resolution {
  /** 32 bytes each: the case, the session and the digest of its terms. */
  readonly case: Uint8Array;
  readonly session: Uint8Array;
  readonly terms: Uint8Array;
  /** UTC, in whole seconds. */
  readonly complainBy: string;
  /** When the complaint arrived. */
  readonly resolved: string;
  /** The role of the party that complained. */
  readonly by: string;
  /** Both engagements by role: the other side may have neither. */
  readonly engagements: Readonly<Record<string, GeneralJws>>;
  readonly opened: Readonly<Record<string, OpenedEscrow>>;
}

/** The most bytes: both engagements are in it, as in a complaint, and what opens the escrows is hardly longer than these. */
const MAX_RESOLUTION = MAX_COMPLAINT + (64 << 10);

const payloadSchema = z
  .strictObject({
    parley: z.literal(1),
    case: bytesOf(32),
    session: bytesOf(32),
    terms: bytesOf(32),
    complainBy: timeMember,
    resolved: timeMember,
    by: roleMember,
    engagements: byRole(jwsSchema),
    opened: byRole(openedEscrowSchema),
  })
  .refine(({ by, engagements, opened, complainBy, resolved }) => {
    const roles = Object.keys(engagements);
    const named = roles.includes(by) && roles.every((role) => Object.hasOwn(opened, role));
    return named && Date.parse(resolved) <= Date.parse(complainBy);
  });

const resolutions = defineDocument({
  type: documentTypes.resolution,
  what: 'a resolution',
  limit: MAX_RESOLUTION,
  schema: payloadSchema,
  signers: (_, arbiter: PublicJwk) => [arbiter],
});

/** A resolution in its one byte form, signed by the arbiter. */
export async function signResolution(resolution: Resolution, identity: Identity): Promise<Uint8Array> {
  const { complainBy, resolved, by, engagements, opened } = resolution;
  const payload = {
    parley: 1 as const,
    case: encodeBase64url(resolution.case),
    session: encodeBase64url(resolution.session),
    terms: encodeBase64url(resolution.terms),
    complainBy,
    resolved,
    by,
    engagements,
    opened: Object.fromEntries(Object.entries(opened).map(([role, one]) => [role, openedEscrowAsJson(one)])),
  };
  return serializeJws(resolutions.assemble(payload, await resolutions.sign(payload, identity)));
}

/**
 * Reads a resolution that `arbiter` has signed, at or before its own `complainBy`. Does not check its engagements, nor what it opens. Throws
 * VerificationError `ERR_AGREEMENT_FORMAT`, `ERR_AGREEMENT_PARTIES` or `ERR_AGREEMENT_SIGNATURE`.
 */
export function readResolution(resolution: Uint8Array | string | object, arbiter: PublicJwk): Resolution {
  const payload = resolutions.verify(resolution, arbiter);
  const { complainBy, resolved, by, engagements, opened, ...digests } = payload;
  return {
    case: decodeBase64url(digests.case)!,
    session: decodeBase64url(digests.session)!,
    terms: decodeBase64url(digests.terms)!,
    ...{ complainBy, resolved, by, engagements },
    opened: Object.fromEntries(Object.entries(opened).map(([role, one]) => [role, openedEscrowFrom(one)])),
  };
}
