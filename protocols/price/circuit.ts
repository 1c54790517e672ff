import type { Bit, CircuitBuilder, Word } from '../../src/circuit/builder.ts';
import { subtract } from '../../src/circuit/gadgets/arithmetic.ts';
import { lessOrEqual } from '../../src/circuit/gadgets/compare.ts';
import { indexWidth, wordWidth } from './encoding.ts';

/** What every price rule starts from. */
export interface Meeting {
  /** Whether the two reservations meet, both being on the grid. */
  readonly deal: Bit;
  /** The seller's grid index, `indexWidth(count)` bits; meaningful with a deal only. */
  readonly seller: Word;
  /** How many steps the buyer is above the seller, of the same width; meaningful with a deal only. */
  readonly surplus: Word;
}

/** Declares the two parties' reservation words (see README.md) as input groups, seller first. */
export function reservationInputs(c: CircuitBuilder, count: bigint): { seller: Word; buyer: Word } {
  const width = wordWidth(count);
  return { seller: c.input(width), buyer: c.input(width) };
}

/**
 * Whether two reservation words meet on a grid of `count` prices. w + 1 ANDs for w-bit indices, and at most w + 1 more unless
 * count is 2^w.
 */
export function meet(c: CircuitBuilder, seller: Word, buyer: Word, count: bigint): Meeting {
  const width = indexWidth(count);
  const sellerIndex = seller.slice(0, width);
  const buyerIndex = buyer.slice(0, width);
  // the buyer's top bit weighs −1, so it is the borrow of the comparison
  const { difference, borrow } = subtract(c, buyerIndex, sellerIndex, buyer[width]!);
  const met = c.and(c.not(borrow), c.not(seller[width]!));
  const inRange = lessOrEqual(c, buyerIndex, c.constant(count - 1n, width));
  return { deal: c.and(met, inRange), seller: sellerIndex, surplus: difference };
}
