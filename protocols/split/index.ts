import type { CircuitBuilder, Word } from '../../src/circuit/builder.ts';
import { addModulo } from '../../src/circuit/gadgets/arithmetic.ts';
import { divideByConstant, productWithConstant } from '../../src/circuit/gadgets/constant.ts';
import { resize } from '../../src/circuit/gadgets/word.ts';
import { integerString } from '../../src/documents/range.ts';
import { InputError } from '../../src/errors.ts';
import type { Zone } from '../price/circuit.ts';
import { type Pricing, priceRule } from '../price/rule.ts';
import { describeSplit } from './describe.ts';
import { type Multiples, MultiplesCircuit, multiplesOn, multiplesUpTo, nearestMultiple } from './grid.ts';
import { splitModel } from './leakage.ts';
import { type Share, shareOf, shareSchema } from './share.ts';

/** The surplus is split in a fixed proportion. See README.md. */
export const split = priceRule({
  name: 'split',
  members: { sellerShare: shareSchema, grid: integerString.exactOptional() },
  refine(rule, grid) {
    if (rule.grid === undefined) return undefined;
    const multiples = multiplesOn(grid, BigInt(rule.grid));
    return typeof multiples === 'string' ? multiples : undefined;
  },
  pricing({ rule, grid }) {
    const share = shareOf(rule);
    if (rule.grid === undefined) return splitPricing(share);
    const multiples = multiplesOn(grid, BigInt(rule.grid));
    if (typeof multiples === 'string') throw new InputError('ERR_TERMS_INVALID', multiples);
    return gridPricing(share, multiples);
  },
  priceModel: splitModel,
  describe: describeSplit,
});

function splitPricing(share: Share): Pricing {
  return {
    key: `${share.p}/${share.q}`,
    price: (c, zone) => ({ index: splitIndex(c, zone, share) }),
    plainPrice: (seller, buyer) => plainIndex(seller, buyer, share),
  };
}

function gridPricing(share: Share, multiples: Multiples): Pricing {
  const { stride, before } = multiples;
  return {
    key: `${share.p}/${share.q} ${stride} ${before}`,
    meets: (c, zone) => new MultiplesCircuit(c, multiples).contains(zone),
    price: (c, zone) => ({
      index: new MultiplesCircuit(c, multiples).nearest(zone, splitIndex(c, zone, share)),
    }),
    plainMeets: (seller, buyer) => nearestMultiple(multiples, seller, buyer, seller) !== undefined,
    plainPrice(seller, buyer) {
      const number = nearestMultiple(multiples, seller, buyer, plainIndex(seller, buyer, share));
      return number === undefined ? undefined : number * stride - before;
    },
    prices: Number(multiplesUpTo(multiples, multiples.count - 1n)),
    permits: (index) => (index + before) % stride === 0n,
  };
}

/** seller + floor(share · surplus). */
function splitIndex(c: CircuitBuilder, { seller, surplus }: Zone, { p, q }: Share): Word {
  const width = seller.length;
  const { quotient } = divideByConstant(c, productWithConstant(c, surplus, p), q);
  return addModulo(c, seller, resize(quotient, width));
}

function plainIndex(seller: bigint, buyer: bigint, { p, q }: Share): bigint {
  return seller + (p * (buyer - seller)) / q;
}
