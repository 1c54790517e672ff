import type { Menu, Range } from '../../src/documents/terms.ts';
import type { Entry } from '../rule.ts';

/** The ways to measure what an outcome tells. */
export type LeakageModel =
  | {
      /** By the outcomes of each pair of reservations. Beliefs about reservations count. */
      readonly by: 'prices';
      readonly range: Range;
      prices(): PriceModel;
    }
  | {
      /** By drawing ratings of a menu at random, and choosing. */
      readonly by: 'choices';
      readonly menu: Menu;
      /**
       * The index of the option that is chosen for each entry of a with each entry of b, or -1 for none: first for a's first entry with all of b's, then for its
       * second, and so on. Each index should be computed when it is asked for.
       */
      choices(a: readonly Entry[], b: readonly Entry[]): Iterable<number>;
    }
  | {
      /** Not measured: only the number of outcomes is known, `no deal` included. */
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
 * The outcomes of a price rule for each pair of reservations, as probabilities: all that the leakage meter and the incentive
 * simulation need to know about the rule. Reservations are grid indices: 0 is the lowest price of the range, `points - 1` the highest.
 *
 * Deals must be monotone, as they are in any sensible price rule: a pair that deals still deals if either side concedes, and
 * `first`, `last` and `each` are monotone in either argument. The sampled meter relies on this; the exact one does not.
 */
export interface PriceModel {
  /** Grid points of the range, at most 2⁵³. */
  readonly points: number;
  /** Distinct deals that either side can tell apart; their indices are 0 to `outcomes - 1`. */
  readonly outcomes: number;
  /**
   * Sets `run` to the deals of this pair and returns true, or returns false if there is never a deal. The probability of no
   * deal is 1 − (last − first + 1) · each.
   */
  deal(seller: number, buyer: number, run: Run): boolean;
  /** The price of a deal as a grid index, for the incentive simulation; `NaN` where the rule sets none (`zopa`). */
  price(outcome: number): number;
  /** Rules with `nearMiss`: without a deal, seller − buyer from 1 to this many grid steps sets the bit if both sides opted in. */
  readonly nearGap?: number;
  /** Reservations that each side enters in order; the first round that meets decides. Default 1. */
  readonly rounds?: number;
}
