import type { RuleTerms } from '../rule.ts';
import type { PriceModel } from './model.ts';
import { gridPoints } from './prior.ts';

/** The members that `"rounds"` and `"nearMiss"` add to a price rule's model: a gap of up to that share of the range's width is near. */
export function roundsAndNearMiss(terms: RuleTerms): Pick<PriceModel, 'rounds' | 'near'> {
  const { rounds, nearMiss } = terms.rule;
  const width = gridPoints(terms.range!) - 1;
  const percent = typeof nearMiss === 'string' ? Number(nearMiss.replace('%', '')) : undefined;
  return {
    ...(typeof rounds === 'number' ? { rounds } : {}),
    ...(percent === undefined
      ? {}
      : { near: (seller, buyer) => seller > buyer && (seller - buyer) * 100 <= width * percent }),
  };
}
