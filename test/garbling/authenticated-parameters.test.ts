import { describe, expect, test } from 'vitest';
import { bucketSize, MINIMUM_ANDS, RHO } from '../../src/garbling/authenticated/parameters.ts';

/** log₂ of n!, exact enough: Σ log₂ i below 100, else Stirling's series. */
function logFactorial(n: number): number {
  if (n < 100) {
    let sum = 0;
    for (let i = 2; i <= n; i += 1) sum += Math.log2(i);
    return sum;
  }
  return (n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n)) / Math.LN2;
}

const logChoose = (n: number, k: number) => logFactorial(n) - logFactorial(k) - logFactorial(n - k);

/** −log₂ of the best cheater's chance: attacking t leaky ANDs, it survives with 2⁻ᵗ, and owns a bucket of `size` with L·C(t, size)/C(L·size, size). */
function security(ands: number, size: number): number {
  let worst = Number.POSITIVE_INFINITY;
  for (let attacked = size; attacked < 20 * size; attacked += 1) {
    const owns = Math.log2(ands) + logChoose(attacked, size) - logChoose(ands * size, size);
    worst = Math.min(worst, attacked - Math.min(0, owns));
  }
  return worst;
}

describe('bucket sizes', () => {
  const steps = [
    [MINIMUM_ANDS, 7],
    [84, 6],
    [320, 5],
    [3_044, 4],
    [276_325, 3],
  ] as const;

  test.each(steps)(
    'from %i gates on, %i leaky ANDs a bucket are enough, and one fewer is not',
    (ands, size) => {
      expect(bucketSize(ands)).toBe(size);
      expect(security(ands, size)).toBeGreaterThanOrEqual(RHO);
      expect(security(ands, size - 1)).toBeLessThan(RHO);
      expect(security(ands - 1, size)).toBeLessThan(RHO);
    },
  );

  test('are enough for every number of gates up to 2²⁰', () => {
    for (let ands = MINIMUM_ANDS; ands <= 1 << 20; ands += 1 + (ands >> 6)) {
      expect(security(ands, bucketSize(ands))).toBeGreaterThanOrEqual(RHO);
    }
  });

  test('are refused for fewer gates than the table covers', () => {
    expect(() => bucketSize(MINIMUM_ANDS - 1)).toThrow(RangeError);
    expect(() => bucketSize(0)).toThrow(RangeError);
  });
});
