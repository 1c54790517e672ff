/** Count, mean and sum of squared deviations of times that are added one by one (Welford). */
export class Moments {
  count = 0;
  mean = 0;
  private squares = 0;

  add(value: number): void {
    this.count += 1;
    const distance = value - this.mean;
    this.mean += distance / this.count;
    this.squares += distance * (value - this.mean);
  }

  /** The unbiased estimate; 0 for fewer than two values. */
  get variance(): number {
    return this.count < 2 ? 0 : this.squares / (this.count - 1);
  }
}

/** Welch's t of two samples: the difference of their means over its standard error. Infinite where neither varies and the means differ. */
export function welch(left: Moments, right: Moments): number {
  const difference = left.mean - right.mean;
  if (difference === 0) return 0;
  return difference / Math.sqrt(left.variance / left.count + right.variance / right.count);
}

/** Times of one subject, in the order in which they were taken. */
export interface Times {
  readonly nanoseconds: Float64Array;
  /** 1 where the input was the fixed one, 0 where it was a random one. */
  readonly fixed: Uint8Array;
}

/** What the times of the two classes show. */
export interface Comparison {
  /** t of the cropping in which it is largest by absolute value. */
  readonly t: number;
  /** By how many nanoseconds the mean for the fixed input exceeds that for random ones, in that cropping. */
  readonly difference: number;
  /** The median of all times, in nanoseconds. */
  readonly median: number;
}

const CROPPINGS = 50;
/** Fewer times than this in a class say nothing about a mean. */
const MIN_KEPT = 50;

/**
 * Compares the two classes as dudect does (Reparaz, Balasch, Verbauwhede 2016/1123): Welch's t of all times, and again without those above a
 * percentile of both classes together, for percentiles 1 − 2^(−10i/50), i = 1 … 50. The long times that are cut are mostly the system's.
 */
export function compare({ nanoseconds, fixed }: Times): Comparison {
  const sorted = nanoseconds.toSorted();
  const median = sorted[sorted.length >> 1]!;
  let strongest: Comparison = { t: 0, difference: 0, median };
  const limits = Array.from({ length: CROPPINGS }, (_, i) => {
    const kept = 1 - 2 ** ((-10 * (i + 1)) / CROPPINGS);
    return sorted[Math.floor(kept * sorted.length)]!;
  });
  for (const limit of [...limits, Number.POSITIVE_INFINITY]) {
    const classes = [new Moments(), new Moments()] as const;
    for (let i = 0; i < nanoseconds.length; i++) {
      if (nanoseconds[i]! <= limit) classes[fixed[i] as 0 | 1].add(nanoseconds[i]!);
    }
    const [random, constant] = classes;
    if (Math.min(random.count, constant.count) < MIN_KEPT) continue;
    const t = welch(constant, random);
    if (Math.abs(t) > Math.abs(strongest.t))
      strongest = { t, difference: constant.mean - random.mean, median };
  }
  return strongest;
}

/** What a |t| means, in the report's words. */
export function verdict(t: number): 'no difference seen' | 'suspect' | 'differs' {
  const size = Math.abs(t);
  if (size > 10) return 'differs';
  return size < 4.5 ? 'no difference seen' : 'suspect';
}
