import type { PriceModel } from '../leakage/model.ts';
import { gridPoints } from '../leakage/prior.ts';
import type { PriceTerms } from '../price/rule.ts';

/** The rule's own member of the terms: an amount, or `random`. */
export interface Posted {
  readonly price: string;
}

/** With a public price there is one outcome. A jointly drawn price is each grid point of the range with the same chance, and shows only if both accept it. */
export function postedPriceModel({ rule, range }: Pick<PriceTerms<Posted>, 'rule' | 'range'>): PriceModel {
  const points = gridPoints(range);
  if (rule.price === 'random')
    return {
      points,
      outcomes: points,
      deal(seller, buyer, run) {
        run.first = seller;
        run.last = buyer;
        run.each = 1 / points;
        return seller <= buyer;
      },
      price: (outcome) => outcome,
    };
  const posted = Number((BigInt(rule.price) - BigInt(range.min)) / BigInt(range.step));
  return {
    points,
    outcomes: 1,
    deal(seller, buyer, run) {
      run.first = 0;
      run.last = 0;
      run.each = 1;
      return seller <= posted && posted <= buyer;
    },
    price: () => posted,
  };
}
