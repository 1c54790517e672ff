import type { PriceModel } from '../leakage/model.ts';
import { gridPoints } from '../leakage/prior.ts';
import { roundsAndNearMiss } from '../leakage/terms.ts';
import type { RuleTerms } from '../rule.ts';

/** One outcome, 'deal', whenever the reservations meet. */
export function zopaModel(terms: RuleTerms): PriceModel {
  return {
    points: gridPoints(terms.range!),
    outcomes: 1,
    deal(seller, buyer, run) {
      run.first = 0;
      run.last = 0;
      run.each = 1;
      return seller <= buyer;
    },
    price: () => Number.NaN,
    ...roundsAndNearMiss(terms),
  };
}
