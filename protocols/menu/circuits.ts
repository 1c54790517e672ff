import { type Bit, CircuitBuilder, ONE, type Word } from '../../src/circuit/builder.ts';
import type { Circuit } from '../../src/circuit/circuit.ts';
import { add, addModulo } from '../../src/circuit/gadgets/arithmetic.ts';
import { lessThan } from '../../src/circuit/gadgets/compare.ts';
import { best, type Candidate, select } from '../../src/circuit/gadgets/select.ts';
import { extend, mask } from '../../src/circuit/gadgets/word.ts';
import { CircuitCache } from '../circuit-cache.ts';
import type { Solution } from './options.ts';

const circuits = new CircuitCache();

/** Options in a leaf, and candidates in a merge, at most. */
export const FAN_IN = 16;
/** Bits that a position in a leaf or merge takes. */
export const POSITION_WIDTH = 4;
export const GAIN_WIDTH = 16;
export const LOG_WIDTH = 39;
/** e(M_A) − e(M_B), two's complement. */
export const OFFSET_WIDTH = LOG_WIDTH + 1;

/** One option as one party enters it: gain, its encoded logarithm where the solution needs it, and whether it is accepted. */
export interface Option {
  readonly gain: Word;
  readonly log: Word;
  readonly accepted: Bit;
}

/** Whether parties enter logarithms for a solution. */
export function usesLogs(solution: Solution): boolean {
  return solution === 'nash' || solution === 'kalai-smorodinsky';
}

/** Bits of one option of one party. */
export function optionWidth(solution: Solution): number {
  return GAIN_WIDTH + (usesLogs(solution) ? LOG_WIDTH : 0) + 1;
}

/** Bits of a score, the acceptance of both on top. */
export function keyWidth(solution: Solution): number {
  switch (solution) {
    case 'utilitarian':
      return GAIN_WIDTH + 2;
    case 'egalitarian':
      return 2 * GAIN_WIDTH + 1;
    default:
      return GAIN_WIDTH + 1 + LOG_WIDTH + 2;
  }
}

/**
 * The best of `options` options: input groups are the options of a, those of b and, for kalai-smorodinsky, the offset; outputs are the
 * best one's key and position.
 */
export function leafCircuit(solution: Solution, options: number): Circuit {
  return circuits.get(`leaf ${solution} ${options}`, () => {
    const c = new CircuitBuilder();
    const a = optionsOf(c, solution, options);
    const b = optionsOf(c, solution, options);
    const offset = solution === 'kalai-smorodinsky' ? c.input(OFFSET_WIDTH) : [];
    const candidates = a.map((own, i) => ({
      key: keyOf(c, solution, own, b[i]!, offset),
      payload: c.constant(BigInt(i), POSITION_WIDTH),
    }));
    outputCandidate(c, best(c, candidates));
    return c.build();
  });
}

/** The best of `count` candidates of a level, each a key and `level` positions; the result has one position more. */
export function mergeCircuit(solution: Solution, count: number, level: number): Circuit {
  return circuits.get(`merge ${solution} ${count} ${level}`, () => {
    const c = new CircuitBuilder();
    const width = keyWidth(solution);
    const each = width + POSITION_WIDTH * level;
    const input = c.input(count * each);
    const candidates = Array.from({ length: count }, (_, i) => {
      const candidate = input.slice(i * each, (i + 1) * each);
      const payload = [...candidate.slice(width), ...c.constant(BigInt(i), POSITION_WIDTH)];
      return { key: candidate.slice(0, width), payload };
    });
    outputCandidate(c, best(c, candidates));
    return c.build();
  });
}

/** What is opened of the last candidate: whether both accept it, and if so its position, else zeros. */
export function outcomeCircuit(solution: Solution, level: number): Circuit {
  return circuits.get(`outcome ${solution} ${level}`, () => {
    const c = new CircuitBuilder();
    const width = keyWidth(solution);
    const input = c.input(width + POSITION_WIDTH * level);
    const deal = input[width - 1]!;
    c.output([deal]);
    c.output(mask(c, input.slice(width), deal));
    return c.build();
  });
}

/** The options of one input group. */
export function optionsOf(c: CircuitBuilder, solution: Solution, count: number): Option[] {
  const width = optionWidth(solution);
  const input = c.input(count * width);
  return Array.from({ length: count }, (_, i) => {
    const word = input.slice(i * width, (i + 1) * width);
    return { gain: word.slice(0, GAIN_WIDTH), log: word.slice(GAIN_WIDTH, -1), accepted: word.at(-1)! };
  });
}

/** Orders options as README.md says, larger is better: both accept, then the score, then the sum of gains. */
function keyOf(c: CircuitBuilder, solution: Solution, a: Option, b: Option, offset: Word): Word {
  const accepted = c.and(a.accepted, b.accepted);
  switch (solution) {
    case 'utilitarian':
      return [...add(c, a.gain, b.gain), accepted];
    case 'egalitarian': {
      // among equal minima, the larger maximum is the larger sum
      const swap = lessThan(c, b.gain, a.gain);
      const smaller = select(c, swap, b.gain, a.gain);
      const larger = select(c, swap, a.gain, b.gain);
      return [...larger, ...smaller, accepted];
    }
    case 'nash':
      return [...add(c, a.gain, b.gain), ...add(c, a.log, b.log), accepted];
    case 'kalai-smorodinsky': {
      const score = relativeScore(c, a.log, b.log, offset);
      return [...add(c, a.gain, b.gain), ...score, accepted];
    }
  }
}

/**
 * min(e_A, e_B + offset), in LOG_WIDTH + 1 bits whose highest is the sign, complemented so that the words compare as
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

function outputCandidate(c: CircuitBuilder, { key, payload }: Candidate): void {
  c.output(key);
  c.output(payload);
}
