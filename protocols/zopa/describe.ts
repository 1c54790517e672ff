import type { PriceDescription } from '../price/describe.ts';

/** What `zopa` does, in plain words. */
export function describeZopa(_terms: unknown, [seller, buyer]: readonly [string, string]): PriceDescription {
  return {
    deal: 'both learn that a deal is possible, and no price',
    tells: 'The other side learns that the two meet, and nothing else',
    outcome: [
      `What comes out is whether a deal is possible: yes if the ${seller}’s reservation is at or below the ${buyer}’s, else no.`,
      'No price is set; the two sides still have to find one.',
    ],
    incentives: [
      'The answer itself gives no reason to misstate a reservation, but the bargaining after it may: a yes shows that there is room.',
    ],
  };
}
