import { SIGNATURE_LENGTH } from '../crypto/ed25519.ts';
import { message } from '../link/message.ts';

/** Step 1: the digest of the sender's completed terms, and what it is about to do (`mode` in terms-exchange.ts). */
export const hello = message(0x01, 'hello', () => ({ termsDigest: 32, mode: 1 }));

/** Step 4: the sender's signature on its engagement. The receiver builds the same document itself. */
export const engagementSignature = message(0x02, 'engagement', () => ({ signature: SIGNATURE_LENGTH }));

/** F6, at E: until when complaints are taken, in seconds since 1970, and E's signature on its engagement. G's engagement is message 0x02. */
export const fairEngagement = message(0x92, 'engagement with a deadline', () => ({
  complainBy: 8,
  signature: SIGNATURE_LENGTH,
}));

/** Step 5: the sender's signature on the agreement, also for no deal. */
export const agreementSignature = message(0x03, 'agreement signature', () => ({
  signature: SIGNATURE_LENGTH,
}));

/** Step O1 of an invite: the length in bytes of the terms that follow. */
export const offer = message(0x10, 'offer', () => ({ length: 4 }));

/** Step O1: the completed terms in RFC 8785 form; `shape` is their length. */
export const offeredTerms = message(0x11, 'offered terms', (length: number) => ({ document: length }));

/** Step O2: whether the sender accepts the terms with this digest: 1 for yes, 0 for no, 2 for terms that are to be completed with its mandate certificate, which follows. */
export const offerAnswer = message(0x12, 'answer to the offer', () => ({ termsDigest: 32, accepted: 1 }));

/** Step O3: the sender's side has its mandate, and has sent nothing about it. Always 1. */
export const offerReady = message(0x13, 'ready', () => ({ ready: 1 }));

/** Before step 3, or with an offer: the lengths in bytes of the sender's mandate certificate and of its list of revocations, 0 for none. */
export const certificateLengths = message(0x14, 'lengths of a mandate certificate', () => ({
  certificate: 4,
  revocations: 4,
}));

/** Both documents, each in its one byte form. */
export const certificateDocuments = message(
  0x15,
  'mandate certificate',
  (lengths: { readonly certificate: number; readonly revocations: number }) => ({
    certificate: lengths.certificate,
    revocations: lengths.revocations,
  }),
);
