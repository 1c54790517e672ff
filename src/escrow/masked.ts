import { type Bits, packBits } from '../circuit/bits.ts';
import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';

/** s: what hides z in the engagements from everybody but the two parties. 32 bytes, from the salts of party a and of party b. */
export function jointSalt(a: Uint8Array, b: Uint8Array): Uint8Array {
  return hash(tags.escrowSalt, a, b);
}

/** M: the commitment to z, the masked outcome, that both engagements name. */
export function commitMasked(session: Uint8Array, salt: Uint8Array, masked: Bits): Uint8Array {
  return hash(tags.escrowMasked, session, salt, masked.length, packBits(masked));
}

/** y = z ⊕ o_a ⊕ o_b, and the other way round. */
export function unmask(masked: Bits, a: Bits, b: Bits): Bits {
  if (a.length !== masked.length || b.length !== masked.length) {
    throw new RangeError('masks are as long as the outcome');
  }
  return masked.map((bit, i) => bit ^ a[i]! ^ b[i]!);
}
