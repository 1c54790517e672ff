import type { PriceModel } from '../leakage/model.ts';
import { gridPoints } from '../leakage/prior.ts';
import type { PriceTerms } from '../price/rule.ts';

/** One outcome, 'deal', whenever the reservations meet. */
export function zopaModel({ range }: Pick<PriceTerms, 'range'>): PriceModel {
  return {
    points: gridPoints(range),
    outcomes: 1,
    deal(seller, buyer, run) {
      run.first = 0;
      run.last = 0;
      run.each = 1;
      return seller <= buyer;
    },
    price: () => Number.NaN,
  };
}
