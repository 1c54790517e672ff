import type { Menu, Range } from '../../src/documents/terms.ts';
import type { Entry } from '../rule.ts';

/** How what an outcome tells is measured. */
export type LeakageModel =
  | {
      /** From what each pair of reservations leads to; beliefs about reservations count. */
      readonly by: 'prices';
      readonly range: Range;
      prices(): PriceModel;
    }
  | {
      /** By drawing ratings of a menu at random, and choosing. */
      readonly by: 'choices';
      readonly menu: Menu;
      /**
       * The index of the option that is chosen for each entry of a with each of b, or -1 for none: for a's first with all of b, then for its second, and so
       * on. Each is best worked out when it is asked for.
       */
      choices(a: readonly Entry[], b: readonly Entry[]): Iterable<number>;
    }
  | {
      /** Not at all: all that is known is how many outcomes there are, `no deal` among them. */
      readonly by: 'count';
      readonly outcomes: number;
    };

/** A run of equally likely deals: outcome indices `first` to `last`, each with probability `each`. */
export interface Run {
  first: number;
  last: number;
  each: number;
}

/**
 * What a price rule gives for each pair of reservations, as probabilities: all that the leakage meter and the incentive
 * simulation need to know about it. Reservations are grid indices: 0 is the lowest price of the range, `points - 1` the highest.
 *
 * Deals must be monotone, as they are in any sensible price rule: a pair that deals still deals if either side gives way, and
 * `first`, `last` and `each` move one way only in either argument. The exact meter does not rely on it; the sampled one does.
 */
export interface PriceModel {
  /** Grid points of the range, at most 2⁵³. */
  readonly points: number;
  /** Distinct deals that either side can tell apart; their indices are 0 to `outcomes - 1`. */
  readonly outcomes: number;
  /**
   * Sets `run` to the deals of this pair and gives true, or gives false where there is never a deal. What
   * (last − first + 1) · each is short of 1 is the probability of no deal.
   */
  deal(seller: number, buyer: number, run: Run): boolean;
  /** The price of a deal as a grid index, for the incentive simulation; `NaN` where the rule sets none (`zopa`). */
  price(outcome: number): number;
  /** Rules with `nearMiss`: without a deal, seller − buyer from 1 to this many grid steps sets the bit if both sides opted in. */
  readonly nearGap?: number;
  /** Reservations that each side enters in order; the first round that meets decides. Default 1. */
  readonly rounds?: number;
}
