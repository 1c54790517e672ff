import * as z from 'zod';
import { integerString } from '../../src/documents/range.ts';
import type { Range } from '../../src/documents/terms.ts';
import { InputError } from '../../src/errors.ts';

/** One bar of a histogram: prices `from` to `to` (both included, integers in the unit of the terms) share `weight`. */
export interface Bin {
  readonly from: string | bigint | number;
  readonly to: string | bigint | number;
  readonly weight: number;
}

/** A belief about a party's reservation. `abstain` (default 0) is the chance that the party abstains. */
export interface Histogram {
  readonly bins: readonly Bin[];
  readonly abstain?: number;
}

/**
 * Beliefs about both reservations, independent of each other: `'uniform'` over the range's grid points (no abstention), one
 * histogram for both sides, or one each. The histogram under a role is the belief about that role's reservation.
 */
export type PriorInput =
  | 'uniform'
  | Histogram
  | { readonly seller: Histogram | 'uniform'; readonly buyer: Histogram | 'uniform' };

const MAX_BINS = 4096;

const edge = z.union([integerString, z.bigint(), z.int()]);
const histogram = z.strictObject({
  bins: z
    .array(z.strictObject({ from: edge, to: edge, weight: z.number().min(0) }))
    .min(1)
    .max(MAX_BINS),
  abstain: z.number().min(0).lt(1).exactOptional(),
});
const side = z.union([z.literal('uniform'), histogram]);
const priorSchema = z.union([
  z.literal('uniform'),
  histogram,
  z.strictObject({ seller: side, buyer: side }),
]) satisfies z.ZodType<PriorInput>;

/** Checks the form of a prior, such as a file's. Throws InputError `ERR_PRIOR_INVALID`. */
export function parsePrior(value: unknown): PriorInput {
  const parsed = priorSchema.safeParse(value);
  if (!parsed.success) throw invalid('it has not the form of one');
  return parsed.data;
}

/** A piecewise constant distribution over grid indices 0 to `points - 1`, plus the chance of abstention. */
export class Prior {
  readonly points: number;
  /** Chance of abstention; all other masses sum to 1 minus this. */
  readonly abstain: number;
  /** First index of each piece; pieces are in order and do not overlap. */
  readonly starts: Float64Array;
  /** Last index of each piece. */
  readonly ends: Float64Array;
  /** Mass of each single index in a piece. */
  readonly each: Float64Array;
  /** Mass of all pieces before this one. */
  readonly before: Float64Array;

  constructor(points: number, pieces: readonly { start: number; end: number; mass: number }[], abstain = 0) {
    this.points = points;
    this.abstain = abstain;
    this.starts = Float64Array.from(pieces, (piece) => piece.start);
    this.ends = Float64Array.from(pieces, (piece) => piece.end);
    this.each = Float64Array.from(pieces, (piece) => piece.mass / (piece.end - piece.start + 1));
    this.before = new Float64Array(pieces.length);
    for (let i = 1; i < pieces.length; i++) this.before[i] = this.before[i - 1] + pieces[i - 1].mass;
  }

  static uniform(points: number): Prior {
    return new Prior(points, [{ start: 0, end: points - 1, mass: 1 }]);
  }

  /** The piece that holds `index`, or the last one before it; -1 if there is none. */
  piece(index: number): number {
    let low = -1;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.starts[middle] <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Mass of one index. */
  at(index: number): number {
    const piece = this.piece(index);
    return piece >= 0 && index <= this.ends[piece] ? this.each[piece] : 0;
  }

  /** Mass of the indices 0 to `index`. */
  upTo(index: number): number {
    const piece = this.piece(index);
    if (piece < 0) return 0;
    const inside = Math.min(index, this.ends[piece]) - this.starts[piece] + 1;
    return this.before[piece] + inside * this.each[piece];
  }

  /** The index at which the mass up to it first exceeds `u`, for u in [0, 1 - abstain). */
  quantile(u: number): number {
    let low = 0;
    let high = this.before.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.before[middle] <= u) low = middle;
      else high = middle - 1;
    }
    const offset = Math.floor((u - this.before[low]) / this.each[low]);
    return Math.min(this.ends[low], this.starts[low] + Math.max(0, offset));
  }

  /** Mass of the indices `first` to `last`, without the cancellation of a difference of two sums. */
  between(first: number, last: number): number {
    let mass = 0;
    for (let i = Math.max(0, this.piece(first)); i < this.starts.length && this.starts[i] <= last; i++) {
      const inside = Math.min(last, this.ends[i]) - Math.max(first, this.starts[i]) + 1;
      if (inside > 0) mass += inside * this.each[i];
    }
    return mass;
  }

  /** The same belief with indices counted from the other end of the range. */
  reversed(): Prior {
    const top = this.points - 1;
    const pieces = Array.from(this.starts, (start, i) => ({
      start: top - this.ends[i],
      end: top - start,
      mass: this.each[i] * (this.ends[i] - start + 1),
    }));
    return new Prior(this.points, pieces.reverse(), this.abstain);
  }

  /** All masses, index by index; for small grids. */
  masses(): Float64Array {
    const masses = new Float64Array(this.points);
    for (let i = 0; i < this.starts.length; i++) masses.fill(this.each[i], this.starts[i], this.ends[i] + 1);
    return masses;
  }
}

/** Both priors from what the caller gave. Throws InputError `ERR_PRIOR_INVALID`. */
export function priorsOf(value: PriorInput, range: Range, points: number): { seller: Prior; buyer: Prior } {
  const input = parsePrior(value);
  if (input === 'uniform') return { seller: Prior.uniform(points), buyer: Prior.uniform(points) };
  if ('bins' in input) {
    const prior = fromHistogram(input, range, points);
    return { seller: prior, buyer: prior };
  }
  const one = (side: Histogram | 'uniform') =>
    side === 'uniform' ? Prior.uniform(points) : fromHistogram(side, range, points);
  return { seller: one(input.seller), buyer: one(input.buyer) };
}

function fromHistogram({ bins, abstain = 0 }: Histogram, range: Range, points: number): Prior {
  const pieces = bins.map((bin) => {
    // Only grid points inside the bin count; its edges may lie between grid points.
    const start = gridIndex(bin.from, range, 'up');
    const end = gridIndex(bin.to, range, 'down');
    if (start > end) throw invalid('a bin holds no price of the range');
    if (start < 0 || end >= points) throw invalid('a bin reaches outside the range');
    return { start, end, mass: bin.weight };
  });
  pieces.sort((one, other) => one.start - other.start);
  for (let i = 1; i < pieces.length; i++)
    if (pieces[i].start <= pieces[i - 1].end) throw invalid('two bins overlap');
  const total = pieces.reduce((sum, piece) => sum + piece.mass, 0);
  if (!(total > 0 && total < Infinity)) throw invalid('the weights of the bins sum to nothing');
  return new Prior(
    points,
    pieces
      .filter((piece) => piece.mass > 0)
      .map((piece) => ({ ...piece, mass: (piece.mass / total) * (1 - abstain) })),
    abstain,
  );
}

function gridIndex(price: string | bigint | number, range: Range, towards: 'up' | 'down'): number {
  const value = BigInt(price);
  const step = BigInt(range.step);
  const offset = value - BigInt(range.min) + (towards === 'up' ? step - 1n : 0n);
  const floor = offset >= 0n ? offset / step : -((-offset + step - 1n) / step);
  return Number(floor);
}

function invalid(message: string): InputError {
  return new InputError('ERR_PRIOR_INVALID', `the prior cannot be used: ${message}`, {
    hint: 'give { "bins": [{ "from", "to", "weight" }], "abstain" } with bins inside the range, or "uniform"',
  });
}

/** Grid points of a range, as a number; throws InputError `ERR_LEAKAGE_RANGE` above 2⁵³. */
export function gridPoints(range: Range): number {
  const points = (BigInt(range.max) - BigInt(range.min)) / BigInt(range.step) + 1n;
  if (points > BigInt(Number.MAX_SAFE_INTEGER))
    throw new InputError('ERR_LEAKAGE_RANGE', 'the range has more prices than the leakage meter can count', {
      hint: 'choose a larger step: 2^53 prices is the most it measures',
    });
  return Number(points);
}
