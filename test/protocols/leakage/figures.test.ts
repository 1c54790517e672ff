import { describe, expect, it } from 'vitest';
import { measureLeakage } from '../../../protocols/leakage/index.ts';
import { ruleOf } from '../../../protocols/registry.ts';
import type { RuleTerms } from '../../../protocols/rule.ts';

const range = { min: '0', max: '1023', step: '1', unit: 'USD', decimals: 0 };
function measure(rule: RuleTerms['rule'], options = {}) {
  return measureLeakage(ruleOf({ rule }), { rule, range }, 'uniform', options);
}

// Bits given a deal, in the buyer's view, for a uniform prior over 0..1023.
const figures: [RuleTerms['rule'], number][] = [
  [{ name: 'zopa' }, 0.72],
  [{ name: 'split', sellerShare: '1/2' }, 9.0],
  [{ name: 'split', sellerShare: '1/4' }, 9.5],
  [{ name: 'split', sellerShare: '1/2', grid: '64' }, 3.16],
  [{ name: 'split', sellerShare: '1/2', grid: '16' }, 5.04],
  [{ name: 'random-split' }, 1.55],
  [{ name: 'posted-price', price: 'random' }, 1.2],
  [{ name: 'posted-price', price: '512' }, 1.0],
];

describe('leakage for a uniform prior over 0..1023', () => {
  it.each(figures)('exact: %j leaks %f bits to the buyer on a deal', async (rule, bits) => {
    expect(Math.abs((await measure(rule)).buyer.bitsGivenDeal - bits)).toBeLessThan(0.02);
    expect((await measure(rule)).buyer.error).toBeUndefined();
  });

  it.each(figures)('sampled: %j agrees with the exact figures within four standard errors', async (rule) => {
    const exact = await measure(rule);
    const sampled = await measure(rule, { exactUpTo: 0 });
    for (const side of ['seller', 'buyer'] as const) {
      const error = sampled[side].error!;
      expect(error).toBeLessThan(0.03);
      // 0.003 bits: pairs at the very edge of a zone are too rare for the estimate of the error to know of them.
      const tolerance = 4 * error + 0.003;
      expect(Math.abs(sampled[side].bitsGivenDeal - exact[side].bitsGivenDeal)).toBeLessThan(tolerance);
      expect(Math.abs(sampled[side].bits - exact[side].bits)).toBeLessThan(tolerance);
      expect(Math.abs(sampled[side].guessGivenDeal / exact[side].guessGivenDeal - 1)).toBeLessThan(0.15);
    }
  });
});
