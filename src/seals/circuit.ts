import { type Bit, CircuitBuilder, type Word } from '../circuit/builder.ts';
import type { Circuit } from '../circuit/circuit.ts';
import { add } from '../circuit/gadgets/arithmetic.ts';
import { extend, notWord, resize } from '../circuit/gadgets/word.ts';
import { TERMS, type Term, termsOf } from './multiplier.ts';
import { maskWidth, requireWidth } from './parameters.ts';

/** Step 6: inputs x (`width` bits) and m (`maskWidth`), output t + c (`answerWidth`) for t = k(e)·x + m and the c of `linkOffset`. It has at most `linkAnds` gates. */
export function linkCircuit(width: number, challenge: bigint): Circuit {
  requireWidth(width);
  const c = new CircuitBuilder();
  const value = c.input(width);
  const mask = c.input(maskWidth(width));
  const product = productOf(c, value, termsOf(challenge));
  c.output(add(c, extend(product, mask.length), mask));
  return c.build();
}

/** The most AND gates that the link circuit of a value of `width` bits has; each prover needs one. */
export function linkAnds(width: number): number {
  return (TERMS - 1) * width + maskWidth(width);
}

/** c(e): by how much the circuit's answer is above t, since it adds 2^width − 1 − x instead of −x. */
export function linkOffset(width: number, challenge: bigint): bigint {
  const ones = (1n << BigInt(width)) - 1n;
  return termsOf(challenge).reduce(
    (sum, { place, negative }) => (negative ? sum + (ones << BigInt(place)) : sum),
    0n,
  );
}

/** The sum of x·2^place, or of its bitwise complement times 2^place where the term is negative: at most a width of ANDs for each term but the first. */
function productOf(c: CircuitBuilder, x: Word, terms: readonly Term[]): Word {
  const complement = notWord(c, x);
  const low: Bit[] = [];
  let upper: Word = [];
  for (const { place, negative } of terms) {
    const gap = place - low.length;
    low.push(...resize(upper, gap));
    // After two places at least, what is left of a sum below 2^(width + 1) is shorter than x.
    upper = add(c, extend(upper.slice(gap), x.length), negative ? complement : x);
  }
  return [...low, ...upper];
}
