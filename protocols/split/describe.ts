import { formatAmount } from '../price/amount.ts';
import { type PriceDescription, shadingOf } from '../price/describe.ts';
import type { PriceTerms } from '../price/rule.ts';
import { type Splitting, shareOf } from './share.ts';

/** What `split` does, in plain words. */
export function describeSplit(
  { rule, range }: PriceTerms<Splitting>,
  called: readonly [string, string],
): PriceDescription {
  const { p, q } = shareOf(rule);
  const [seller, buyer] = called;
  const { grid } = rule;
  const half = p * 2n === q;
  const price = half
    ? 'the price is the middle between the two, rounded down'
    : `the price divides what lies between the two: the ${seller} gets ${p}/${q} of it, rounded down`;
  const outcome = [
    `If the ${seller}’s reservation is at or below the ${buyer}’s, there is a deal, and ${price}.`,
    'Else nothing but ‘no deal’ comes out.',
  ];
  if (grid !== undefined)
    outcome.push(
      `The price is moved to the nearest multiple of ${formatAmount(grid, range)} that both accept; without one there is no deal.`,
    );
  outcome.push(
    grid === undefined
      ? 'Each side can work backwards from the price to the other’s reservation, almost exactly.'
      : 'Each side can work backwards from the price to a band that holds the other’s reservation.',
  );
  const deal = half
    ? 'the price is the middle between them'
    : `the ${seller} gets ${p}/${q} of what lies between`;
  const tells =
    grid === undefined
      ? 'From the price the other side can work out your limit, almost exactly'
      : 'From the price the other side can work out about where your limit is';
  return { outcome, incentives: incentives(p, q, called), deal, tells };
}

function incentives(p: bigint, q: bigint, called: readonly [string, string]): string[] {
  const [seller, buyer] = called;
  const shades =
    'Both sides gain by shading: entering less than they would pay, or more than they would take.';
  if (p * 2n === q) return [shades, shadingOf(called)];
  if (p === 0n)
    return [
      `The price is the ${seller}’s own reservation: the ${seller} gains by overstating it, the ${buyer} gains nothing by misstating.`,
    ];
  if (p === q)
    return [
      `The price is the ${buyer}’s own reservation: the ${buyer} gains by understating it, the ${seller} gains nothing by misstating.`,
    ];
  const more = p * 2n < q ? seller : buyer;
  return [shades, `The ${more}’s reservation moves the price more, so the ${more} has more reason to shade.`];
}
