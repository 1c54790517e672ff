import type { PriceModel } from '../leakage/model.ts';
import { gridPoints } from '../leakage/prior.ts';
import { roundsAndNearMiss } from '../leakage/terms.ts';
import type { RuleTerms } from '../rule.ts';

/** Every grid point of the zone is equally likely (the computation's bias of at most 2⁻⁴⁰ is left out). */
export function randomSplitModel(terms: RuleTerms): PriceModel {
  const points = gridPoints(terms.range!);
  return {
    points,
    outcomes: points,
    deal(seller, buyer, run) {
      run.first = seller;
      run.last = buyer;
      run.each = 1 / (buyer - seller + 1);
      return seller <= buyer;
    },
    price: (outcome) => outcome,
    ...roundsAndNearMiss(terms),
  };
}
