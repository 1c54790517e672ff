import { bitLength } from '../bits.ts';
import { type Bit, type CircuitBuilder, ONE, type Word, ZERO } from '../builder.ts';
import { add, addModulo } from './arithmetic.ts';
import { extend, notWord, repeat } from './word.ts';

/**
 * x times a public constant ≥ 0, exact: n + bitLength(constant) bits for n-bit x. About n ANDs for each digit of the constant
 * after the first, in its non-adjacent or binary form, whichever is cheaper.
 */
export function productWithConstant(c: CircuitBuilder, x: Word, constant: bigint): Word {
  if (constant < 0n) throw new RangeError('the constant is negative');
  const width = x.length + bitLength(constant);
  const largest = (1n << BigInt(x.length)) - 1n;
  const low: Bit[] = [];
  // floor(coefficient · x / 2^place) is upper + carry, upper in two's complement
  let upper: Word = [ZERO];
  let carry: Bit = ZERO;
  let coefficient = 0n;
  let place = 0;
  for (const { place: next, sign } of cheapestDigits(constant, x.length)) {
    for (; place < next; place++) {
      low.push(c.xor(upper[0]!, carry));
      carry = c.and(upper[0]!, carry);
      upper = upper.length > 1 ? upper.slice(1) : upper;
    }
    const first = coefficient === 0n;
    coefficient += BigInt(sign) << BigInt(place);
    const extreme = (coefficient * largest) >> BigInt(place);
    const size = coefficient < 0n ? bitLength(-extreme - 1n) + 1 : bitLength(extreme);
    upper = signExtend(upper, size);
    const addend = signExtend([...x, ZERO], size);
    if (sign > 0) {
      upper = addModulo(c, upper, addend, carry);
      carry = ZERO;
    } else if (first) {
      upper = notWord(c, [...x, ZERO]);
      carry = ONE;
    } else {
      if (carry !== ZERO) upper = addModulo(c, upper, repeat(ZERO, size), carry);
      upper = addModulo(c, upper, notWord(c, addend), ONE);
      carry = ZERO;
    }
    if (coefficient >= 0n) upper = [...upper, ZERO];
  }
  return extend([...low, ...upper].slice(0, width), width);
}

/**
 * Quotient and remainder of x by a public constant ≥ 1. The quotient has max(1, n − k + 1) bits and the remainder as many as
 * the largest that can occur, for n-bit x and a k-bit constant. Non-restoring division: k − 1 ANDs per quotient bit for
 * an odd constant (its factors of two cost nothing), and k − 1 more if the remainder is used.
 */
export function divideByConstant(
  c: CircuitBuilder,
  x: Word,
  constant: bigint,
): { readonly quotient: Word; readonly remainder: Word } {
  if (constant < 1n) throw new RangeError('the constant is not positive');
  let shift = 0;
  while (((constant >> BigInt(shift)) & 1n) === 0n) shift++;
  const odd = constant >> BigInt(shift);
  const below = x.slice(0, shift);
  const above = x.slice(shift);
  const size = bitLength(odd);
  if (above.length < size) return { quotient: [ZERO], remainder: x };
  if (odd === 1n) return { quotient: above, remainder: below };

  const divisor = c.constant(odd, size + 1);
  const steps = above.length - size + 1;
  // the running remainder lies in [−odd, odd): size + 1 bits, two's complement
  let running = extend(above.slice(steps), size + 1);
  const quotient = new Array<Bit>(steps).fill(ZERO);
  for (let i = steps - 1; i >= 0; i--) {
    const down = c.not(running[size]!);
    const shifted = [above[i]!, ...running.slice(0, size)];
    running = addModulo(
      c,
      shifted,
      divisor.map((bit) => c.xor(bit, down)),
      down,
    );
    quotient[i] = c.not(running[size]!);
  }
  const negative = running[size]!;
  const correction = divisor.slice(0, size).map((bit) => c.and(bit, negative));
  const remainder = add(c, running.slice(0, size), correction).slice(0, size);
  return { quotient, remainder: [...below, ...remainder] };
}

interface Digit {
  readonly place: number;
  readonly sign: 1 | -1;
}

/** Signed binary digits of `constant`, lowest first, in the form that costs fewer ANDs for a `width`-bit factor. */
function cheapestDigits(constant: bigint, width: number): readonly Digit[] {
  const binary: Digit[] = [];
  const nonAdjacent: Digit[] = [];
  let carry = 0n;
  for (let place = 0; constant >> BigInt(place) !== 0n || carry !== 0n; place++) {
    const bits = constant >> BigInt(place);
    if (bits & 1n) binary.push({ place, sign: 1 });
    if ((bits & 1n) === carry) continue;
    const sign = (bits + carry) & 2n ? -1 : 1;
    nonAdjacent.push({ place, sign });
    carry = sign < 0 ? 1n : 0n;
  }
  // a negative lowest digit costs carries up to the second digit, or a whole negation if that is negative, too
  const [lowest, second] = nonAdjacent;
  let extra = 0;
  if (lowest?.sign === -1) extra = second?.sign === 1 ? Math.min(width, second.place - lowest.place) : width;
  return nonAdjacent.length * width + extra < binary.length * width ? nonAdjacent : binary;
}

/** The two's complement word in `width` bits; `width` may also be smaller when the value is known to fit. */
function signExtend(word: Word, width: number): Word {
  return width <= word.length
    ? word.slice(0, width)
    : [...word, ...repeat(word.at(-1)!, width - word.length)];
}
