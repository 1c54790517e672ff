import { check } from '../crypto/check.ts';
import type { Ciphertext, Randomness } from '../paillier/ciphertext.ts';
import { add, multiply, opens } from '../paillier/encryption.ts';
import { plaintext } from '../paillier/plaintext.ts';
import { multiplierOf } from './multiplier.ts';
import { answerWidth } from './parameters.ts';
import type { Seal } from './seal.ts';

/** What a verifier holds at the end of a link. */
export interface LinkView {
  readonly seal: Seal;
  /** C_m. */
  readonly mask: Ciphertext;
  /** The verifier's own e. */
  readonly challenge: bigint;
  /** t, from what the engine opened. */
  readonly answer: bigint;
  /** ρ. */
  readonly randomness: Randomness;
}

/** Step 8: C_x^k(e)·C_m = Enc(t; ρ), or the check `seal link` fails. One exponentiation modulo N². */
export function verifyAnswer({ seal, mask, challenge, answer, randomness }: LinkView): void {
  const masked = add(multiply(seal.ciphertext, multiplierOf(challenge)), mask);
  check('seal link', opens(masked, plaintext(answer, answerWidth(seal.width)), randomness));
}
