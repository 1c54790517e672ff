import * as z from 'zod';
import type { Menu } from '../../src/documents/terms.ts';
import { isPlainText } from '../../src/documents/text.ts';

/** Most options that a menu may have. */
export const MOST_OPTIONS = 400_000;

/** What "best for both" means. */
export const solutions = ['nash', 'egalitarian', 'kalai-smorodinsky', 'utilitarian'] as const;
export type Solution = (typeof solutions)[number];

/** The rule's version in new terms. Terms that name no version have the first one, for ever (README.md, Versions). */
export const MENU_VERSION = 2;

/** How an option is chosen, and what is entered for that: by a solution as it is now, or as the first version has it where that differs. */
export type Method = Solution | 'nash-1' | 'kalai-smorodinsky-1';

const name = z
  .string()
  .min(1)
  .refine(isPlainText, 'not plain text of at most 200 characters')
  .refine((text) => text !== '__proto__', 'a reserved name');
const distinct = (names: readonly string[]): boolean => new Set(names).size === names.length;
const values = z.array(name).min(1).max(MOST_OPTIONS).refine(distinct, 'two values are the same');
const issues = z
  .array(z.strictObject({ name, values }))
  .min(1)
  .max(1000)
  .refine((list) => distinct(list.map((issue) => issue.name)), 'two issues have the same name');

/** `{ issues }`, or `{ options }` as a flat list, which is one issue called "Option". */
export const menuSchema = z
  .union([
    z.strictObject({ issues }),
    z
      .strictObject({ options: values })
      .transform(({ options }) => ({ issues: [{ name: 'Option', values: options }] })),
  ])
  .refine((given) => countOptions(given) <= MOST_OPTIONS, `more than ${MOST_OPTIONS} options`);

/** Strict schema of `{ rule, menu }`; `solution` defaults to `nash`. Without `version` the terms have the first one. */
export const menuTerms = z.strictObject({
  rule: z.strictObject({
    name: z.literal('menu'),
    solution: z.enum(solutions).default('nash'),
    version: z.literal(MENU_VERSION).exactOptional(),
  }),
  menu: menuSchema,
});

/** A menu's part of terms. */
export type MenuTerms = z.output<typeof menuTerms>;

/** The method that the rule's part of terms names. */
export function methodOf({ solution, version }: MenuTerms['rule']): Method {
  if (version === MENU_VERSION) return solution;
  return solution === 'nash' || solution === 'kalai-smorodinsky' ? `${solution}-1` : solution;
}

/** How many options a menu has. */
export function countOptions(menu: Menu): number {
  return menu.issues.reduce((product, issue) => product * issue.values.length, 1);
}

/** A deal on an option of a menu, as JSON. */
export type MenuDeal = {
  readonly deal: true;
  readonly option: { readonly index: number; readonly values: Readonly<Record<string, string>> };
};

/** The deal on an option, numbered with the first issue most significant. */
export function dealOn(menu: Menu, index: number): MenuDeal {
  const chosen: [string, string][] = [];
  let rest = index;
  for (const issue of menu.issues.toReversed()) {
    chosen.push([issue.name, issue.values[rest % issue.values.length]!]);
    rest = Math.floor(rest / issue.values.length);
  }
  return { deal: true, option: { index, values: Object.fromEntries(chosen.reverse()) } };
}
