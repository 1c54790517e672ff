import type { RuleDescription } from '../rule.ts';

/** What `random-split` does, in plain words. */
export function describeRandomSplit(): Pick<RuleDescription, 'outcome' | 'incentives'> {
  return {
    outcome: [
      'If the seller’s reservation is at or below the buyer’s, there is a deal, and the price is drawn from all prices that both accept, each as likely as the next.',
      'Else nothing but ‘no deal’ comes out.',
      'Neither side can influence the draw, and the price tells little about the other’s reservation.',
    ],
    incentives: [
      'Both sides gain by shading, as much as with a price in the middle: the expected price is the same.',
      'With values spread evenly from 0 to 1, a buyer worth v does best to enter 2v/3 + 1/12 and a seller who needs c to enter 2c/3 + 1/4, and a sixth of the gains from trade is lost.',
    ],
  };
}
