import * as z from 'zod';
import type { RuleTerms } from '../src/documents/rule.ts';
import { membersOf } from './define.ts';
import { toInteger } from './price/encoding.ts';

/** What a policy lets the options of a rule be, by name: some values, or all whole numbers from `min` to `max`. */
export type OptionBounds = Readonly<
  Record<
    string,
    | readonly (string | number | boolean)[]
    | { readonly min: bigint | string | number; readonly max: bigint | string | number }
  >
>;

/** Options as they are where terms do not say. */
export type OptionDefaults = Readonly<Record<string, unknown>>;

/** What a rule's schemas of its options write out for those that are absent. */
export function defaultsOf(members: z.ZodRawShape): OptionDefaults {
  const defaults: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(members)) {
    const written = z.safeParse(schema, undefined);
    if (written.success) defaults[name] = written.data;
  }
  return defaults;
}

/** Why a policy's `options` do not allow those of a rule; undefined if they do. What an option is by default is allowed. */
export function refuseOptions(
  { name: _, ...options }: RuleTerms['rule'],
  defaults: OptionDefaults,
  allowed: unknown,
): string | undefined {
  const bounds = membersOf(allowed);
  const refused = Object.entries(options).find(
    ([name, value]) =>
      !(Object.hasOwn(defaults, name) && value === defaults[name]) &&
      !(Object.hasOwn(bounds, name) && allows(bounds[name], value)),
  );
  return refused && `the policy does not allow what the terms say of the option ${refused[0]}`;
}

function allows(bound: unknown, value: unknown): boolean {
  if (Array.isArray(bound)) return bound.includes(value);
  const given = membersOf(bound);
  const [min, max, number] = [given.min, given.max, value].map(toInteger);
  return min !== undefined && max !== undefined && number !== undefined && number >= min && number <= max;
}
