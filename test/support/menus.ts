import {
  MENU_VERSION,
  type MenuTerms,
  type Method,
  methodOf,
  solutions,
} from '../../protocols/menu/options.ts';

/** What terms say of the rule `menu`, with every solution in every version. */
export const menuRules: readonly MenuTerms['rule'][] = solutions.flatMap((solution) => [
  { name: 'menu', solution },
  { name: 'menu', solution, version: MENU_VERSION },
]);

/** One of these for each method. */
export const menuMethods: readonly [Method, MenuTerms['rule']][] = [
  ...new Map(menuRules.map((rule) => [methodOf(rule), rule])),
];
