import { shadingOf } from '../price/describe.ts';
import type { RuleDescription } from '../rule.ts';

/** What `random-split` does, in plain words. */
export function describeRandomSplit(
  _terms: unknown,
  called: readonly [string, string],
): Pick<RuleDescription, 'outcome' | 'incentives'> {
  const [seller, buyer] = called;
  return {
    outcome: [
      `If the ${seller}’s reservation is at or below the ${buyer}’s, there is a deal, and the price is drawn from all prices that both accept, each as likely as the next.`,
      'Else nothing but ‘no deal’ comes out.',
      'Neither side can influence the draw, and the price tells little about the other’s reservation.',
    ],
    incentives: [
      'Both sides gain by shading, as much as with a price in the middle: the expected price is the same.',
      shadingOf(called),
    ],
  };
}
