import * as z from 'zod';
import type { Identity } from './identity.ts';
import { decodeBase64url, encodeBase64url } from './json.ts';
import { SignableDocument, serializeJws } from './jws.ts';
import { bytesOf, timeMember } from './members.ts';
import { checkSigned, readSigned, type SignedForm, typeOf } from './signed.ts';
import type { PublicJwk } from './terms.ts';

/** The arbiter's statement that it has opened nothing in a case, and never will. */
export interface Void {
  /** 32 bytes each. */
  readonly case: Uint8Array;
  readonly session: Uint8Array;
  /** When it was made: UTC, in whole seconds. */
  readonly asOf: string;
}

const form = {
  type: 'parley-void+jws',
  what: 'a void',
  limit: 8_192,
  schema: z.strictObject({
    parley: z.literal(1),
    case: bytesOf(32),
    session: bytesOf(32),
    asOf: timeMember,
  }),
} satisfies SignedForm<unknown>;

/** A void in its one byte form, signed by the arbiter. */
export async function signVoid(statement: Void, identity: Identity): Promise<Uint8Array> {
  const document = new SignableDocument(form.type, {
    parley: 1,
    case: encodeBase64url(statement.case),
    session: encodeBase64url(statement.session),
    asOf: statement.asOf,
  });
  const signature = await document.sign(identity);
  return serializeJws(document.assemble({ key: identity.publicKey, signature }));
}

/** Reads a void that `arbiter` has signed. Throws VerificationError `ERR_AGREEMENT_FORMAT`, `ERR_AGREEMENT_PARTIES` or `ERR_AGREEMENT_SIGNATURE`. */
export function readVoid(statement: Uint8Array | string | object, arbiter: PublicJwk): Void {
  const read = readSigned(statement, form);
  checkSigned(read, form, arbiter);
  const { case: name, session, asOf } = read.payload;
  return { case: decodeBase64url(name)!, session: decodeBase64url(session)!, asOf };
}

/** Whether a document says that it is a void. Verifies nothing. */
export function isVoid(document: Uint8Array): boolean {
  return typeOf(document) === form.type;
}
