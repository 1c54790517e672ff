import type * as z from 'zod';
import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';
import type { Identity } from './identity.ts';
import {
  type GeneralJws,
  malformedDocument,
  openJws,
  parsePayload,
  SignableDocument,
  type SignedBy,
  serializeJws,
} from './jws.ts';
import {
  agreementCodes,
  type DocumentCodes,
  type SignatureForm,
  type Signers,
  signersOf,
  verifySignatures,
} from './signatures.ts';
import type { PublicJwk } from './terms.ts';

/** One kind of signed document. `Given` is what its reader has to know beforehand in order to say who has to sign: the arbiter's key, or the terms. */
export interface DocumentForm<Payload, Given> {
  /** The header's `typ`. */
  readonly type: string;
  /** What it is called in errors, with an article. */
  readonly what: string;
  /** The payload: known members only. Schemas may not change values. */
  readonly schema: z.ZodType<Payload>;
  /** The most bytes of the whole document. */
  readonly limit: number;
  /** Its errors. If absent, those of agreements. */
  readonly codes?: DocumentCodes;
  /** Who has to sign such a payload. */
  readonly signers: (payload: Payload, given: Given) => Signers;
}

/** A document whose form is right. Its signatures have not been checked. */
export interface ReadDocument<Payload> {
  readonly payload: Payload;
  readonly jws: GeneralJws;
}

/** Makes and reads the documents of one kind. */
export interface DocumentKind<Payload, Given> {
  readonly type: string;
  /** The document to be signed: where only signatures travel, or a signature is to be checked by itself. */
  document(payload: Payload): SignableDocument;
  /** This identity's signature, whether it is one that the document needs or not. */
  sign(payload: Payload, identity: Identity): Promise<SignedBy>;
  /** The document with these signatures, in this order. For those of members `inMembersOrder` gives the order. */
  assemble(payload: Payload, ...signed: readonly SignedBy[]): GeneralJws;
  /**
   * Reads a document strictly: its bytes and its payload have one form (an object counts as parsed), and every member is known. Verifies no signature. Throws
   * VerificationError with the kind's code for its format.
   */
  read(document: Uint8Array | string | object): ReadDocument<Payload>;
  /** Verifies the signatures of a document that has been read: exactly those that it needs. Throws VerificationError with a code of the kind's. */
  check(read: ReadDocument<Payload>, ...given: GivenArgument<Given>): void;
  /** Whose signatures a document has, be they too few or not, for documents that collect them one by one. Checks all else as `check` does. */
  signedBy(read: ReadDocument<Payload>, ...given: GivenArgument<Given>): readonly PublicJwk[];
  /** Reads a document, and verifies its signatures. Throws VerificationError with a code of the kind's. Needs `loadSodium`. */
  verify(document: Uint8Array | string | object, ...given: GivenArgument<Given>): Payload;
}

/** Nothing, where the payload alone says who has to sign. */
export type GivenArgument<Given> = [Given] extends [undefined] ? readonly [] : readonly [given: Given];

/** A document's length, before anything in it is parsed: of an object, that of its texts. */
function lengthOf(document: Uint8Array | string | object): number {
  if (typeof document === 'string' || document instanceof Uint8Array) return document.length;
  const { payload, signatures }: { readonly payload?: unknown; readonly signatures?: unknown } =
    Object(document);
  const texts = Array.isArray(signatures) ? signatures.flatMap((one) => Object.values(Object(one))) : [];
  return [payload, ...texts].reduce<number>(
    (sum, one) => sum + (typeof one === 'string' ? one.length : 0),
    0,
  );
}

/** Defines a kind of signed document. */
export function defineDocument<Payload, Given = undefined>(
  form: DocumentForm<Payload, Given>,
): DocumentKind<Payload, Given> {
  const { type, what, schema, limit, codes = agreementCodes, signers } = form;
  const signatures: SignatureForm = { type, what, codes };
  const document = (payload: Payload) => new SignableDocument(type, payload);
  const read = (given: Uint8Array | string | object): ReadDocument<Payload> => {
    if (lengthOf(given) > limit) {
      throw malformedDocument(codes.format, `${what} is longer than ${limit} bytes`);
    }
    const { jws, payload: value } = openJws(given, codes.format);
    const payload = parsePayload(schema, value);
    if (payload === undefined) {
      throw malformedDocument(codes.format, `the signed payload is not that of ${what}`);
    }
    return { jws, payload };
  };
  const signersFor = (payload: Payload, [given]: GivenArgument<Given>) => signers(payload, given as Given);
  const check = ({ jws, payload }: ReadDocument<Payload>, ...given: GivenArgument<Given>) =>
    verifySignatures(jws, signatures, signersFor(payload, given));
  return {
    type,
    document,
    sign: async (payload, identity) => ({
      key: identity.publicKey,
      signature: await document(payload).sign(identity),
    }),
    assemble: (payload, ...signed) => document(payload).assemble(...signed),
    read,
    check,
    signedBy({ jws, payload }, ...given) {
      const all = signersFor(payload, given);
      return signersOf(jws, signatures, 'threshold' in all ? all : { members: all });
    },
    verify(given, ...known) {
      const found = read(given);
      check(found, ...known);
      return found.payload;
    },
  };
}

/**
 * What receipts and logs name a signed document by, 32 bytes. Its signatures are in it: otherwise somebody could have a statement dated that is not signed yet, and decide
 * later whether to sign it.
 */
export function statementDigest(statement: GeneralJws): Uint8Array {
  return hash(tags.statementDigest, serializeJws(statement));
}
