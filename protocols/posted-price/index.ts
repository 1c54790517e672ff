import * as z from 'zod';
import { bitLength, bitsToBigint, unpackBits } from '../../src/circuit/bits.ts';
import type { CircuitBuilder, Word } from '../../src/circuit/builder.ts';
import { add, subtract } from '../../src/circuit/gadgets/arithmetic.ts';
import { lessOrEqual } from '../../src/circuit/gadgets/compare.ts';
import { divideByConstant } from '../../src/circuit/gadgets/constant.ts';
import { resize } from '../../src/circuit/gadgets/word.ts';
import type { Random } from '../../src/crypto/random.ts';
import { type Grid, gridIndex, integerString } from '../../src/documents/range.ts';
import { indexWidth } from '../price/encoding.ts';
import { type Pricing, priceRule } from '../price/rule.ts';
import { describePostedPrice } from './describe.ts';
import { postedPriceModel } from './leakage.ts';

/** A price that neither side can influence; a deal if both accept it. See README.md. */
export const postedPrice = priceRule({
  name: 'posted-price',
  members: { price: z.union([z.literal('random'), integerString]) },
  refine(rule, grid) {
    if (rule.price === 'random') return undefined;
    return gridIndex(grid, BigInt(rule.price)) === undefined ? 'price is not on the grid' : undefined;
  },
  pricing: ({ rule, grid }) =>
    rule.price === 'random' ? randomPricing(grid) : publicPricing(grid, rule.price),
  priceModel: postedPriceModel,
  describe: describePostedPrice,
});

function publicPricing(grid: Grid, price: string): Pricing {
  const index = gridIndex(grid, BigInt(price))!;
  return {
    key: String(index),
    fixed: price,
    meets: (c, { seller, surplus }) => {
      const { difference, borrow } = subtract(c, c.constant(index, seller.length), seller);
      return c.and(c.not(borrow), lessOrEqual(c, difference, surplus));
    },
    plainMeets: (seller, buyer) => seller <= index && index <= buyer,
  };
}

function randomPricing({ count }: Grid): Pricing {
  const width = indexWidth(count);
  return {
    key: 'random',
    share: { width, draw: (random) => uniformBelow(count, random) },
    price(c, { seller, surplus }, [a, b]) {
      const index = sumModulo(c, a, b, count);
      const { difference, borrow } = subtract(c, index, seller);
      return { index, deal: c.and(c.not(borrow), lessOrEqual(c, difference, surplus)) };
    },
    prices: 1, // each of them with probability 1/count, whoever accepts it
    plainPrice(seller, buyer, [a, b]) {
      const index = (a + b) % count;
      return seller <= index && index <= buyer ? index : undefined;
    },
  };
}

/** (a + b) mod count for any words of `indexWidth(count)` bits. It is uniform if either word is uniform below count. */
function sumModulo(c: CircuitBuilder, a: Word, b: Word, count: bigint): Word {
  const { remainder } = divideByConstant(c, add(c, a, b), count);
  return resize(remainder, a.length);
}

/** A uniform number from 0 to count − 1, by rejection. */
export function uniformBelow(count: bigint, random: Random): bigint {
  const width = bitLength(count - 1n);
  for (;;) {
    const value = bitsToBigint(unpackBits(random(Math.ceil(width / 8)), width));
    if (value < count) return value;
  }
}
