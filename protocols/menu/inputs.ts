import type { Method } from './options.ts';

/** Bits of a gain, and of an encoded logarithm. */
export const GAIN_WIDTH = 16;
export const LOG_WIDTH = 39;
/** Options that are entered together, and reduced to one candidate. */
const CHUNK = 4096;
/** From this many options on, kalai-smorodinsky looks up the logarithms of the two largest gains (maxima.ts). */
const LOOK_UP_FROM = 8192;

/** What an input holds of each of its options: all that is entered for it, or gains and acceptance, or logarithms. */
export type Part = 'options' | 'gains' | 'logs';

/** A part of options `start` to `end`: one input of each party. */
export interface MenuInput {
  readonly part: Part;
  readonly start: number;
  readonly end: number;
}

/** Bits of each number of an option, in the order in which a part holds them; 0 for one that it lacks. */
export interface Fields {
  readonly gain: number;
  readonly log: number;
  readonly accepted: number;
}

/** How kalai-smorodinsky has the logarithms of the two largest gains: they come along with the gains, or are looked up in the end. */
export type Logs = 'carried' | 'looked up';

export function logsFor(count: number): Logs {
  return count < LOOK_UP_FROM ? 'carried' : 'looked up';
}

/** Whether gains count relative to the largest ones, so that all options are looked at twice. */
export function isRelative(method: Method): boolean {
  return method === 'kalai-smorodinsky' || method === 'kalai-smorodinsky-1';
}

/** Whether gains are entered first and logarithms later: where the first look needs no logarithms, so that none is held until the second. */
export function entersLogsLater(method: Method, count: number): boolean {
  return method === 'kalai-smorodinsky' && logsFor(count) === 'looked up';
}

/** What is entered under a method over `count` options, in order: a's and b's part by turns. */
export function inputsOf(method: Method, count: number): MenuInput[] {
  const parts: Part[] = entersLogsLater(method, count) ? ['gains', 'logs'] : ['options'];
  return parts.flatMap((part) => chunksOf(count).map((chunk) => ({ part, ...chunk })));
}

/** The options that are entered together, in order. */
export function chunksOf(count: number): { readonly start: number; readonly end: number }[] {
  return Array.from({ length: Math.ceil(count / CHUNK) }, (_, i) => ({
    start: i * CHUNK,
    end: Math.min(count, (i + 1) * CHUNK),
  }));
}

/** The numbers of an option in a part. */
export function fieldsOf(method: Method, part: Part): Fields {
  switch (part) {
    case 'gains':
      return { gain: GAIN_WIDTH, log: 0, accepted: 1 };
    case 'logs':
      return { gain: 0, log: LOG_WIDTH, accepted: 0 };
    case 'options':
      return {
        gain: method === 'nash' ? 0 : GAIN_WIDTH,
        log: method === 'utilitarian' || method === 'egalitarian' ? 0 : LOG_WIDTH,
        accepted: 1,
      };
  }
}

/** Bits of an option in a part. */
export function partWidth(method: Method, part: Part): number {
  const { gain, log, accepted } = fieldsOf(method, part);
  return gain + log + accepted;
}

/** Bits that a party enters for an option, in all parts together. */
export function optionWidth(method: Method): number {
  return partWidth(method, 'options');
}

/** Bits of an input. */
export function inputWidth(method: Method, { part, start, end }: MenuInput): number {
  return (end - start) * partWidth(method, part);
}
