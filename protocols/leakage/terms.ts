import { gridOf } from '../price/encoding.ts';
import { nearMissGap, roundsOf } from '../price/schema.ts';
import type { RuleTerms } from '../rule.ts';
import type { PriceModel } from './model.ts';

/** The members that `"rounds"` and `"nearMiss"` add to a price rule's model. */
export function roundsAndNearMiss(terms: RuleTerms): Pick<PriceModel, 'rounds' | 'nearGap'> {
  const rounds = roundsOf(terms);
  const gap = nearMissGap(terms, gridOf(terms));
  return {
    ...(rounds === undefined ? {} : { rounds }),
    ...(gap === undefined ? {} : { nearGap: Number(gap) }),
  };
}
