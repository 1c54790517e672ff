import type { Setting } from './setting.ts';

/** Euler's constant. */
const GAMMA = 0.577_215_664_901_532_9;
/** Up to this count a harmonic number is summed. Above, the series is exact to the last bit but one of a double. */
const SUMMED = 1_000n;

/** log₂ of the number of outcomes that a price rule can have: deals by round and price, and one or two without a deal (README.md). */
export function capacityBits(setting: Setting): number {
  return bitsOf(setting, setting.pricing.prices);
}

/** Like `capacityBits`, for an attempt in which a party enters the same share of the randomness again. */
export function repeatedBits(setting: Setting): number {
  const { prices, pricesAgain = prices } = setting.pricing;
  return bitsOf(setting, pricesAgain);
}

function bitsOf({ grid, rounds = 1, gap, pricing }: Setting, counted = Number(grid.count)): number {
  const prices = pricing.price === undefined ? 1 : counted;
  return Math.log2(rounds * prices + (gap === undefined ? 1 : 2));
}

/** 1 + 1/2 + … + 1/count. */
export function harmonic(count: bigint): number {
  if (count > SUMMED) {
    const n = Number(count);
    return Math.log(n) + GAMMA + 1 / (2 * n) - 1 / (12 * n * n);
  }
  let sum = 0;
  for (let n = Number(count); n > 0; n--) sum += 1 / n;
  return sum;
}
