import { type PriceDescription, shadingOf } from '../price/describe.ts';

/** What `random-split` does, in plain words. */
export function describeRandomSplit(_terms: unknown, called: readonly [string, string]): PriceDescription {
  const [seller, buyer] = called;
  return {
    deal: 'the price is drawn from all that both accept',
    tells: 'From the price the other side learns little about your limit',
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
