import { SIGNATURE_LENGTH } from '../crypto/ed25519.ts';
import { message } from '../link/message.ts';

/** Step 1: the digest of the sender's completed terms, and what it is about to do (`mode` in terms-exchange.ts). */
export const hello = message(0x01, 'hello', () => ({ termsDigest: 32, mode: 1 }));

/** Step 4: the sender's signature on its engagement, whose every byte the receiver knows. */
export const engagementSignature = message(0x02, 'engagement', () => ({ signature: SIGNATURE_LENGTH }));

/** Step 5: the sender's signature on the agreement, for no deal too. */
export const agreementSignature = message(0x03, 'agreement signature', () => ({
  signature: SIGNATURE_LENGTH,
}));

/** Step O1 of an invite: how long the terms are that follow, in bytes. */
export const offer = message(0x10, 'offer', () => ({ length: 4 }));

/** Step O1: the completed terms in RFC 8785 form; `shape` is their length. */
export const offeredTerms = message(0x11, 'offered terms', (length: number) => ({ document: length }));

/** Step O2: 1 for acceptance, 0 for refusal, of the terms with that digest. */
export const offerAnswer = message(0x12, 'answer to the offer', () => ({ termsDigest: 32, accepted: 1 }));

/** Step O3: the sender's mandate has been given to its own side, and nothing of it has been sent. Always 1. */
export const offerReady = message(0x13, 'ready', () => ({ ready: 1 }));
