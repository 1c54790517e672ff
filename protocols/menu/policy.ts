import { membersOf } from '../define.ts';
import type { PolicyBounds } from '../rule.ts';

/** A policy's `utility`: the lowest reservation. */
export const menuPolicy: PolicyBounds = {
  refusal: ({ utility }) => (utility === undefined ? 'the policy has no utility, so no menus' : undefined),
  holds({ utility }, mandate) {
    const { abstain, reservation } = membersOf(mandate);
    if (abstain === true) return true;
    const { min } = membersOf(utility);
    return typeof min === 'number' && typeof reservation === 'number' && reservation >= min;
  },
};
