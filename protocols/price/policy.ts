import type { Range } from '../../src/documents/terms.ts';
import { membersOf } from '../define.ts';
import { type OptionDefaults, refuseOptions } from '../option-bounds.ts';
import type { Bounds, PolicyBounds, RuleTerms } from '../rule.ts';
import { toInteger } from './encoding.ts';

/**
 * A policy's `price`: unit and decimals that terms must have, and the lowest and highest reservation. The terms' range must contain all reservations between
 * them, or the policy's own `price.range`, in steps of at most `price.step`. Also `options` must allow the rule's options.
 */
export function pricePolicy(rule: RuleTerms['rule'], range: Range, defaults: OptionDefaults): PolicyBounds {
  return {
    refusal({ price, options }: Bounds) {
      if (price === undefined) return 'the policy has no price, so no price rules';
      return refuseRange(range, membersOf(price)) ?? refuseOptions(rule, defaults, options);
    },
    holds({ price }: Bounds, mandate: unknown) {
      const { abstain, reservation, reservations } = membersOf(mandate);
      if (abstain === true) return true;
      const bounds = membersOf(price);
      const [min, max] = [toInteger(bounds.min), toInteger(bounds.max)];
      if (min === undefined || max === undefined) return false;
      const figures: unknown[] = Array.isArray(reservations) ? reservations : [reservation];
      return figures.map(toInteger).every((value) => value !== undefined && value >= min && value <= max);
    },
  };
}

/** Checks the range. With a narrow range or a coarse step, the other side could choose which bids are possible. */
function refuseRange(range: Range, bounds: Readonly<Record<string, unknown>>): string | undefined {
  if (bounds.unit !== range.unit || bounds.decimals !== range.decimals)
    return 'the terms have another unit, or other decimals, than the policy';
  const needed = membersOf(bounds.range ?? bounds);
  const [min, max, step] = [needed.min, needed.max, bounds.step ?? 1n].map(toInteger);
  if (min === undefined || max === undefined || step === undefined)
    return 'the policy’s prices are no integers';
  if (BigInt(range.min) > min || BigInt(range.max) < max)
    return 'the range of the terms does not hold all prices of the policy';
  return BigInt(range.step) > step
    ? 'the prices of the terms are further apart than the policy allows'
    : undefined;
}
