import { membersOf } from '../define.ts';
import { defaultsOf, refuseOptions } from '../option-bounds.ts';
import type { PolicyBounds } from '../rule.ts';
import { MENU_VERSION, type MenuTerms, menuSchema, menuTerms } from './options.ts';

/** What a policy need not allow: what terms have that say nothing, or that are new. */
const defaults = { ...defaultsOf(menuTerms.shape.rule.shape), version: MENU_VERSION };

/** A policy's `utility`: the lowest reservation, and the menu that terms must have. */
export function menuPolicy({ rule, menu }: MenuTerms): PolicyBounds {
  return {
    refusal({ utility, options }) {
      if (utility === undefined) return 'the policy has no utility, so no menus';
      const pinned = membersOf(utility).menu;
      if (pinned !== 'any' && textOf(pinned) !== JSON.stringify(menu))
        return 'the terms have another menu than the policy';
      return refuseOptions(rule, defaults, options);
    },
    holds({ utility }, mandate) {
      const { abstain, reservation } = membersOf(mandate);
      if (abstain === true) return true;
      const { min } = membersOf(utility);
      return typeof min === 'number' && typeof reservation === 'number' && reservation >= min;
    },
  };
}

/** A menu as completed terms write it; undefined for what is none. */
function textOf(menu: unknown): string | undefined {
  const { data } = menuSchema.safeParse(menu);
  return data && JSON.stringify(data);
}
