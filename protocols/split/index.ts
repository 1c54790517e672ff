import { gridPrice } from '../../src/agreement/range.ts';
import { CircuitBuilder, type Word } from '../../src/circuit/builder.ts';
import type { Circuit } from '../../src/circuit/circuit.ts';
import { addModulo } from '../../src/circuit/gadgets/arithmetic.ts';
import { divideByConstant, productWithConstant } from '../../src/circuit/gadgets/constant.ts';
import { extend, mask } from '../../src/circuit/gadgets/word.ts';
import { cachedCircuit } from '../circuit-cache.ts';
import { type Meeting, meet, reservationInputs } from '../price/circuit.ts';
import { computeOnce, NO_DEAL } from '../price/compute.ts';
import {
  encodeMandate,
  gridOf,
  indexOfWord,
  permitsPrice,
  priceOutcome,
  type ReservationWord,
  wordBits,
} from '../price/encoding.ts';
import { priceTerms } from '../price/schema.ts';
import type { Rule } from '../rule.ts';
import { splitModel } from './leakage.ts';
import { type Share, shareOf, shareSchema } from './share.ts';

/** Output groups: the deal bit, and the price's grid index, zero without a deal. 192 ANDs for 2^64 prices and share 1/2. */
export function splitCircuit(count: bigint, share: Share): Circuit {
  return cachedCircuit(`split ${count} ${share.p}/${share.q}`, () => {
    const c = new CircuitBuilder();
    const { seller, buyer } = reservationInputs(c, count);
    const meeting = meet(c, seller, buyer, count);
    c.output([meeting.deal]);
    c.output(mask(c, splitPrice(c, meeting, share), meeting.deal));
    return c.build();
  });
}

/** seller + floor(share · surplus) as a grid index; meaningful with a deal only. */
export function splitPrice(c: CircuitBuilder, { seller, surplus }: Meeting, { p, q }: Share): Word {
  const width = seller.length;
  const { quotient } = divideByConstant(c, productWithConstant(c, surplus, p), q);
  const share = quotient.slice(0, width);
  return addModulo(c, seller, extend(share, width));
}

/** The surplus is split in a fixed proportion. See README.md. */
export const split: Rule<ReservationWord> = {
  name: 'split',
  roles: ['seller', 'buyer'],
  schema: priceTerms('split', { sellerShare: shareSchema }),

  entry: (terms, party, mandate) => encodeMandate(terms, party, mandate),

  ands: (terms) => splitCircuit(gridOf(terms).count, shareOf(terms)).ands,

  async compute(engine, terms, entry, release) {
    const grid = gridOf(terms);
    const circuit = splitCircuit(grid.count, shareOf(terms));
    const bits = await computeOnce(engine, circuit, wordBits(grid.count, entry), release);
    return priceOutcome(grid, bits);
  },

  plain(terms, a, b) {
    const grid = gridOf(terms);
    const { p, q } = shareOf(terms);
    const seller = indexOfWord('a', grid.count, a);
    const buyer = indexOfWord('b', grid.count, b);
    if (seller > buyer) return NO_DEAL;
    return { deal: true, price: String(gridPrice(grid, seller + (p * (buyer - seller)) / q)) };
  },

  permits: permitsPrice,

  priceModel: splitModel,
};
