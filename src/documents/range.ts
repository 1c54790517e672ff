import * as z from 'zod';
import type { Range } from './terms.ts';
import { isPlainText } from './text.ts';

/** The most grid points that a range may have: as a position on the grid, a price has at most 64 bits. */
export const MAX_COUNT = 1n << 64n;
/** Longest integer string: 128 bits and a sign. */
const MAX_DIGITS = 40;
const INTEGER = /^(0|-?[1-9][0-9]*)$/;

/** An integer as a decimal string, `^(0|-?[1-9][0-9]*)$`, at most 40 characters. */
export const integerString = z
  .string()
  .refine((text) => text.length <= MAX_DIGITS && INTEGER.test(text), 'not an integer as a decimal string');

/** The `range` member of terms, with its defaults: step 1, no unit, no decimals. */
export const rangeSchema = z
  .strictObject({
    min: integerString,
    max: integerString,
    step: integerString.default('1'),
    unit: z.string().refine(isPlainText, 'not plain text').default(''),
    decimals: z.int().min(0).max(18).default(0),
  })
  .superRefine((range, context) => {
    const [min, max, step] = [range.min, range.max, range.step].map(parseInteger);
    if (min === undefined || max === undefined || step === undefined) return; // has its own issue
    const issue = (message: string) => context.addIssue({ code: 'custom', message });
    if (min > max) issue('min is above max');
    else if (step < 1n) issue('step is below 1');
    else if ((max - min) / step >= MAX_COUNT) issue('more than 2^64 prices');
  });

/** A range as numbers: prices are min + i·step for 0 ≤ i < count, all ≤ max. */
export interface Grid {
  readonly min: bigint;
  /** The highest price on the grid; at most the range's max. */
  readonly max: bigint;
  readonly step: bigint;
  /** Number of prices, 1 to 2^64. */
  readonly count: bigint;
}

/** The grid of a validated range. */
export function parseRange(range: Pick<Range, 'min' | 'max' | 'step'>): Grid {
  const min = BigInt(range.min);
  const step = BigInt(range.step);
  const count = (BigInt(range.max) - min) / step + 1n;
  return { min, max: min + (count - 1n) * step, step, count };
}

/** The position i of a price min + i·step, or undefined if it is not on the grid. */
export function gridIndex(grid: Grid, price: bigint): bigint | undefined {
  const offset = price - grid.min;
  if (offset < 0n || price > grid.max || offset % grid.step !== 0n) return undefined;
  return offset / grid.step;
}

/** The price at a position of the grid. Also works for positions outside it, which `gridIndex` never returns. */
export function gridPrice(grid: Grid, index: bigint): bigint {
  return grid.min + index * grid.step;
}

/** Bits that hold every number from 0 to `max`; 0 for max = 0. */
export function bitLength(max: bigint): number {
  return max === 0n ? 0 : max.toString(2).length;
}

/** An integer from its decimal string, or undefined if it is not written exactly as terms and mandates write one. */
export function parseInteger(text: string): bigint | undefined {
  return text.length <= MAX_DIGITS && INTEGER.test(text) ? BigInt(text) : undefined;
}
