import type { Terms } from '../src/documents/terms.ts';
import type { BoundRule } from './rule.ts';

/**
 * Bits that each outcome under these terms can tell a side about the other's mandate at most; ledgers and budgets add them up. A further attempt with the same
 * bid has the same seal, and with it the same share of the randomness.
 */
export function outcomeBits(
  { capacityBits, repeatedBits = capacityBits }: Pick<BoundRule, 'capacityBits' | 'repeatedBits'>,
  { seals, attempts }: Pick<Terms, 'seals' | 'attempts'>,
): number {
  return seals !== 'none' && attempts > 1 ? repeatedBits : capacityBits;
}
