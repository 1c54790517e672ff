import { type Bit, CircuitBuilder, ONE, type Word } from '../../src/circuit/builder.ts';
import type { Circuit } from '../../src/circuit/circuit.ts';
import { add, addModulo } from '../../src/circuit/gadgets/arithmetic.ts';
import { lessThan } from '../../src/circuit/gadgets/compare.ts';
import { best, type Candidate, select } from '../../src/circuit/gadgets/select.ts';
import { extend, mask } from '../../src/circuit/gadgets/word.ts';
import { CircuitCache } from '../circuit-cache.ts';
import { fieldsOf, GAIN_WIDTH, isRelative, LOG_WIDTH, type Part, partWidth } from './inputs.ts';
import type { Method } from './options.ts';

const circuits = new CircuitCache();

/** Options in a leaf, and candidates in a merge, at most. */
export const FAN_IN = 16;
/** Bits that a position in a leaf or merge takes. */
export const POSITION_WIDTH = 4;
/** e(M_A) − e(M_B), two's complement. */
export const OFFSET_WIDTH = LOG_WIDTH + 1;
/** g_A + g_B. */
const SUM_WIDTH = GAIN_WIDTH + 1;

/** What one party enters for one option: gain and encoded logarithm, each empty where it is not entered, and whether it accepts. */
export interface Option {
  readonly gain: Word;
  readonly log: Word;
  readonly accepted: Bit;
}

/** What both parties' gains of one option come to. */
export interface Joint {
  readonly sum: Word;
  readonly accepted: Bit;
}

/** Bits of a key: the acceptance of both on top, then the score, then what decides between equal scores. */
export function keyWidth(method: Method): number {
  switch (method) {
    case 'utilitarian':
      return SUM_WIDTH + 1;
    case 'egalitarian':
      return 2 * GAIN_WIDTH + 1;
    case 'nash':
      return LOG_WIDTH + 1 + 1;
    default:
      return SUM_WIDTH + LOG_WIDTH + 1 + 1;
  }
}

/**
 * The best of `options` options. Inputs are the options of a, those of b and, for kalai-smorodinsky, the offset. Outputs are the best
 * one's key and position.
 */
export function leafCircuit(method: Method, options: number): Circuit {
  return circuits.get(`leaf ${method} ${options}`, () => {
    const c = new CircuitBuilder();
    const [a, b] = [0, 1].map(() => optionsOf(c, method, 'options', options)) as [Option[], Option[]];
    const offset = isRelative(method) ? c.input(OFFSET_WIDTH) : [];
    outputBest(
      c,
      a.map((own, i) => keyOf(c, method, own, b[i]!, offset)),
    );
    return c.build();
  });
}

/** The sum of gains, and whether both accept, of `options` options. Inputs are the gains of a and those of b. */
export function jointCircuit(options: number): Circuit {
  return circuits.get(`joint ${options}`, () => {
    const c = new CircuitBuilder();
    const [a, b] = [0, 1].map(() => optionsOf(c, 'kalai-smorodinsky', 'gains', options)) as [
      Option[],
      Option[],
    ];
    a.forEach((own, i) => {
      const { sum, accepted } = jointOf(c, own, b[i]!);
      c.output([...sum, accepted]);
    });
    return c.build();
  });
}

/**
 * `leafCircuit` for kalai-smorodinsky where logarithms are entered by themselves. Inputs are the logarithms of a, those of b, what
 * `jointCircuit` gives, and the offset.
 */
export function lateLeafCircuit(options: number): Circuit {
  return circuits.get(`late leaf ${options}`, () => {
    const c = new CircuitBuilder();
    const [a, b] = [0, 1].map(() => wordsOf(c, options, LOG_WIDTH)) as [Word[], Word[]];
    const joints = jointsOf(c, options);
    const offset = c.input(OFFSET_WIDTH);
    outputBest(
      c,
      joints.map((joint, i) => relativeKey(joint, relativeScore(c, a[i]!, b[i]!, offset))),
    );
    return c.build();
  });
}

/** The best of `count` candidates of a level, each a key and `level` positions; the result has one position more. */
export function mergeCircuit(method: Method, count: number, level: number): Circuit {
  return circuits.get(`merge ${method} ${count} ${level}`, () => {
    const c = new CircuitBuilder();
    const width = keyWidth(method);
    const candidates = wordsOf(c, count, width + POSITION_WIDTH * level).map((candidate, i) => ({
      key: candidate.slice(0, width),
      payload: [...candidate.slice(width), ...c.constant(BigInt(i), POSITION_WIDTH)],
    }));
    outputCandidate(c, best(c, candidates));
    return c.build();
  });
}

/** What is opened of the last candidate: whether both accept it, and if so its position, else zeros. */
export function outcomeCircuit(method: Method, level: number): Circuit {
  return circuits.get(`outcome ${method} ${level}`, () => {
    const c = new CircuitBuilder();
    const width = keyWidth(method);
    const input = c.input(width + POSITION_WIDTH * level);
    const deal = input[width - 1]!;
    c.output([deal]);
    c.output(mask(c, input.slice(width), deal));
    return c.build();
  });
}

/** `count` options of one party, or their gains only, as the next input of a circuit. */
export function optionsOf(
  c: CircuitBuilder,
  method: Method,
  part: Exclude<Part, 'logs'>,
  count: number,
): Option[] {
  const { gain, log } = fieldsOf(method, part);
  return wordsOf(c, count, partWidth(method, part)).map((word) => ({
    gain: word.slice(0, gain),
    log: word.slice(gain, gain + log),
    accepted: word.at(-1)!,
  }));
}

/** What `jointCircuit` gives, as the next input of a circuit. */
export function jointsOf(c: CircuitBuilder, count: number): Joint[] {
  return wordsOf(c, count, SUM_WIDTH + 1).map((word) => ({
    sum: word.slice(0, SUM_WIDTH),
    accepted: word[SUM_WIDTH]!,
  }));
}

/** The next input of a circuit, `count` words of one width. */
export function wordsOf(c: CircuitBuilder, count: number, width: number): Word[] {
  const input = c.input(count * width);
  return Array.from({ length: count }, (_, i) => input.slice(i * width, (i + 1) * width));
}

/** Orders options as README.md says, larger is better: both accept, then the score, then what decides between equal scores. */
function keyOf(c: CircuitBuilder, method: Method, a: Option, b: Option, offset: Word): Word {
  switch (method) {
    case 'nash':
      return [...add(c, a.log, b.log), c.and(a.accepted, b.accepted)];
    case 'egalitarian': {
      // among equal minima, the larger maximum is the larger sum
      const swap = lessThan(c, b.gain, a.gain);
      const smaller = select(c, swap, b.gain, a.gain);
      const larger = select(c, swap, a.gain, b.gain);
      return [...larger, ...smaller, c.and(a.accepted, b.accepted)];
    }
  }
  const { sum, accepted } = jointOf(c, a, b);
  switch (method) {
    case 'utilitarian':
      return [...sum, accepted];
    case 'nash-1':
      return [...sum, ...add(c, a.log, b.log), accepted];
    default:
      return relativeKey({ sum, accepted }, relativeScore(c, a.log, b.log, offset));
  }
}

function jointOf(c: CircuitBuilder, a: Option, b: Option): Joint {
  return { sum: add(c, a.gain, b.gain), accepted: c.and(a.accepted, b.accepted) };
}

function relativeKey({ sum, accepted }: Joint, score: Word): Word {
  return [...sum, ...score, accepted];
}

/**
 * min(e_A, e_B + offset) in LOG_WIDTH + 1 bits, of which the highest is the sign, complemented, so that the words compare as
 * unsigned ones. The second operand may be any number between −2^39 and 2^40.
 */
function relativeScore(c: CircuitBuilder, a: Word, b: Word, offset: Word): Word {
  const width = LOG_WIDTH + 2;
  const shifted = addModulo(c, extend(b, width), [...offset, offset.at(-1)!]);
  const ordered = [...shifted.slice(0, -1), c.not(shifted.at(-1)!)];
  const own = [...extend(a, width - 1), ONE];
  const smaller = select(c, lessThan(c, ordered, own), shifted, extend(a, width)).slice(0, -1);
  return [...smaller.slice(0, -1), c.not(smaller.at(-1)!)];
}

/** Outputs the best of options by their keys, with its position. */
function outputBest(c: CircuitBuilder, keys: readonly Word[]): void {
  const candidates = keys.map((key, i) => ({ key, payload: c.constant(BigInt(i), POSITION_WIDTH) }));
  outputCandidate(c, best(c, candidates));
}

function outputCandidate(c: CircuitBuilder, { key, payload }: Candidate): void {
  c.output(key);
  c.output(payload);
}
