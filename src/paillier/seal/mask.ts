import { bigintToBits } from '../../circuit/bits.ts';
import { randomBits } from '../../crypto/integers.ts';
import type { Random } from '../../crypto/random.ts';
import { ParleyError } from '../../errors.ts';
import { type Ciphertext, Randomness } from '../ciphertext.ts';
import { combineRandomness, encryptOwn } from '../encryption.ts';
import { type Plaintext, plaintext } from '../plaintext.ts';
import type { PrivateKey } from '../private-key.ts';
import { CHALLENGE_BITS, maskWidth, requireWidth } from './parameters.ts';
import type { SealedValue } from './seal.ts';

/**
 * Step 2: a prover's mask m and C_m = Enc(m; r_m), for one link. Answers one challenge, then has forgotten m and r_m: two
 * answers would give the sealed value away. Never serialised.
 */
export class Mask {
  /** C_m. */
  readonly ciphertext: Ciphertext;
  /** Bits of the values that this mask hides. */
  readonly width: number;
  #secret: { readonly value: Plaintext; readonly randomness: Randomness } | undefined;

  private constructor(ciphertext: Ciphertext, width: number, value: Plaintext, randomness: Randomness) {
    this.ciphertext = ciphertext;
    this.width = width;
    this.#secret = { value, randomness };
  }

  /** A fresh mask for a value of `width` bits under the prover's own key. */
  static create(key: PrivateKey, width: number, random: Random): Mask {
    requireWidth(width);
    const value = plaintext(randomBits(random, maskWidth(width)), maskWidth(width));
    const randomness = Randomness.generate(key.publicKey, random);
    return new Mask(encryptOwn(key, value, randomness), width, value, randomness);
  }

  /** m for the engine: `width` + 80 bits, lowest first. Throws `ERR_USAGE` after the answer. */
  bits(): Uint8Array {
    return bigintToBits(this.secret().value, maskWidth(this.width));
  }

  /** Step 7: ρ = r_x^e·r_m mod N. Once: throws `ERR_USAGE` the second time. */
  answer(sealed: SealedValue, challenge: bigint): Randomness {
    if (challenge < 0n || challenge >> BigInt(CHALLENGE_BITS) !== 0n || sealed.seal.width !== this.width) {
      throw new RangeError('this challenge and seal do not belong to this mask');
    }
    const { randomness } = this.secret();
    this.discard();
    return combineRandomness(sealed.randomness, challenge, randomness);
  }

  /** Forgets m and r_m. */
  discard(): void {
    this.#secret = undefined;
  }

  private secret(): { readonly value: Plaintext; readonly randomness: Randomness } {
    if (this.#secret === undefined) throw new ParleyError('ERR_USAGE', 'a mask answers one challenge only');
    return this.#secret;
  }
}
