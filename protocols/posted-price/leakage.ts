import type { PriceModel } from '../leakage/model.ts';
import { gridPoints } from '../leakage/prior.ts';
import { roundsAndNearMiss } from '../leakage/terms.ts';
import type { RuleTerms } from '../rule.ts';

/** A public price: one outcome. A jointly random one: each grid point of the range with the same chance, seen only where both accept it. */
export function postedPriceModel(terms: RuleTerms): PriceModel {
  const range = terms.range!;
  const points = gridPoints(range);
  const extras = roundsAndNearMiss(terms);
  if (terms.rule.price === 'random')
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
      ...extras,
    };
  const posted = Number((BigInt(String(terms.rule.price)) - BigInt(range.min)) / BigInt(range.step));
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
    ...extras,
  };
}
