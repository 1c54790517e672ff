import { formatAmount } from '../price/amount.ts';
import type { PriceDescription } from '../price/describe.ts';
import type { PriceTerms } from '../price/rule.ts';
import type { Posted } from './leakage.ts';

/** What `posted-price` does, in plain words. */
export function describePostedPrice({ rule, range }: PriceTerms<Posted>): PriceDescription {
  const outcome =
    rule.price === 'random'
      ? [
          'A price is drawn from the whole range, each as likely as the next, and there is a deal at it if both sides accept it.',
          'Without a deal the price is not shown.',
        ]
      : [
          `There is a deal at ${formatAmount(rule.price, range)} if both sides accept that price, and none otherwise.`,
        ];
  const price =
    rule.price === 'random' ? 'a price drawn from the whole range' : formatAmount(rule.price, range);
  return {
    deal: `there is a deal at ${price}, provided that both accept that`,
    tells: 'By a deal the other side learns that you accept its price',
    outcome,
    incentives: [
      'Nothing is gained by misstating a reservation: it decides which prices a side accepts, never the price.',
      'The cost is deals lost because the price falls outside what both accept.',
    ],
  };
}
