import type { BriefDescription, RuleDescription } from '../rule.ts';
import { formatAmount, groupThousands } from './amount.ts';
import type { Setting } from './setting.ts';

/** What sets a price rule apart, in plain words. */
export interface PriceDescription extends Pick<RuleDescription, 'outcome' | 'incentives'> {
  /** The result if the limits meet, as a continuation of “if the two meet,”. */
  readonly deal?: string;
  /** What the result tells the other side, as the beginning of a sentence that continues about no deal. */
  readonly tells?: string;
}

/** What each side enters under a price rule. */
export function describeEntering({ range, grid, rounds }: Setting): string[] {
  const span = `from ${formatAmount(range.min, range)} to ${formatAmount(range.max, range)} in steps of ${formatAmount(range.step, range)}`;
  const what =
    rounds === undefined
      ? 'its reservation, the worst price it would accept,'
      : `${rounds} reservations in order, the worst prices it would accept in each round,`;
  return [
    `Each side enters ${what} out of ${groupThousands(String(grid.count))} prices ${span}.`,
    'A side may also abstain; nobody can tell that from a reservation that is not met.',
  ];
}

/** An example of the best entry for each side where the expected price is in the middle (Chatterjee and Samuelson 1983). */
export function shadingOf([seller, buyer]: readonly [string, string]): string {
  return `With values spread evenly from 0 to 1, the ${buyer} to whom it is worth v does best to enter 2v/3 + 1/12 and the ${seller} who needs c to enter 2c/3 + 1/4, and a sixth of the gains from trade is lost.`;
}

/** What rounds and the near-miss bit add to a rule. */
export function describeExtras({ rounds }: Setting, nearMiss: unknown): string[] {
  const sentences: string[] = [];
  if (rounds !== undefined)
    sentences.push(
      `The ${rounds} rounds are compared in one computation. The first round that meets decides; which one it was comes out with the deal, and later rounds stay secret.`,
    );
  if (typeof nearMiss === 'string')
    sentences.push(
      `Without a deal, both sides learn whether they missed each other by at most ${nearMiss} of the range, but only if both opted in to that in secret.`,
    );
  return sentences;
}

/** A price rule in brief, for people who have to decide at once. */
export function briefly(
  { rounds, gap }: Setting,
  { deal, tells }: Required<Pick<PriceDescription, 'deal' | 'tells'>>,
): BriefDescription {
  const asked =
    rounds === undefined
      ? `Each side enters in secret the worst price it would accept; if the two meet, ${deal}.`
      : `Each side enters in secret the worst price it would accept in each of ${rounds} rounds; in the first that meets, ${deal}.`;
  const near = gap === undefined ? '' : ', and whether they nearly do if both opt in to that';
  return { asked, learned: `${tells}; without a deal, it learns that the two do not meet${near}.` };
}

/** A party's entry in words. */
export function mandateText({ range }: Setting, mandate: Readonly<Record<string, unknown>>): string {
  const { abstain, reservation, reservations } = mandate;
  if (abstain === true) return 'nothing it would accept';
  const figures: unknown[] = Array.isArray(reservations) ? reservations : [reservation];
  return figures.map((figure) => formatAmount(BigInt(String(figure)), range)).join(', then ');
}
