import type { Random } from '../../src/crypto/random.ts';
import type { Times } from './welch.ts';

/** One piece of code whose time must not depend on `input`. */
export interface Subject {
  readonly id: string;
  /** How many times are taken, for both classes together. */
  readonly samples: number;
  /** Where `load` finds the input of the next call: the fixed one or random bytes, by the same steps in the same place. */
  readonly input: Uint8Array;
  /** The fixed input, as long as `input`. */
  readonly fixed: Uint8Array;
  /** Brings the input into the form that `run` takes. Not timed. */
  load?(): void;
  /** What is timed. */
  run(): void;
}

/** The source of the loop's times and random bytes. */
export interface Source {
  readonly random: Random;
  /** Nanoseconds from any start. */
  now(): number;
}

/** The least number of calls before the first time is taken, so that the code has been compiled by then; otherwise a tenth of the samples. */
const MIN_WARM_UP = 50;

/**
 * Times a subject on its fixed input and on random ones, in an order drawn beforehand. Both classes go through the same steps: random bytes are
 * drawn for both, the choice is a mask, and the input lies in one place.
 */
export function measure(subject: Subject, { random, now }: Source): Times {
  const { samples, input, fixed } = subject;
  const warmUp = Math.max(MIN_WARM_UP, Math.ceil(samples / 10));
  const order = random(warmUp + samples).map((byte) => byte & 1);
  const nanoseconds = new Float64Array(samples);
  for (let i = 0; i < order.length; i++) {
    choose(input, fixed, random(input.length), order[i]!);
    subject.load?.();
    const start = now();
    subject.run();
    const end = now();
    if (i >= warmUp) nanoseconds[i - warmUp] = end - start;
  }
  return { nanoseconds, fixed: order.subarray(warmUp) };
}

function choose(input: Uint8Array, fixed: Uint8Array, drawn: Uint8Array, isFixed: number): void {
  const mask = 0 - isFixed;
  for (let i = 0; i < input.length; i++) input[i] = (fixed[i]! & mask) | (drawn[i]! & ~mask);
}
