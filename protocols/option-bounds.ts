import * as z from 'zod';
import type { RuleTerms } from '../src/documents/rule.ts';
import { membersOf } from './define.ts';
import { toInteger } from './price/encoding.ts';

/** The values that a policy allows for the options of a rule, by name: a list, or all whole numbers from `min` to `max`. */
export type OptionBounds = Readonly<
  Record<
    string,
    | readonly (string | number | boolean)[]
    | { readonly min: bigint | string | number; readonly max: bigint | string | number }
  >
>;

/** The values of options that terms do not set. */
export type OptionDefaults = Readonly<Record<string, unknown>>;

/** The defaults that a rule's schemas write out for absent options. */
export function defaultsOf(members: z.ZodRawShape): OptionDefaults {
  const defaults: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(members)) {
    const written = z.safeParse(schema, undefined);
    if (written.success) defaults[name] = written.data;
  }
  return defaults;
}

/** Why a policy's `options` do not allow a rule's options; undefined if they do. An option's default is always allowed. */
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
