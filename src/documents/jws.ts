import * as z from 'zod';
import { equalBytes } from '../crypto/bytes.ts';
import { SIGNATURE_LENGTH, verifySignature } from '../crypto/ed25519.ts';
import { utf8 } from '../crypto/encoding.ts';
import { InputError, VerificationError } from '../errors.ts';
import { listOf } from './collections.ts';
import { type Identity, rawPublicKey, signWith } from './identity.ts';
import { canonicalBytes, canonicalText, decodeBase64url, encodeBase64url, parseJson } from './json.ts';
import type { PublicJwk } from './terms.ts';

/** The longest signed document that is read, in UTF-16 code units. It has room for the longest terms in base64url. */
export const MAX_JWS_LENGTH = 1 << 27;

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
    return signWith(identity, this.signingInput(identity.publicKey));
  }

  /** Whether `signature` is that of `key` on this document. */
  check(key: PublicJwk, signature: Uint8Array): boolean {
    return verifySignature(rawPublicKey(key), this.signingInput(key), signature);
  }

  /** The signed document, signatures in the order given. */
  assemble(...signed: readonly { readonly key: PublicJwk; readonly signature: Uint8Array }[]): GeneralJws {
    return {
      payload: this.payload,
      signatures: signed.map(({ key, signature }) => ({
        protected: protectedHeader(this.type, key),
        signature: encodeBase64url(signature),
      })),
    };
  }

  private signingInput(key: PublicJwk): Uint8Array {
    return utf8(`${protectedHeader(this.type, key)}.${this.payload}`);
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

/**
 * Decodes a signed document strictly: its bytes must be exactly those that `serializeJws` gives for its content, its payload must be in
 * RFC 8785 form, and its base64url must re-encode to itself. An object counts as already parsed.
 * Throws VerificationError `ERR_AGREEMENT_FORMAT`.
 */
export function openJws(document: Uint8Array | string | object): OpenedJws {
  const bytes = typeof document === 'string' ? utf8(document) : document;
  const parsed = jwsSchema.safeParse(
    bytes instanceof Uint8Array ? strictJson(bytes, 'the document') : document,
  );
  if (!parsed.success) throw malformed('it is not a JWS of payload and signatures');
  const jws = parsed.data;
  if (bytes instanceof Uint8Array && !equalBytes(serializeJws(jws), bytes)) {
    throw malformed('its bytes are not in canonical form');
  }
  const payload = decodeBase64url(jws.payload);
  if (payload === undefined) throw malformed('its payload is not base64url');
  const value = strictJson(payload, 'the payload');
  if (!equalBytes(canonicalBytes(value), payload)) throw malformed('its payload is not in canonical form');
  return { jws, payload: value };
}

/**
 * Verifies that a document carries exactly one signature of each of `keys`, in their order, under exactly the header that
 * `SignableDocument` writes. Throws VerificationError `ERR_AGREEMENT_FORMAT`, `ERR_AGREEMENT_PARTIES` or
 * `ERR_AGREEMENT_SIGNATURE`.
 */
export async function verifyJws(jws: GeneralJws, type: string, keys: readonly PublicJwk[]): Promise<void> {
  const { flattenedVerify } = await import('jose/jws/flattened/verify');
  if (jws.signatures.length !== keys.length) {
    throw malformed(`it has ${jws.signatures.length} signatures instead of ${keys.length}`);
  }
  for (const [index, key] of keys.entries()) {
    const { protected: header, signature } = jws.signatures[index]!;
    if (header !== protectedHeader(type, key)) {
      throw new VerificationError(
        'ERR_AGREEMENT_PARTIES',
        `signature ${index + 1} is not made for this document by the party that the terms name`,
      );
    }
    if (decodeBase64url(signature)?.length !== SIGNATURE_LENGTH) {
      throw malformed(`signature ${index + 1} is not 64 bytes in base64url`);
    }
    rawPublicKey(key);
    await flattenedVerify(
      { payload: jws.payload, protected: header, signature },
      { kty: key.kty, crv: key.crv, x: key.x },
      { algorithms: ['EdDSA'] },
    ).catch((cause: unknown) => {
      throw new VerificationError('ERR_AGREEMENT_SIGNATURE', `signature ${index + 1} does not verify`, {
        cause,
      });
    });
  }
}

/** base64url of exactly `{ alg, jwk, typ }`. Its members stand in the order of RFC 8785, so that the text is in that form. */
function protectedHeader(type: string, key: PublicJwk): string {
  const jwk = { crv: key.crv, kty: key.kty, x: key.x };
  return encodeBase64url(utf8(JSON.stringify({ alg: 'EdDSA', jwk, typ: type })));
}

function strictJson(bytes: Uint8Array, what: string): unknown {
  try {
    return parseJson(bytes, what, MAX_JWS_LENGTH);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw malformed(cause.message);
  }
}

function malformed(reason: string): VerificationError {
  return new VerificationError('ERR_AGREEMENT_FORMAT', `not a signed Parley document: ${reason}`);
}
