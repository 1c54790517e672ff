import { type Bit, CircuitBuilder, ONE, type Word } from '../../src/circuit/builder.ts';
import type { Circuit } from '../../src/circuit/circuit.ts';
import { subtract } from '../../src/circuit/gadgets/arithmetic.ts';
import { lessThan } from '../../src/circuit/gadgets/compare.ts';
import { lookup } from '../../src/circuit/gadgets/lookup.ts';
import { select } from '../../src/circuit/gadgets/select.ts';
import { anyOf, extend, mask, notWord, shiftLeft } from '../../src/circuit/gadgets/word.ts';
import { CircuitCache } from '../circuit-cache.ts';
import { jointsOf, OFFSET_WIDTH, type Option, optionsOf, wordsOf } from './circuits.ts';
import { GAIN_WIDTH, LOG_WIDTH, type Logs } from './inputs.ts';
import { logTable } from './log-table.ts';

const circuits = new CircuitCache();

/*
 * The first pass of kalai-smorodinsky (README.md, step 2): each party's largest gain over the options that both accept. To carry the
 * logarithm of a largest gain through the tournament costs an AND for each bit and comparison. To look it up in the end costs some
 * 2,200 ANDs and 140,000 XORs.
 */

/** Bits of a candidate for the maxima: whether both accept any option, then a's and b's largest gain, each with its logarithm if carried. */
function maximaWidth(logs: Logs): number {
  return 1 + 2 * (GAIN_WIDTH + (logs === 'carried' ? LOG_WIDTH : 0));
}

/** The maxima of `options` options. Inputs are the options of a and those of b. */
export function maximaLeafCircuit(options: number, logs: Logs): Circuit {
  return circuits.get(`maxima leaf ${options} ${logs}`, () => {
    const c = new CircuitBuilder();
    const [a, b] = pairOfOptions(c, options, 'options');
    const side = ({ gain, log }: Option) => ({ gain, log: logs === 'carried' ? log : [] });
    outputMaxima(
      c,
      a.map((own, i) => ({ accepted: c.and(own.accepted, b[i]!.accepted), a: side(own), b: side(b[i]!) })),
    );
    return c.build();
  });
}

/** The same where gains are entered by themselves. Inputs are the gains of a, those of b, and what `jointCircuit` gives. */
export function maximaOfGainsCircuit(options: number): Circuit {
  return circuits.get(`maxima of gains ${options}`, () => {
    const c = new CircuitBuilder();
    const [a, b] = pairOfOptions(c, options, 'gains');
    const joints = jointsOf(c, options);
    outputMaxima(
      c,
      joints.map(({ accepted }, i) => ({ accepted, a: a[i]!, b: b[i]! })),
    );
    return c.build();
  });
}

/** The maxima of `count` maxima. */
export function maximaMergeCircuit(count: number, logs: Logs): Circuit {
  return circuits.get(`maxima merge ${count} ${logs}`, () => {
    const c = new CircuitBuilder();
    outputMaxima(c, wordsOf(c, count, maximaWidth(logs)).map(readMaxima));
    return c.build();
  });
}

/** e(M_A) − e(M_B) of the final maxima, two's complement in OFFSET_WIDTH bits. */
export function offsetCircuit(logs: Logs): Circuit {
  return circuits.get(`offset ${logs}`, () => {
    const c = new CircuitBuilder();
    const { a, b } = readMaxima(c.input(maximaWidth(logs)));
    const log = (side: Largest) =>
      extend(logs === 'carried' ? side.log : encodedLogOf(c, side.gain), OFFSET_WIDTH);
    c.output(subtract(c, log(a), log(b)).difference);
    return c.build();
  });
}

/** e(gain) for a 16-bit gain, LOG_WIDTH bits. The table is needed from 2^15 on only: f(gain) = f(2^k · gain) − k · 2^34. */
export function encodedLogOf(c: CircuitBuilder, gain: Word): Word {
  let scaled = gain;
  const shift: Bit[] = [];
  for (const places of [8, 4, 2, 1]) {
    const zeros = c.not(anyOf(c, scaled.slice(GAIN_WIDTH - places)));
    scaled = select(c, zeros, shiftLeft(scaled, places).slice(0, GAIN_WIDTH), scaled);
    shift.unshift(zeros);
  }
  // 2^15 ≤ scaled, unless the gain is 0, so f(scaled) is 15 · 2^34 and a fraction
  const fractions = logTable()
    .subarray(2 ** 15)
    .map((log) => log - 15 * 2 ** 34);
  const fraction = lookup(c, scaled.slice(0, -1), fractions, 34);
  // 16 + 15 − k, where e has 2^38 added to f
  const whole = [...notWord(c, shift), ONE];
  return mask(c, [...fraction, ...whole], scaled.at(-1)!);
}

function pairOfOptions(c: CircuitBuilder, options: number, part: 'options' | 'gains'): [Option[], Option[]] {
  const next = () => optionsOf(c, 'kalai-smorodinsky', part, options);
  return [next(), next()];
}

/** One party's part of the maxima; the logarithm is empty where it is looked up. */
interface Largest {
  readonly gain: Word;
  readonly log: Word;
}

interface Maxima {
  readonly accepted: Bit;
  readonly a: Largest;
  readonly b: Largest;
}

function readMaxima([accepted, ...rest]: Word): Maxima {
  const side = (word: Word): Largest => ({ gain: word.slice(0, GAIN_WIDTH), log: word.slice(GAIN_WIDTH) });
  return {
    accepted: accepted!,
    a: side(rest.slice(0, rest.length / 2)),
    b: side(rest.slice(rest.length / 2)),
  };
}

function outputMaxima(c: CircuitBuilder, entries: readonly Maxima[]): void {
  let round = entries;
  while (round.length > 1) {
    const next: Maxima[] = [];
    for (let i = 0; i + 1 < round.length; i += 2) next.push(largerOf(c, round[i]!, round[i + 1]!));
    if (round.length % 2 === 1) next.push(round.at(-1)!);
    round = next;
  }
  const { accepted, a, b } = round[0]!;
  c.output([accepted, ...a.gain, ...a.log, ...b.gain, ...b.log]);
}

/** Refused options count for nothing: acceptance is the highest bit of what is compared. */
function largerOf(c: CircuitBuilder, first: Maxima, second: Maxima): Maxima {
  const larger = (side: 'a' | 'b'): Largest => {
    const [x, y] = [first[side], second[side]];
    const take = lessThan(c, [...x.gain, first.accepted], [...y.gain, second.accepted]);
    return { gain: select(c, take, y.gain, x.gain), log: select(c, take, y.log, x.log) };
  };
  return { accepted: c.or(first.accepted, second.accepted), a: larger('a'), b: larger('b') };
}
