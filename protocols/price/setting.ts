import { bitLength } from '../../src/circuit/bits.ts';
import type { Bit, CircuitBuilder, Word } from '../../src/circuit/builder.ts';
import type { Random } from '../../src/crypto/random.ts';
import type { Grid } from '../../src/documents/range.ts';
import type { Range } from '../../src/documents/terms.ts';
import type { Entry } from '../rule.ts';
import type { Zone } from './circuit.ts';
import { type Reservations, wordWidth } from './encoding.ts';

/** How a rule prices the zone between two reservations, under given terms. Prices and reservations are grid indices. */
export interface Pricing {
  /** All public numbers that the circuit depends on, besides the grid, the rounds and the near-miss gap. */
  readonly key: string;
  /** The price, if the terms fix it. Only the deal bit is then opened. */
  readonly fixed?: string;
  /** Randomness that each party adds: a number of `width` bits. */
  readonly share?: { readonly width: number; draw(random: Random): bigint };
  /** Whether two reservations that meet can also have a price. Default: always. */
  meets?(c: CircuitBuilder, zone: Zone): Bit;
  /** The index of the price of the deciding round, `indexWidth(count)` bits, and whether there is a deal at that price (default: yes). */
  price?(
    c: CircuitBuilder,
    zone: Zone,
    shares: readonly [Word, Word],
  ): { readonly index: Word; readonly deal?: Bit };
  /** Twins in the clear of `meets` and `price`, for seller ≤ buyer. `plainPrice` gives undefined for no deal. */
  plainMeets?(seller: bigint, buyer: bigint): boolean;
  plainPrice?(seller: bigint, buyer: bigint, shares: readonly [bigint, bigint]): bigint | undefined;
  /**
   * The number of prices for `capacityBits`. If the price is drawn, it is the sum over all prices of the highest probability that any two reservations
   * give that price. Default: all prices of the grid.
   */
  readonly prices?: number;
  /** The same number for an attempt in which a party enters the same share of the randomness again. Default: `prices`. */
  readonly pricesAgain?: number;
  /** Whether a grid index is one that a deal can have. Default: all are. */
  permits?(index: bigint): boolean;
}

/** Everything public that a computation depends on. */
export interface Setting {
  readonly range: Range;
  readonly grid: Grid;
  /** Undefined where the terms have no rounds. There is then one round, which the outcome does not name. */
  readonly rounds: number | undefined;
  /** Undefined where there is no near-miss bit. */
  readonly gap: bigint | undefined;
  readonly pricing: Pricing;
}

/** A party's entry, part by part. `share` is its share of the randomness, 0 where there is none. */
export interface EnteredWords extends Reservations {
  readonly share: bigint;
}

/** Bits of a round's position; 0 where the outcome names no round. */
export function roundWidth({ rounds }: Setting): number {
  return rounds === undefined ? 0 : bitLength(BigInt(rounds - 1));
}

/** Bits of the part of an entry that a mandate decides: the words, then the opt-in bit where there is one. */
export function mandateWidth({ grid, rounds, gap }: Setting): number {
  return (rounds ?? 1) * wordWidth(grid.count) + (gap === undefined ? 0 : 1);
}

/** Bits of each party's input group: the part that its mandate decides, then its share of the randomness. */
export function entryWidth(setting: Setting): number {
  return mandateWidth(setting) + (setting.pricing.share?.width ?? 0);
}

/** A party's input group as one number, its first bit lowest. */
export function toEntry(setting: Setting, { words, optIn, share }: EnteredWords): Entry {
  const width = BigInt(wordWidth(setting.grid.count));
  let value = share;
  if (setting.gap !== undefined) value = (value << 1n) | (optIn ? 1n : 0n);
  for (const word of words.toReversed()) value = (value << width) | word;
  return { value };
}

/** The reverse of `toEntry`, for any number. */
export function enteredWords({ grid, rounds, gap }: Setting, { value }: Entry): EnteredWords {
  const width = wordWidth(grid.count);
  let rest = value;
  const words = Array.from({ length: rounds ?? 1 }, () => {
    const word = BigInt.asUintN(width, rest);
    rest >>= BigInt(width);
    return word;
  });
  const optIn = gap !== undefined && (rest & 1n) === 1n;
  return { words, optIn, share: gap === undefined ? rest : rest >> 1n };
}
