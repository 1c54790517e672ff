import { CircuitBuilder, type Word } from '../../../src/circuit/builder.ts';
import type { Circuit } from '../../../src/circuit/circuit.ts';
import { addModulo } from '../../../src/circuit/gadgets/arithmetic.ts';
import { xorWords } from '../../../src/circuit/gadgets/word.ts';

/**
 * The SHA-256 compression function (FIPS 180-4): input groups block (512 bits) and chaining value (256), output the next chaining
 * value. Sixteen and eight 32-bit words, each lowest bit first.
 */
export function sha256Circuit(): Circuit {
  const c = new CircuitBuilder();
  const schedule = wordsOf(c.input(512));
  const chaining = wordsOf(c.input(256));
  const sum = (...words: Word[]): Word => words.reduce((x, y) => addModulo(c, x, y));
  const xor3 = (x: Word, y: Word, z: Word): Word => xorWords(c, xorWords(c, x, y), z);

  for (let t = 16; t < 64; t++) {
    const far = schedule[t - 15]!;
    const near = schedule[t - 2]!;
    const small0 = xor3(rotate(far, 7), rotate(far, 18), shift(c, far, 3));
    const small1 = xor3(rotate(near, 17), rotate(near, 19), shift(c, near, 10));
    schedule.push(sum(small1, schedule[t - 7]!, small0, schedule[t - 16]!));
  }

  let [a, b, cc, d, e, f, g, h] = chaining as [Word, Word, Word, Word, Word, Word, Word, Word];
  for (let t = 0; t < 64; t++) {
    const big1 = xor3(rotate(e, 6), rotate(e, 11), rotate(e, 25));
    const t1 = sum(h, big1, choice(c, e, f, g), c.constant(roundConstants[t]!, 32), schedule[t]!);
    const big0 = xor3(rotate(a, 2), rotate(a, 13), rotate(a, 22));
    const t2 = sum(big0, majority(c, a, b, cc));
    [h, g, f, e, d, cc, b, a] = [g, f, e, sum(d, t1), cc, b, a, sum(t1, t2)];
  }
  c.output([a, b, cc, d, e, f, g, h].flatMap((word, i) => addModulo(c, chaining[i]!, word)));
  return c.build();
}

function wordsOf(bits: Word): Word[] {
  return Array.from({ length: bits.length / 32 }, (_, i) => bits.slice(32 * i, 32 * i + 32));
}

function rotate(word: Word, places: number): Word {
  return [...word.slice(places), ...word.slice(0, places)];
}

function shift(c: CircuitBuilder, word: Word, places: number): Word {
  return [...word.slice(places), ...c.constant(0n, places)];
}

/** Bits of y where x has ones, of z elsewhere. One AND a bit. */
function choice(c: CircuitBuilder, x: Word, y: Word, z: Word): Word {
  return x.map((bit, i) => c.xor(z[i]!, c.and(bit, c.xor(y[i]!, z[i]!))));
}

/** One AND a bit. */
function majority(c: CircuitBuilder, x: Word, y: Word, z: Word): Word {
  return x.map((bit, i) => c.xor(bit, c.and(c.xor(bit, y[i]!), c.xor(bit, z[i]!))));
}

/** The first 32 fractional bits of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2). */
const roundConstants: readonly bigint[] = firstPrimes(64).map(
  (prime) => cubeRoot(BigInt(prime) << 96n) & 0xffff_ffffn,
);

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes;
}

function cubeRoot(value: bigint): bigint {
  let low = 0n;
  let high = 1n << 64n;
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle ** 3n <= value) low = middle;
    else high = middle - 1n;
  }
  return low;
}
