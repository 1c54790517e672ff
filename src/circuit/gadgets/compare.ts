import type { Bit, CircuitBuilder, Word } from '../builder.ts';
import { subtract } from './arithmetic.ts';
import { allOf, commonWidth, notWord, xorWords } from './word.ts';

/** x < y for two words of one width n: n ANDs (fewer against a constant). */
export function lessThan(c: CircuitBuilder, x: Word, y: Word): Bit {
  return subtract(c, x, y).borrow;
}

/** x ≤ y for two words of one width n: n ANDs (fewer against a constant). */
export function lessOrEqual(c: CircuitBuilder, x: Word, y: Word): Bit {
  return c.not(lessThan(c, y, x));
}

/** x = y for two words of one width n: n − 1 ANDs. */
export function equal(c: CircuitBuilder, x: Word, y: Word): Bit {
  commonWidth(x, y);
  return allOf(c, notWord(c, xorWords(c, x, y)));
}

/** Whether the number is zero: n − 1 ANDs. */
export function isZero(c: CircuitBuilder, x: Word): Bit {
  return allOf(c, notWord(c, x));
}
