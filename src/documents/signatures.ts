import { SIGNATURE_LENGTH } from '../crypto/ed25519.ts';
import { type ErrorCodeOf, VerificationError } from '../errors.ts';
import { decodeBase64url } from './json.ts';
import { type GeneralJws, malformedDocument, protectedHeader, verifyDetached } from './jws.ts';
import { areMembers, type Members } from './principal.ts';
import type { PublicJwk } from './terms.ts';

/** Who has to sign a document: all of these keys, in this order; or so many of the members, in the members' order. */
export type Signers = readonly PublicJwk[] | Members;

/** The errors for one kind of document. */
export interface DocumentCodes {
  /** Its bytes, payload or number of signatures are not those of such a document. */
  readonly format: ErrorCodeOf<'VerificationError'>;
  /** It is signed by others, in another order, by one of them twice, or by too few. */
  readonly signers: ErrorCodeOf<'VerificationError'>;
  /** A signature does not verify. */
  readonly signature: ErrorCodeOf<'VerificationError'>;
}

/** The errors for agreements, engagements, and what an arbiter gives and gets. */
export const agreementCodes: DocumentCodes = {
  format: 'ERR_AGREEMENT_FORMAT',
  signers: 'ERR_AGREEMENT_PARTIES',
  signature: 'ERR_AGREEMENT_SIGNATURE',
};

/** What the signatures of one kind of document have to look like. */
export interface SignatureForm {
  /** The header's `typ`. */
  readonly type: string;
  /** What the document is called in errors. */
  readonly what: string;
  readonly codes: DocumentCodes;
}

/**
 * Verifies that a document has the signatures it needs: exactly one of each of a list of keys, in its order; or one each of at least `threshold` different members, in
 * the members' order. Nothing else may be there. Each has exactly the header that `SignableDocument` writes. Throws VerificationError with a code of the form's.
 */
export function verifySignatures(jws: GeneralJws, form: SignatureForm, signers: Signers): void {
  const count = jws.signatures.length;
  if (!('threshold' in signers)) {
    if (count !== signers.length) {
      throw malformedDocument(
        form.codes.format,
        `${form.what} has ${count} signatures instead of ${signers.length}`,
      );
    }
    verifyInOrder(jws, form, signers);
    return;
  }
  if (!areMembers(signers)) throw malformedDocument(form.codes.format, `${form.what} has no such members`);
  const { length } = signersOf(jws, form, signers);
  if (length >= signers.threshold) return;
  throw new VerificationError(
    form.codes.signers,
    `${form.what} is signed by ${length} of its members, and needs ${signers.threshold}`,
  );
}

/**
 * The members that have signed a document, be they too few or not, in the members' order. Checks all else as `verifySignatures` does, and throws the same errors.
 */
export function signersOf(
  jws: GeneralJws,
  form: SignatureForm,
  { members }: Pick<Members, 'members'>,
): PublicJwk[] {
  return verifyInOrder(jws, form, members);
}

/** The keys of a list that have signed. Headers have to follow the order of the list, so that no key counts twice. */
function verifyInOrder(
  { payload, signatures }: GeneralJws,
  { type, what, codes }: SignatureForm,
  keys: readonly PublicJwk[],
): PublicJwk[] {
  const headers = keys.map((key) => protectedHeader(type, key));
  let next = 0;
  return signatures.map(({ protected: header, signature: text }, i) => {
    const place = headers.indexOf(header, next);
    if (place < 0) {
      throw new VerificationError(
        codes.signers,
        `signature ${i + 1} of ${what} is not made for it by the key that has to sign there`,
      );
    }
    next = place + 1;
    const signature = decodeBase64url(text);
    if (signature?.length !== SIGNATURE_LENGTH) {
      throw malformedDocument(codes.format, `signature ${i + 1} is not 64 bytes in base64url`);
    }
    if (!verifyDetached(type, payload, keys[place]!, signature)) {
      throw new VerificationError(codes.signature, `signature ${i + 1} of ${what} does not verify`);
    }
    return keys[place]!;
  });
}
