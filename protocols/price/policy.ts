import type { Range } from '../../src/documents/terms.ts';
import { membersOf } from '../define.ts';
import type { Bounds, PolicyBounds } from '../rule.ts';
import { toInteger } from './encoding.ts';

/** A policy's `price`: unit and decimals that terms must have, and the lowest and highest reservation. */
export function pricePolicy(range: Range): PolicyBounds {
  return {
    refusal({ price }: Bounds) {
      if (price === undefined) return 'the policy has no price, so no price rules';
      const { unit, decimals } = membersOf(price);
      return unit === range.unit && decimals === range.decimals
        ? undefined
        : 'the terms have another unit, or other decimals, than the policy';
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
