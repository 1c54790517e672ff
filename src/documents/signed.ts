import * as z from 'zod';
import { VerificationError } from '../errors.ts';
import { parsePayload } from './agreement.ts';
import { decodeBase64url, parseJson } from './json.ts';
import { type GeneralJws, openJws, SignableDocument } from './jws.ts';
import type { PublicJwk } from './terms.ts';

/** The most letters of a header. */
const MAX_HEADER = 1_024;

/** What a document of one kind has to look like. */
export interface SignedForm<Payload> {
  /** The header's `typ`. */
  readonly type: string;
  /** What it is called in errors. */
  readonly what: string;
  readonly schema: z.ZodType<Payload>;
  /** The most bytes of the whole document. */
  readonly limit: number;
}

/** A document with one signature, which has not been checked. */
export interface SignedPayload<Payload> {
  readonly payload: Payload;
  readonly jws: GeneralJws;
}

/**
 * Reads a document with one signature, as strictly as an agreement: its bytes and its payload have one form (an object counts as parsed), and every
 * member is known. Does not check the signature. Throws VerificationError `ERR_AGREEMENT_FORMAT`.
 */
export function readSigned<Payload>(
  document: Uint8Array | string | object,
  { what, schema, limit }: SignedForm<Payload>,
): SignedPayload<Payload> {
  const bounded = typeof document === 'string' || document instanceof Uint8Array;
  if (bounded && document.length > limit) throw malformed(`${what} is longer than ${limit} bytes`);
  const { jws, payload: value } = openJws(document);
  const payload = parsePayload(schema, value);
  if (payload === undefined) throw malformed(`the signed payload is not that of ${what}`);
  return { jws, payload };
}

/**
 * Checks that a document carries one signature, by `key` and under exactly the header that `SignableDocument` writes. Throws VerificationError
 * `ERR_AGREEMENT_FORMAT`, `ERR_AGREEMENT_PARTIES` or `ERR_AGREEMENT_SIGNATURE`.
 */
export function checkSigned(
  { jws, payload }: SignedPayload<unknown>,
  { type, what }: Pick<SignedForm<unknown>, 'type' | 'what'>,
  key: PublicJwk,
): void {
  const [only, ...more] = jws.signatures;
  if (only === undefined || more.length > 0) throw malformed(`${what} has not exactly one signature`);
  const signature = decodeBase64url(only.signature);
  if (signature?.length !== 64) throw malformed('the signature is not 64 bytes in base64url');
  const document = new SignableDocument(type, payload);
  if (document.assemble({ key, signature }).signatures[0]!.protected !== only.protected) {
    throw new VerificationError('ERR_AGREEMENT_PARTIES', `${what} is not signed as such by the key it needs`);
  }
  if (!document.check(key, signature)) {
    throw new VerificationError('ERR_AGREEMENT_SIGNATURE', `the signature of ${what} does not verify`);
  }
}

/** The `typ` that a document's first header says; undefined without one. Verifies nothing. */
export function typeOf(document: Uint8Array | string | object): string | undefined {
  const { jws } = openJws(document);
  const header = decodeBase64url(jws.signatures[0]?.protected);
  if (header === undefined) return undefined;
  const typ = z.object({ typ: z.string() }).safeParse(parseJson(header, 'the header', MAX_HEADER));
  return typ.data?.typ;
}

function malformed(reason: string): VerificationError {
  return new VerificationError('ERR_AGREEMENT_FORMAT', `not a signed Parley document: ${reason}`);
}
