import type { PriceModel } from '../leakage/model.ts';
import { gridPoints } from '../leakage/prior.ts';
import type { PriceTerms } from '../price/rule.ts';

/** Every grid point of the zone is equally likely (the computation's bias of at most 2⁻⁴⁰ is left out). */
export function randomSplitModel({ range }: Pick<PriceTerms, 'range'>): PriceModel {
  const points = gridPoints(range);
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
  };
}
