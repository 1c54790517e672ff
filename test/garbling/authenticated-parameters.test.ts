import { describe, expect, test } from 'vitest';
import { bucketError, fewestBuckets } from '../../scripts/error-budget/buckets.ts';
import { atMost, choose, exact, powerOfTwo } from '../../scripts/error-budget/exact.ts';
import {
  BATCH_ANDS,
  BUCKET_SIZES,
  bucketSize,
  MINIMUM_ANDS,
  RHO,
} from '../../src/garbling/authenticated/parameters.ts';

const BOUND = powerOfTwo(-RHO);

describe('bucket sizes, in exact arithmetic', () => {
  test.each(BUCKET_SIZES)(
    'from $ands triples on, $size leaky ANDs a bucket are enough, and no sooner',
    ({ ands, size }) => {
      expect(fewestBuckets(size, BOUND)).toBe(ands);
      expect(atMost(bucketError(ands, size), BOUND)).toBe(true);
      expect(atMost(bucketError(ands - 1, size), BOUND)).toBe(false);
    },
  );

  test('are the table’s, from each row down to the next', () => {
    for (const [i, { ands, size }] of BUCKET_SIZES.entries()) {
      expect(bucketSize(ands)).toBe(size);
      if (i > 0) expect(bucketSize(BUCKET_SIZES[i - 1]!.ands - 1)).toBe(size);
    }
    expect(BUCKET_SIZES.at(-1)!.ands).toBe(MINIMUM_ANDS);
    expect(bucketSize(BATCH_ANDS)).toBe(BUCKET_SIZES[0].size);
  });

  test('keep the bound at every number of triples of a batch', () => {
    for (let ands = MINIMUM_ANDS; ands <= BATCH_ANDS; ands += 1 + (ands >> 6)) {
      expect(atMost(bucketError(ands, bucketSize(ands)), BOUND)).toBe(true);
    }
  });

  test('no number of attacks is worse than those that the bound looks at', () => {
    for (const { ands, size } of BUCKET_SIZES) {
      const most = bucketError(ands, size);
      for (let attacked = 1; attacked <= 20 * size; attacked += 1) {
        const filled = BigInt(ands) * choose(attacked, size);
        const error = exact(filled, choose(ands * size, size) * ((1n << BigInt(attacked)) - 1n));
        expect(atMost(error, most)).toBe(true);
      }
    }
  });

  test('are refused for fewer gates than the table covers', () => {
    expect(() => bucketSize(MINIMUM_ANDS - 1)).toThrow(RangeError);
    expect(() => bucketSize(0)).toThrow(RangeError);
  });
});
