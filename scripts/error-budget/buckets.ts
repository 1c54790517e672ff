import { atMost, choose, type Exact, exact, largest } from './exact.ts';

/**
 * What one batch contributes to the bound of a whole channel: max over t of q(t)/(2ᵗ − 1), where q(t) = L·C(t, B)/C(LB, B) bounds the chance that,
 * of t attacked leaky ANDs that went unnoticed, some bucket holds nothing else. Fewer than B attacked ANDs fill no bucket, and from t = 2B − 1 on the quotient falls.
 */
export function bucketError(buckets: number, size: number): Exact {
  const ways = choose(buckets * size, size);
  const errors: Exact[] = [];
  for (let attacked = size; attacked < 2 * size; attacked += 1) {
    const owned = BigInt(buckets) * choose(attacked, size);
    errors.push(exact(owned, ways * ((1n << BigInt(attacked)) - 1n)));
  }
  return largest(...errors);
}

/** The smallest number of buckets of this size whose error is at most `bound`. With more buckets the error only falls. */
export function fewestBuckets(size: number, bound: Exact): number {
  const enough = (buckets: number): boolean => atMost(bucketError(buckets, size), bound);
  let high = 1;
  while (!enough(high)) high *= 2;
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
