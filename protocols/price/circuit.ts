import { type Bit, type CircuitBuilder, type Word, ZERO } from '../../src/circuit/builder.ts';
import { subtract } from '../../src/circuit/gadgets/arithmetic.ts';
import { lessOrEqual, lessThan } from '../../src/circuit/gadgets/compare.ts';
import { select } from '../../src/circuit/gadgets/select.ts';
import { allOf, anyOf, notWord } from '../../src/circuit/gadgets/word.ts';
import { indexWidth } from './encoding.ts';

/** The zone between two reservations that meet, in grid steps: `indexWidth(count)` bits each. */
export interface Zone {
  readonly seller: Word;
  /** How many steps the buyer is above the seller. */
  readonly surplus: Word;
}

/** The comparison of one round, from which every price rule starts. The zone has a meaning only with a deal. */
export interface Meeting {
  /** Whether both reservations are on the grid and meet. */
  readonly deal: Bit;
  readonly zone: Zone;
  /** Whether both are on the grid, neither abstains, and they miss by at most `gap` steps. */
  near(gap: bigint): Bit;
}

/**
 * Whether two reservation words meet on a grid of `count` prices (README.md, Meeting). w + 1 ANDs for w-bit indices, and at
 * most w + 1 more unless count is 2^w.
 */
export function meet(c: CircuitBuilder, sellerWord: Word, buyerWord: Word, count: bigint): Meeting {
  const width = indexWidth(count);
  const last = c.constant(count - 1n, width);
  const seller = sellerWord.slice(0, width);
  const buyer = buyerWord.slice(0, width);
  // the buyer's top bit weighs −1, so it is the borrow of the comparison
  const { difference: surplus, borrow } = subtract(c, buyer, seller, buyerWord[width]!);
  const met = c.and(c.not(borrow), c.not(sellerWord[width]!));
  const buyerInRange = lessOrEqual(c, buyer, last);
  return {
    deal: c.and(met, buyerInRange),
    zone: { seller, surplus },
    near: (gap) => {
      if (gap === 0n) return ZERO;
      // neither abstains, so surplus is −(gap between the two), whose complement is that gap less one
      const close = lessThan(c, notWord(c, surplus), c.constant(gap, width));
      const abstains = anyOf(c, [sellerWord[width]!, buyerWord[width]!]);
      return allOf(c, [borrow, close, c.not(abstains), buyerInRange, lessOrEqual(c, seller, last)]);
    },
  };
}

/** The first of several rounds that meets, found by one selection per round. */
export interface Decision {
  readonly deal: Bit;
  readonly zone: Zone;
  /** The position of the deciding round, from 0, in as many bits as the last position needs; empty for one round. */
  readonly round: Word;
}

/** The round that decides: the first whose `met` bit is set; the last one's zone when none is. */
export function firstThatMeets(
  c: CircuitBuilder,
  rounds: readonly { readonly met: Bit; readonly zone: Zone }[],
  roundWidth: number,
): Decision {
  const last = rounds.length - 1;
  let { seller, surplus } = rounds[last]!.zone;
  let round = c.constant(BigInt(last), roundWidth);
  for (let i = last - 1; i >= 0; i--) {
    const { met, zone } = rounds[i]!;
    seller = select(c, met, zone.seller, seller);
    surplus = select(c, met, zone.surplus, surplus);
    round = select(c, met, c.constant(BigInt(i), roundWidth), round);
  }
  const deal = anyOf(
    c,
    rounds.map(({ met }) => met),
  );
  return { deal, zone: { seller, surplus }, round };
}
