import { gcd } from '../../crypto/integers.ts';
import { TRIAL_DIVISION_BOUND } from './parameters.ts';

let primorial: bigint | undefined;

/** Step 3.2: whether a prime below 2^16 divides `modulus`. */
export function hasSmallFactor(modulus: bigint): boolean {
  primorial ??= product(primesBelow(TRIAL_DIVISION_BOUND));
  return gcd(modulus, primorial % modulus) !== 1n;
}

/** The sieve of Eratosthenes. */
export function primesBelow(bound: number): bigint[] {
  const composite = new Uint8Array(bound);
  const primes: bigint[] = [];
  for (let candidate = 2; candidate < bound; candidate++) {
    if (composite[candidate] === 1) continue;
    primes.push(BigInt(candidate));
    for (let multiple = candidate * candidate; multiple < bound; multiple += candidate) {
      composite[multiple] = 1;
    }
  }
  return primes;
}

/** The product, by halves: so most multiplications are of short numbers. */
function product(factors: readonly bigint[]): bigint {
  if (factors.length === 1) return factors[0]!;
  const middle = factors.length >> 1;
  return product(factors.slice(0, middle)) * product(factors.slice(middle));
}
