import { CircuitBuilder } from '../circuit/builder.ts';
import type { Circuit } from '../circuit/circuit.ts';
import { add } from '../circuit/gadgets/arithmetic.ts';
import { productWithConstant } from '../circuit/gadgets/constant.ts';
import { extend } from '../circuit/gadgets/word.ts';
import { CHALLENGE_BITS, maskWidth, requireWidth } from './parameters.ts';

/** Most non-zero digits of a 40-bit number in signed binary. */
const MAX_DIGITS = CHALLENGE_BITS / 2 + 1;

/** Step 6: inputs x (`width` bits) and m (`width` + 80), output t = e·x + m (`width` + 81), for the public e below 2⁴⁰. */
export function linkCircuit(width: number, challenge: bigint): Circuit {
  requireWidth(width);
  if (challenge < 0n || challenge >> BigInt(CHALLENGE_BITS) !== 0n) {
    throw new RangeError('a challenge has 40 bits');
  }
  const c = new CircuitBuilder();
  const value = c.input(width);
  const mask = c.input(maskWidth(width));
  const product = productWithConstant(c, value, challenge);
  c.output(add(c, extend(product, maskWidth(width)), mask));
  return c.build();
}

/** AND gates of the largest link circuit for a value of `width` bits, for `prepare`; each prover needs one. */
export function linkAnds(width: number): number {
  return MAX_DIGITS * (width + 1) + maskWidth(width);
}
