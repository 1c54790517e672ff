import type { Menu } from '../../src/documents/terms.ts';
import { quoted } from '../../src/documents/text.ts';
import type { InputError } from '../../src/errors.ts';
import { invalidMandate, membersOf } from '../define.ts';

/** Ratings in the order of the menu: of every option, or weights of the issues and an evaluation of every value. */
export type InOrder =
  | { readonly utilities: readonly unknown[] }
  | { readonly weights: readonly unknown[]; readonly evaluations: readonly (readonly unknown[])[] };

/**
 * Ratings by name, put in the order of the menu: by the names of issues and values, or of options where there is one issue. They must name all that is
 * on the menu, and nothing else. The ratings themselves are not looked at. Throws InputError `ERR_MANDATE_INVALID`.
 */
export function inOrder({ issues }: Menu, ratings: unknown): InOrder {
  const given = membersOf(ratings);
  const [only] = issues;
  const flat = Object.values(given).every((rating) => typeof rating !== 'object');
  if (issues.length === 1 && flat) return { utilities: named(given, only!.values, 'option') };
  const rated = named(
    given,
    issues.map(({ name }) => name),
    'issue',
  ).map(membersOf);
  const malformed = rated.findIndex((members) => Object.keys(members).sort().join() !== 'values,weight');
  if (malformed >= 0)
    throw invalid(
      `the issue ${quoted(issues[malformed]!.name)} has no weight, no values, or more than these`,
    );
  return {
    weights: rated.map(({ weight }) => weight),
    evaluations: rated.map(({ values }, i) =>
      named(membersOf(values), issues[i]!.values, `value of ${quoted(issues[i]!.name)}`),
    ),
  };
}

/** What an object has under exactly these names, in their order. */
function named(given: Readonly<Record<string, unknown>>, names: readonly string[], what: string): unknown[] {
  const missing = names.find((name) => !Object.hasOwn(given, name));
  if (missing !== undefined) throw invalid(`the ratings lack the ${what} ${quoted(missing)}`);
  const known = new Set(names);
  const stray = Object.keys(given).find((name) => !known.has(name));
  if (stray !== undefined)
    throw invalid(`the ratings have ${quoted(stray)}, which is no ${what} of the menu`);
  return names.map((name) => given[name]);
}

function invalid(message: string): InputError {
  return invalidMandate(
    message,
    'rate all that is on the menu, by the names that it has there, as in { "reservation": 0.35, "ratings": { "Price": { "weight": 0.6, "values": { "4.37": 1, "4.12": 0 } } } }',
  );
}
