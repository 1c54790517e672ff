import type { Menu } from '../../src/documents/terms.ts';
import { quoted } from '../../src/documents/text.ts';
import type { InputError } from '../../src/errors.ts';
import { invalidMandate, membersOf } from '../define.ts';

/** Ratings in the order of the menu: a utility for every option, or a weight for every issue and an evaluation for each of its values. */
export type InOrder =
  | { readonly utilities: readonly unknown[] }
  | { readonly weights: readonly unknown[]; readonly evaluations: readonly (readonly unknown[])[] };

/**
 * Puts ratings that are given by name into the order of the menu. The names are those of the issues and their values. If there is only one issue, its values
 * are the options, and may be named alone. Everything on the menu must be named, and nothing else. The ratings themselves are not checked. Throws
 * InputError `ERR_MANDATE_INVALID`.
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

/** The members of an object in the order of `names`. Throws if one is missing, or if the object has any other. */
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
