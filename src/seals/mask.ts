import { bigintToBits } from '../circuit/bits.ts';
import { randomBits } from '../crypto/integers.ts';
import type { Random } from '../crypto/random.ts';
import { InputError } from '../errors.ts';
import { type Ciphertext, Randomness } from '../paillier/ciphertext.ts';
import { combineRandomness, encryptOwn } from '../paillier/encryption.ts';
import { type Plaintext, plaintext } from '../paillier/plaintext.ts';
import type { PrivateKey } from '../paillier/private-key.ts';
import type { PublicKey } from '../paillier/public-key.ts';
import { multiplierOf } from './multiplier.ts';
import { maskWidth, requireWidth } from './parameters.ts';
import type { SealedValue } from './seal.ts';

/**
 * Step 2: a prover's mask m and C_m = Enc(m; r_m), for one link. It answers one challenge and then forgets m and r_m: two
 * answers would give the sealed value away. It is never serialised.
 */
export class Mask {
  /** Bits of the values that this mask hides. */
  readonly width: number;
  readonly #key: PrivateKey;
  #secret: { readonly value: Plaintext; readonly randomness: Randomness } | undefined;
  #ciphertext: Ciphertext | undefined;

  private constructor(key: PrivateKey, width: number, value: Plaintext, randomness: Randomness) {
    this.#key = key;
    this.width = width;
    this.#secret = { value, randomness };
  }

  /** A fresh mask for a value of `width` bits under the prover's own key. */
  static create(key: PrivateKey, width: number, random: Random): Mask {
    requireWidth(width);
    const value = plaintext(randomBits(random, maskWidth(width)), maskWidth(width));
    return new Mask(key, width, value, Randomness.generate(key.publicKey, random));
  }

  /** C_m, which is computed when it is first asked for. Throws `ERR_USAGE` if that is after the answer. */
  get ciphertext(): Ciphertext {
    if (this.#ciphertext === undefined) {
      const { value, randomness } = this.secret();
      this.#ciphertext = encryptOwn(this.#key, value, randomness);
    }
    return this.#ciphertext;
  }

  /** Whether it hides values of this width under this key. */
  fits(key: PublicKey, width: number): boolean {
    return this.#key.publicKey.equals(key) && this.width === width;
  }

  /** m for the engine: `maskWidth` bits, lowest first. Throws `ERR_USAGE` after the answer. */
  bits(): Uint8Array {
    return bigintToBits(this.secret().value, maskWidth(this.width));
  }

  /** Step 7: ρ = r_x^k(e)·r_m mod N. Once: throws `ERR_USAGE` the second time. */
  answer(sealed: SealedValue, challenge: bigint): Randomness {
    if (sealed.seal.width !== this.width) throw new RangeError('this seal does not belong to this mask');
    const multiplier = multiplierOf(challenge);
    const { randomness } = this.secret();
    this.discard();
    return combineRandomness(sealed.randomness, multiplier, randomness);
  }

  /** Forgets m and r_m. */
  discard(): void {
    this.#secret = undefined;
  }

  private secret(): { readonly value: Plaintext; readonly randomness: Randomness } {
    if (this.#secret === undefined) throw new InputError('ERR_USAGE', 'a mask answers one challenge only');
    return this.#secret;
  }
}
