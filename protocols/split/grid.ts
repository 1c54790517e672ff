import { bitLength } from '../../src/circuit/bits.ts';
import type { Bit, CircuitBuilder, Word } from '../../src/circuit/builder.ts';
import { add, addModulo, subtract } from '../../src/circuit/gadgets/arithmetic.ts';
import { lessThan } from '../../src/circuit/gadgets/compare.ts';
import { divideByConstant, productWithConstant } from '../../src/circuit/gadgets/constant.ts';
import { maximum, minimum } from '../../src/circuit/gadgets/select.ts';
import { extend, resize } from '../../src/circuit/gadgets/word.ts';
import type { Grid } from '../../src/documents/range.ts';
import type { Zone } from '../price/circuit.ts';

/**
 * Multiples of a coarser step among a grid's prices, numbered 1, 2, … from the lowest: number n is at index n · stride − before, where
 * 1 ≤ before ≤ stride.
 */
export interface Multiples {
  readonly stride: bigint;
  readonly before: bigint;
  /** Number of grid prices. */
  readonly count: bigint;
}

/** The multiples of `coarse` on a grid, or a description of what is wrong with it. */
export function multiplesOn(grid: Grid, coarse: bigint): Multiples | string {
  if (coarse < 1n || coarse % grid.step !== 0n) return 'grid is not a positive multiple of step';
  if (grid.min % grid.step !== 0n) return 'with a grid, min must be a multiple of step';
  const remainder = ((grid.min % coarse) + coarse) % coarse;
  const stride = coarse / grid.step;
  const before = remainder === 0n ? stride : remainder / grid.step;
  if (stride - before >= grid.count) return 'no multiple of grid is in the range';
  return { stride, before, count: grid.count };
}

/** How many multiples lie at or below `index` (with `bias` added first), exact. */
export function multiplesUpTo({ stride, before }: Multiples, index: bigint, bias = 0n): bigint {
  return (index + before + bias) / stride;
}

/** The number of the multiple in [seller, buyer] that is nearest to `price`, the higher of two; undefined if there is none. */
export function nearestMultiple(
  multiples: Multiples,
  seller: bigint,
  buyer: bigint,
  price: bigint,
): bigint | undefined {
  const below = multiplesUpTo(multiples, seller, -1n);
  const highest = multiplesUpTo(multiples, buyer);
  if (below >= highest) return undefined;
  const nearest = multiplesUpTo(multiples, price, multiples.stride / 2n);
  const atLeast = nearest > below ? nearest : below + 1n;
  return atLeast < highest ? atLeast : highest;
}

/** Circuits for the two functions above. */
export class MultiplesCircuit {
  private readonly c: CircuitBuilder;
  private readonly multiples: Multiples;
  /** Bits of the largest dividend, and of a multiple's number. */
  private readonly dividendWidth: number;
  readonly numberWidth: number;

  constructor(c: CircuitBuilder, multiples: Multiples) {
    const { stride, before, count } = multiples;
    const largest = count - 1n + before + stride / 2n;
    this.c = c;
    this.multiples = multiples;
    this.dividendWidth = bitLength(largest);
    this.numberWidth = bitLength(largest / stride) || 1;
  }

  /** Whether a multiple lies in the zone. */
  contains(zone: Zone): Bit {
    const { below, highest } = this.bounds(zone);
    return lessThan(this.c, below, highest);
  }

  /** The index of the multiple in the zone that is nearest to `price`. It has a meaning only if the zone holds a multiple. */
  nearest(zone: Zone, price: Word): Word {
    const { c } = this;
    const { stride, before } = this.multiples;
    const { below, highest } = this.bounds(zone);
    const lowest = addModulo(c, below, c.constant(1n, this.numberWidth));
    const nearest = this.upTo(price, stride / 2n);
    const number = minimum(c, maximum(c, nearest, lowest), highest);
    const width = price.length;
    const scaled = resize(productWithConstant(c, number, stride), width);
    return subtract(c, scaled, resize(c.constant(before, bitLength(before)), width)).difference;
  }

  private bounds({ seller, surplus }: Zone): { below: Word; highest: Word } {
    const buyer = addModulo(this.c, seller, surplus);
    return { below: this.upTo(seller, -1n), highest: this.upTo(buyer, 0n) };
  }

  /** How many multiples lie at or below index + bias. */
  private upTo(index: Word, bias: bigint): Word {
    const { c, dividendWidth, numberWidth } = this;
    const wide = Math.max(dividendWidth, index.length);
    const dividend = add(c, extend(index, wide), c.constant(this.multiples.before + bias, wide));
    const { quotient } = divideByConstant(c, dividend.slice(0, dividendWidth), this.multiples.stride);
    return resize(quotient, numberWidth);
  }
}
