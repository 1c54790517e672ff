import { type Bit, type CircuitBuilder, ONE, type Word, ZERO } from '../builder.ts';

/** The same number in `width` ≥ word.length bits. */
export function extend(word: Word, width: number): Word {
  if (width < word.length) throw new RangeError('extending to fewer bits');
  return [...word, ...new Array<Bit>(width - word.length).fill(ZERO)];
}

/** The number in `width` bits: modulo 2^width if that is fewer. */
export function resize(word: Word, width: number): Word {
  return extend(word.slice(0, width), width);
}

/** The number times 2^places, in `places` more bits. */
export function shiftLeft(word: Word, places: number): Word {
  return [...new Array<Bit>(places).fill(ZERO), ...word];
}

/** All bits equal to `bit`. */
export function repeat(bit: Bit, width: number): Word {
  return new Array<Bit>(width).fill(bit);
}

/** The width of both words. Throws RangeError unless it is the same. */
export function commonWidth(x: Word, y: Word): number {
  if (x.length !== y.length) throw new RangeError(`widths differ: ${x.length} and ${y.length}`);
  return x.length;
}

/** Bitwise complement. No AND. */
export function notWord(c: CircuitBuilder, x: Word): Word {
  return x.map((bit) => c.not(bit));
}

/** Bitwise XOR of two words of one width. No AND. */
export function xorWords(c: CircuitBuilder, x: Word, y: Word): Word {
  commonWidth(x, y);
  return x.map((bit, i) => c.xor(bit, y[i]!));
}

/** Bitwise AND of two words of one width n: n ANDs. */
export function andWords(c: CircuitBuilder, x: Word, y: Word): Word {
  commonWidth(x, y);
  return x.map((bit, i) => c.and(bit, y[i]!));
}

/** Bitwise OR of two words of one width n: n ANDs. */
export function orWords(c: CircuitBuilder, x: Word, y: Word): Word {
  commonWidth(x, y);
  return x.map((bit, i) => c.or(bit, y[i]!));
}

/** `x` if `bit`, else zero: n ANDs. */
export function mask(c: CircuitBuilder, x: Word, bit: Bit): Word {
  return x.map((each) => c.and(each, bit));
}

/** Whether all bits are one (true if there are none): n − 1 ANDs, in a tree. */
export function allOf(c: CircuitBuilder, bits: Word): Bit {
  if (bits.length === 0) return ONE;
  let level = bits;
  while (level.length > 1) {
    const next: Bit[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) next.push(c.and(level[i]!, level[i + 1]!));
    if (level.length % 2 === 1) next.push(level.at(-1)!);
    level = next;
  }
  return level[0]!;
}

/** Whether any bit is one (false if there are none): n − 1 ANDs, in a tree. */
export function anyOf(c: CircuitBuilder, bits: Word): Bit {
  return c.not(allOf(c, notWord(c, bits)));
}
