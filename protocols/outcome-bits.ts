import type { Terms } from '../src/documents/terms.ts';
import type { BoundRule } from './rule.ts';

/**
 * The most bits that an outcome under these terms can tell a side about the other's mandate. Ledgers and budgets add them up. If terms allow further attempts with
 * seals, an attempt with the same bid has the same seal, and so the same share of the randomness.
 */
export function outcomeBits(
  { capacityBits, repeatedBits = capacityBits }: Pick<BoundRule, 'capacityBits' | 'repeatedBits'>,
  { seals, attempts }: Pick<Terms, 'seals' | 'attempts'>,
): number {
  return seals !== 'none' && attempts > 1 ? repeatedBits : capacityBits;
}
