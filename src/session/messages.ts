import { message } from '../channel/message.ts';
import { SIGNATURE_LENGTH } from '../crypto/ed25519.ts';

/** Step 1: the digest of the sender's completed terms, and what it is about to do (`mode` in terms-exchange.ts). */
export const hello = message(0x01, 'hello', () => ({ termsDigest: 32, mode: 1 }));

/** Step 4: the sender's signature on its engagement, whose every byte the receiver knows. */
export const engagementSignature = message(0x02, 'engagement', () => ({ signature: SIGNATURE_LENGTH }));

/** Step 5: the sender's signature on the agreement, for no deal too. */
export const agreementSignature = message(0x03, 'agreement signature', () => ({
  signature: SIGNATURE_LENGTH,
}));
