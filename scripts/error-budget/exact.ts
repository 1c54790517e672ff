import { bitLength } from '../../src/circuit/bits.ts';

/** A non-negative rational number, exactly. The denominator is positive. */
export interface Exact {
  readonly over: bigint;
  readonly under: bigint;
}

export const ZERO: Exact = { over: 0n, under: 1n };

export function exact(over: bigint | number, under: bigint | number = 1n): Exact {
  return { over: BigInt(over), under: BigInt(under) };
}

/** 2^exponent, for any integer exponent. */
export function powerOfTwo(exponent: number): Exact {
  return exponent < 0 ? exact(1n, 1n << BigInt(-exponent)) : exact(1n << BigInt(exponent));
}

export function plus(...terms: readonly Exact[]): Exact {
  return terms.reduce(
    (sum, { over, under }) => exact(sum.over * under + over * sum.under, sum.under * under),
    ZERO,
  );
}

export function times(...factors: readonly Exact[]): Exact {
  return factors.reduce(
    (product, { over, under }) => exact(product.over * over, product.under * under),
    exact(1n),
  );
}

export function atMost(left: Exact, right: Exact): boolean {
  return left.over * right.under <= right.over * left.under;
}

export function largest(...values: readonly Exact[]): Exact {
  return values.reduce((most, value) => (atMost(most, value) ? value : most), ZERO);
}

/** n!/(k!(n − k)!), 0 for k above n. */
export function choose(n: number, k: number): bigint {
  if (k < 0 || k > n) return 0n;
  let result = 1n;
  for (let i = 1; i <= k; i += 1) result = (result * BigInt(n - k + i)) / BigInt(i);
  return result;
}

/** The largest integer b with value ≤ 2^(−b/10). So what is printed, in tenths of a bit, is never smaller than the error. */
export function tenthsOfBits({ over, under }: Exact): number {
  if (over <= 0n) throw new RangeError('only what is above 0 is a power of two');
  const [top, bottom] = [over ** 10n, under ** 10n];
  const holds = (tenths: number): boolean =>
    tenths >= 0 ? top << BigInt(tenths) <= bottom : top <= bottom << BigInt(-tenths);
  let tenths = bitLength(bottom) - bitLength(top) + 1;
  while (!holds(tenths)) tenths -= 1;
  return tenths;
}
