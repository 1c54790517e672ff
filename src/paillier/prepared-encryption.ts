import type { Random } from '../crypto/random.ts';
import { InputError } from '../errors.ts';
import { type Ciphertext, Randomness } from './ciphertext.ts';
import { encryptOwn, withMessage } from './encryption.ts';
import { type Plaintext, plaintext } from './plaintext.ts';
import type { PrivateKey } from './private-key.ts';

/**
 * An encryption by the key's owner before its message is known: r and r^N mod N², which take all the time. Serves one message: two
 * under the same randomness would show their difference. Secret.
 */
export class PreparedEncryption {
  #secret: { readonly zero: Ciphertext; readonly randomness: Randomness } | undefined;

  private constructor(zero: Ciphertext, randomness: Randomness) {
    this.#secret = { zero, randomness };
  }

  static create(key: PrivateKey, random: Random): PreparedEncryption {
    const randomness = Randomness.generate(key.publicKey, random);
    return new PreparedEncryption(encryptOwn(key, plaintext(0n, 1), randomness), randomness);
  }

  /** Enc(message; r), and r. Throws `ERR_USAGE` the second time. */
  encrypt(message: Plaintext): { readonly ciphertext: Ciphertext; readonly randomness: Randomness } {
    if (this.#secret === undefined) throw new InputError('ERR_USAGE', 'this randomness has been used');
    const { zero, randomness } = this.#secret;
    this.#secret = undefined;
    return { ciphertext: withMessage(zero, message), randomness };
  }

  /** Keeps r out of logs. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return 'PreparedEncryption (secret)';
  }
}
