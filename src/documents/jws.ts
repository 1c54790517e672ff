import * as z from 'zod';
import { equalBytes } from '../crypto/bytes.ts';
import { verifySignature } from '../crypto/ed25519.ts';
import { utf8 } from '../crypto/encoding.ts';
import { type ErrorCodeOf, InputError, VerificationError } from '../errors.ts';
import { listOf } from './collections.ts';
import { type Identity, rawPublicKey, signWith } from './identity.ts';
import { canonicalBytes, canonicalText, decodeBase64url, encodeBase64url, parseJson } from './json.ts';
import type { PublicJwk } from './terms.ts';

/** The longest signed document that is read, in UTF-16 code units. It has room for the longest terms in base64url. */
export const MAX_JWS_LENGTH = 1 << 27;

/** The most bytes of a header. */
const MAX_HEADER = 1_024;

/** A JWS in general JSON serialisation (RFC 7515, section 7.2.1) with protected headers only. */
export interface GeneralJws {
  readonly payload: string;
  readonly signatures: readonly { readonly protected: string; readonly signature: string }[];
}

/** The schema of its JSON. */
export const jwsSchema: z.ZodType<GeneralJws> = z.strictObject({
  payload: z.string(),
  signatures: listOf(z.strictObject({ protected: z.string(), signature: z.string() })),
});

/** One signature, 64 bytes, and whose it is. */
export interface SignedBy {
  readonly key: PublicJwk;
  readonly signature: Uint8Array;
}

/**
 * A document to be signed by one or more parties. Every byte follows from `type` and `payload`, so each side builds it by
 * itself, and only signatures (64 bytes each) travel.
 */
export class SignableDocument {
  readonly type: string;
  readonly payload: string;

  /** `type` is the header's `typ`; `payload` a JSON value, signed in its RFC 8785 form. */
  constructor(type: string, payload: unknown) {
    this.type = type;
    this.payload = encodeBase64url(canonicalBytes(payload));
  }

  /** This identity's signature, 64 bytes. A signature by the caller's own signer is verified before it is returned. */
  sign(identity: Identity): Promise<Uint8Array> {
    return signWith(identity, signingInput(this.type, this.payload, identity.publicKey));
  }

  /** Whether `signature` is that of `key` on this document. */
  check(key: PublicJwk, signature: Uint8Array): boolean {
    return verifyDetached(this.type, this.payload, key, signature);
  }

  /** The signed document, signatures in the order given. */
  assemble(...signed: readonly SignedBy[]): GeneralJws {
    return {
      payload: this.payload,
      signatures: signed.map(({ key, signature }) => ({
        protected: protectedHeader(this.type, key),
        signature: encodeBase64url(signature),
      })),
    };
  }
}

/** The canonical bytes of a signed document: RFC 8785, then a newline. */
export function serializeJws(jws: GeneralJws): Uint8Array {
  const { payload, signatures } = jws;
  return utf8(`${canonicalText({ payload, signatures })}\n`);
}

/** A document whose form is right. Its signatures have not been checked. */
export interface OpenedJws {
  readonly jws: GeneralJws;
  readonly payload: unknown;
}

const headerSchema = z.object({ typ: z.string() });

/**
 * Decodes a signed document strictly: its bytes must be exactly those that `serializeJws` gives for its content, its payload must be in
 * RFC 8785 form, and its base64url must re-encode to itself. An object counts as already parsed.
 * Throws VerificationError `code`.
 */
export function openJws(
  document: Uint8Array | string | object,
  code: ErrorCodeOf<'VerificationError'> = 'ERR_AGREEMENT_FORMAT',
): OpenedJws {
  const malformed = (reason: string) => malformedDocument(code, reason);
  const bytes = typeof document === 'string' ? utf8(document) : document;
  const parsed = jwsSchema.safeParse(
    bytes instanceof Uint8Array ? strictJson(bytes, 'the document', code) : document,
  );
  if (!parsed.success) throw malformed('it is not a JWS of payload and signatures');
  const jws = parsed.data;
  if (bytes instanceof Uint8Array && !equalBytes(serializeJws(jws), bytes)) {
    throw malformed('its bytes are not in canonical form');
  }
  const payload = decodeBase64url(jws.payload);
  if (payload === undefined) throw malformed('its payload is not base64url');
  const value = strictJson(payload, 'the payload', code);
  if (!equalBytes(canonicalBytes(value), payload)) throw malformed('its payload is not in canonical form');
  return { jws, payload: value };
}

/** Parses a payload by a schema. Undefined if the schema refuses it, or silently drops a member of it (`__proto__`). */
export function parsePayload<Payload>(schema: z.ZodType<Payload>, payload: unknown): Payload | undefined {
  const { success, data } = schema.safeParse(payload);
  return success && canonicalText(data) === canonicalText(payload) ? data : undefined;
}

/** Whether `signature` is that of `key` on a payload in base64url, under the header that `SignableDocument` writes. */
export function verifyDetached(
  type: string,
  payload: string,
  key: PublicJwk,
  signature: Uint8Array,
): boolean {
  return verifySignature(rawPublicKey(key), signingInput(type, payload, key), signature);
}

/** What is signed (RFC 7515, section 5.1). */
function signingInput(type: string, payload: string, key: PublicJwk): Uint8Array {
  return utf8(`${protectedHeader(type, key)}.${payload}`);
}

/** The `typ` in a document's first header; undefined if there is none. Verifies nothing. Throws VerificationError `ERR_AGREEMENT_FORMAT`. */
export function typeOf(document: Uint8Array | string | object): string | undefined {
  const header = decodeBase64url(openJws(document).jws.signatures[0]?.protected);
  if (header === undefined || header.length > MAX_HEADER) return undefined;
  try {
    return headerSchema.safeParse(parseJson(header, 'the header')).data?.typ;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return undefined;
  }
}

/** base64url of exactly `{ alg, jwk, typ }`. Its members stand in the order of RFC 8785, so that the text is in that form. */
export function protectedHeader(type: string, key: PublicJwk): string {
  const jwk = { crv: key.crv, kty: key.kty, x: key.x };
  return encodeBase64url(utf8(JSON.stringify({ alg: 'EdDSA', jwk, typ: type })));
}

function strictJson(bytes: Uint8Array, what: string, code: ErrorCodeOf<'VerificationError'>): unknown {
  try {
    return parseJson(bytes, what, MAX_JWS_LENGTH);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw malformedDocument(code, cause.message);
  }
}

/** The error for what is not a signed document in its one form. */
export function malformedDocument(code: ErrorCodeOf<'VerificationError'>, reason: string): VerificationError {
  return new VerificationError(code, `not a signed Parley document: ${reason}`);
}
