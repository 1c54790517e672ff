import { type Bit, type CircuitBuilder, type Word, ZERO } from '../builder.ts';
import { commonWidth, notWord } from './word.ts';

/**
 * x + y + carryIn for two words of one width n, exact in n + 1 bits: n ANDs, or n − 1 when the highest bit is not used.
 * One AND per bit: c′ = c ⊕ (x ⊕ c)(y ⊕ c) (Boyar, Peralta, Pochuev, "On the multiplicative complexity of Boolean functions", 2000).
 */
export function add(c: CircuitBuilder, x: Word, y: Word, carryIn: Bit = ZERO): Word {
  const width = commonWidth(x, y);
  const sum: Bit[] = [];
  let carry = carryIn;
  for (let i = 0; i < width; i++) {
    const first = c.xor(x[i]!, carry);
    sum.push(c.xor(first, y[i]!));
    carry = c.xor(carry, c.and(first, c.xor(y[i]!, carry)));
  }
  sum.push(carry);
  return sum;
}

/** x + y + carryIn modulo 2^n: n − 1 ANDs. */
export function addModulo(c: CircuitBuilder, x: Word, y: Word, carryIn: Bit = ZERO): Word {
  return add(c, x, y, carryIn).slice(0, -1);
}

/**
 * x − y − borrowIn for two words of one width n: the difference modulo 2^n, and whether it was negative. n ANDs, or
 * n − 1 when the borrow is not used.
 */
export function subtract(
  c: CircuitBuilder,
  x: Word,
  y: Word,
  borrowIn: Bit = ZERO,
): { readonly difference: Word; readonly borrow: Bit } {
  const sum = add(c, x, notWord(c, y), c.not(borrowIn));
  return { difference: sum.slice(0, -1), borrow: c.not(sum.at(-1)!) };
}

/**
 * Product of words of n and m bits, in n + m bits: about 2nm ANDs (schoolbook; rows of the shorter operand).
 */
export function multiply(c: CircuitBuilder, x: Word, y: Word): Word {
  const [long, short] = x.length >= y.length ? [x, y] : [y, x];
  const product: Bit[] = [];
  let upper: Word = long.map(() => ZERO);
  for (const bit of short) {
    const row = long.map((each) => c.and(each, bit));
    const sum = add(c, upper, row);
    product.push(sum[0]!);
    upper = sum.slice(1);
  }
  return [...product, ...upper];
}
