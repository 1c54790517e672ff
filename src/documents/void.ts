import * as z from 'zod';
import { defineDocument } from './define.ts';
import type { Identity } from './identity.ts';
import { decodeBase64url, encodeBase64url } from './json.ts';
import { serializeJws, typeOf } from './jws.ts';
import { bytesOf, timeMember } from './members.ts';
import type { PublicJwk } from './terms.ts';
import { documentTypes } from './types.ts';

/** The arbiter's statement that it has opened nothing in a case, and never will. */
export interface Void {
  /** 32 bytes each. */
  readonly case: Uint8Array;
  readonly session: Uint8Array;
  /** When it was made: UTC, in whole seconds. */
  readonly asOf: string;
}

const voids = defineDocument({
  type: documentTypes.void,
  what: 'a void',
  limit: 8_192,
  schema: z.strictObject({
    parley: z.literal(1),
    case: bytesOf(32),
    session: bytesOf(32),
    asOf: timeMember,
  }),
  signers: (_, arbiter: PublicJwk) => [arbiter],
});

/** A void in its one byte form, signed by the arbiter. */
export async function signVoid(statement: Void, identity: Identity): Promise<Uint8Array> {
  const payload = {
    parley: 1 as const,
    case: encodeBase64url(statement.case),
    session: encodeBase64url(statement.session),
    asOf: statement.asOf,
  };
  return serializeJws(voids.assemble(payload, await voids.sign(payload, identity)));
}

/** Reads a void that `arbiter` has signed. Throws VerificationError `ERR_AGREEMENT_FORMAT`, `ERR_AGREEMENT_PARTIES` or `ERR_AGREEMENT_SIGNATURE`. */
export function readVoid(statement: Uint8Array | string | object, arbiter: PublicJwk): Void {
  const { case: name, session, asOf } = voids.verify(statement, arbiter);
  return { case: decodeBase64url(name)!, session: decodeBase64url(session)!, asOf };
}

/** Whether a document says that it is a void. Verifies nothing. */
export function isVoid(document: Uint8Array): boolean {
  return typeOf(document) === voids.type;
}
