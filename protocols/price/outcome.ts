import { type Bits, bitsToBigint } from '../../src/circuit/bits.ts';
import { gridIndex, gridPrice, parseInteger } from '../../src/documents/range.ts';
import type { OutcomeJson } from '../../src/documents/rule.ts';
import type { Range } from '../../src/documents/terms.ts';
import { memberNames } from '../define.ts';
import type { Entry, Outcome } from '../rule.ts';
import { formatAmount } from './amount.ts';
import { indexOfWord, indexWidth } from './encoding.ts';
import { type EnteredWords, enteredWords, roundWidth, type Setting } from './setting.ts';

/** How many bits are opened: the deal bit; then, where they exist, the round, the price's index and the near-miss bit. */
export function outcomeWidth(setting: Setting): number {
  const { grid, gap, pricing } = setting;
  const price = pricing.price === undefined ? 0 : indexWidth(grid.count);
  return 1 + roundWidth(setting) + price + (gap === undefined ? 0 : 1);
}

/** The outcome that the opened bits encode. */
export function readOutcome(setting: Setting, bits: Bits): OutcomeJson {
  const width = roundWidth(setting);
  const roundEnd = 1 + width;
  if (bits[0] !== 1) return noDeal(setting, bits.at(-1) === 1);
  const index = bitsToBigint(bits.subarray(roundEnd, roundEnd + indexWidth(setting.grid.count)));
  const round = Number(bitsToBigint(bits.subarray(1, roundEnd)));
  return dealAt(setting, round, setting.pricing.price === undefined ? undefined : index);
}

/** The outcome by the definition, for any words (README.md, Words). */
export function plainOutcome(setting: Setting, entryOfA: Entry, entryOfB: Entry): OutcomeJson {
  const { grid, pricing } = setting;
  const [a, b] = [enteredWords(setting, entryOfA), enteredWords(setting, entryOfB)];
  const zones = a.words.map((word, round) => {
    const seller = indexOfWord('a', grid.count, word);
    const buyer = indexOfWord('b', grid.count, b.words[round]!);
    if (seller === undefined || buyer === undefined || seller > buyer) return undefined;
    return (pricing.plainMeets?.(seller, buyer) ?? true) ? { seller, buyer } : undefined;
  });
  const round = zones.findIndex((zone) => zone !== undefined);
  if (round >= 0 && pricing.plainPrice === undefined) return dealAt(setting, round, undefined);
  const zone = zones[round];
  const index = zone && pricing.plainPrice?.(zone.seller, zone.buyer, [a.share, b.share]);
  return index === undefined ? noDeal(setting, plainNear(setting, a, b)) : dealAt(setting, round, index);
}

/** Whether an outcome has exactly the members that the terms call for, and a price that they allow. */
export function permitsOutcome({ grid, rounds, gap, pricing }: Setting, outcome: OutcomeJson): boolean {
  const { deal, nearMiss, round, price } = outcome;
  const members = memberNames(outcome);
  if (deal === false) {
    return gap === undefined
      ? members === 'deal'
      : members === 'deal,nearMiss' && typeof nearMiss === 'boolean';
  }
  const hasPrice = pricing.price !== undefined || pricing.fixed !== undefined;
  const expected = ['deal', ...(hasPrice ? ['price'] : []), ...(rounds === undefined ? [] : ['round'])];
  if (deal !== true || members !== expected.join()) return false;
  if (rounds !== undefined) {
    if (typeof round !== 'number' || !Number.isSafeInteger(round) || round < 1 || round > rounds)
      return false;
  }
  if (!hasPrice || pricing.fixed !== undefined) return price === pricing.fixed;
  const value = typeof price === 'string' ? parseInteger(price) : undefined;
  const index = value === undefined ? undefined : gridIndex(grid, value);
  return index !== undefined && (pricing.permits?.(index) ?? true);
}

/** A permitted outcome for callers, with its price as a bigint. */
export function priceResult({ deal, price, ...rest }: OutcomeJson): Outcome {
  if (typeof price === 'string') return { deal: true, price: BigInt(price) };
  return deal ? { deal: true, ...rest } : { deal: false, ...rest };
}

/** A permitted outcome in a few words. */
export function priceOutcomeText(range: Range, { deal, price, round, nearMiss }: OutcomeJson): string {
  if (!deal) {
    if (nearMiss === undefined) return 'no deal';
    return nearMiss ? 'no deal, but a near miss' : 'no deal, and no near miss that both would show';
  }
  const at = typeof price === 'string' ? ` at ${formatAmount(price, range)}` : '';
  return `deal${at}${typeof round === 'number' ? ` in round ${round}` : ''}`;
}

function noDeal({ gap }: Setting, near: boolean): OutcomeJson {
  return gap === undefined ? { deal: false } : { deal: false, nearMiss: near };
}

/** A deal as JSON. It may have an index or round that the terms do not have; `permits` refuses such an outcome. */
function dealAt({ grid, rounds, pricing }: Setting, round: number, index: bigint | undefined): OutcomeJson {
  const price = index === undefined ? pricing.fixed : String(gridPrice(grid, index));
  return {
    deal: true,
    ...(price !== undefined && { price }),
    ...(rounds !== undefined && { round: round + 1 }),
  };
}

/** Whether the last round's reservations are a near miss, given no deal. */
function plainNear({ grid, gap }: Setting, a: EnteredWords, b: EnteredWords): boolean {
  const [seller, buyer] = [a.words.at(-1)!, b.words.at(-1)!];
  if (gap === undefined || !a.optIn || !b.optIn) return false;
  return seller < grid.count && buyer < seller && seller - buyer <= gap;
}
