import { bitsToBigint, unpackBits } from '../../src/circuit/bits.ts';
import { type CircuitBuilder, ONE, type Word, ZERO } from '../../src/circuit/builder.ts';
import { add, addModulo, multiply } from '../../src/circuit/gadgets/arithmetic.ts';
import { repeat, xorWords } from '../../src/circuit/gadgets/word.ts';
import type { Grid } from '../../src/documents/range.ts';
import { harmonic } from '../price/capacity.ts';
import { indexWidth } from '../price/encoding.ts';
import { type Pricing, priceRule } from '../price/rule.ts';
import { describeRandomSplit } from './describe.ts';
import { randomSplitModel } from './leakage.ts';

/** Random bits beyond an index's width: they bound the bias by 2^−40. */
export const SURPLUS_BITS = 40;

/** A price drawn from all that both sides accept. See README.md. */
export const randomSplit = priceRule({
  name: 'random-split',
  pricing: ({ grid }) => randomSplitPricing(grid),
  priceModel: randomSplitModel,
  describe: describeRandomSplit,
});

function randomSplitPricing({ count }: Grid): Pricing {
  const width = indexWidth(count) + SURPLUS_BITS;
  return {
    key: '',
    share: { width, draw: (random) => bitsToBigint(unpackBits(random(Math.ceil(width / 8)), width)) },
    price(c, { seller, surplus }, [a, b]) {
      const offset = scaled(c, xorWords(c, a, b), surplus);
      return { index: addModulo(c, seller, offset) };
    },
    prices: harmonic(count),
    pricesAgain: Number(count), // two prices drawn with the same share of the other side reveal the width of the zone
    plainPrice: (seller, buyer, [a, b]) => seller + (((a ^ b) * (buyer - seller + 1n)) >> BigInt(width)),
  };
}

/** floor(random · (surplus + 1) / 2^k) for k-bit `random`: at most `surplus`, and of the same width. */
function scaled(c: CircuitBuilder, random: Word, surplus: Word): Word {
  const points = add(c, surplus, repeat(ZERO, surplus.length), ONE);
  return multiply(c, points, random).slice(random.length, random.length + surplus.length);
}
