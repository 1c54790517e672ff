import { InputError } from '../errors.ts';
import { MIN_MODULUS_BITS } from './public-key.ts';

/** Longest plaintext, in bits: far below every N, so that sums and products of plaintexts can be kept from wrapping. */
export const MAX_PLAINTEXT_BITS = MIN_MODULUS_BITS / 2;

/** A non-negative integer that was checked against a length of at most 1,536 bits. */
export type Plaintext = bigint & { readonly __plaintext: unique symbol };

/**
 * `value` as a plaintext of at most `bits` bits. The caller states the bound that follows from its protocol, not the largest one that
 * fits. Throws InputError `ERR_PLAINTEXT_INVALID` for a negative value or one of 2^bits or above.
 */
export function plaintext(value: bigint, bits: number): Plaintext {
  if (!Number.isInteger(bits) || bits < 1 || bits > MAX_PLAINTEXT_BITS) {
    throw new RangeError(`a plaintext has 1 to ${MAX_PLAINTEXT_BITS} bits`);
  }
  if (value < 0n || value >> BigInt(bits) !== 0n) {
    throw new InputError('ERR_PLAINTEXT_INVALID', 'the plaintext is out of bounds');
  }
  return value as Plaintext;
}
