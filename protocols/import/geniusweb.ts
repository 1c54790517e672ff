import { parseJson } from '../../src/documents/json.ts';
import { decimalSteps, parseNumber } from './decimal.ts';
import {
  checkMenu,
  checkReservation,
  checkWeights,
  draft,
  type ImportedDomain,
  type ImportedMandate,
  type ImportOptions,
  leftOut,
  MAX_FILE_LENGTH,
  malformed,
  quoted,
  unsupported,
} from './draft.ts';

type Json = Readonly<Record<string, unknown>>;

/** A number value set of a domain, as written. */
interface NumberRange {
  readonly low: string;
  readonly high: string;
}

interface Issue {
  readonly name: string;
  readonly values: readonly string[];
  readonly range: NumberRange | undefined;
}

/**
 * The GeniusWeb profiles (JSON) of parties a and b, each with the domain, which must be the same in both. See README.md for each step. Throws
 * InputError `ERR_IMPORT_INVALID`, `ERR_IMPORT_UNSUPPORTED` or `ERR_JSON`, none of which contains a number of the profiles.
 */
export function importGeniusWeb(
  profiles: readonly [string, string],
  options: ImportOptions = {},
): ImportedDomain {
  const spaces = profiles.map((text, i) => readSpace(text, `the profile of ${'ab'[i]}`));
  const domains = spaces.map((space, i) => readDomain(space, `the profile of ${'ab'[i]}`));
  const form = (issues: readonly Issue[]) =>
    JSON.stringify([...issues].map(({ name, values }) => [name, [...values].sort()]).sort());
  if (form(domains[0]) !== form(domains[1])) throw malformed('the two profiles are not of the same domain');
  const issues = domains[0];
  const notes = spaces.flatMap((space, i) => leftOut(unread(space), `the profile of ${'ab'[i]}`));
  const menu = checkMenu({ issues: issues.map(({ name, values }) => ({ name, values })) });
  const [a, b] = spaces.map((space, i) => readMandate(space, `the profile of ${'ab'[i]}`, issues));
  return draft(String(object(spaces[0].domain, 'the domain').name ?? ''), menu, [a, b], notes, options);
}

/** Step 1. */
function readSpace(text: string, whose: string): Json {
  const profile = object(parseJson(text, whose, MAX_FILE_LENGTH), whose);
  const kinds = Object.keys(profile);
  if (kinds.length !== 1 || kinds[0] !== 'LinearAdditiveUtilitySpace')
    throw unsupported(`${whose} is not a LinearAdditiveUtilitySpace`);
  return object(profile.LinearAdditiveUtilitySpace, whose);
}

/** The members that the importer reads in a space and, below, in its domain, an issue's values, their range, an issue's utilities, and a reservation bid. */
const SPACE = ['name', 'domain', 'issueUtilities', 'issueWeights', 'reservationBid'];
const DOMAIN = ['name', 'issuesValues'];
const VALUES = ['values', 'range'];
const RANGE = ['low', 'high', 'step'];
const UTILITIES = [
  'DiscreteValueSetUtilities',
  'discreteutils',
  'NumberValueSetUtilities',
  'numberutils',
  'valueUtilities',
  'lowValue',
  'highValue',
  'lowUtility',
  'highUtility',
];
const BID = ['issuevalues'];

/** The names of the members that are not read, each once. */
function unread(space: Json): string[] {
  const { domain, issueUtilities, reservationBid } = space;
  const sets = Object.values(membersOf(membersOf(domain).issuesValues));
  const utilities = Object.values(membersOf(issueUtilities));
  const others = (value: unknown, known: readonly string[]) =>
    Object.keys(membersOf(value)).filter((name) => !known.includes(name));
  return [
    ...new Set([
      ...others(space, SPACE),
      ...others(domain, DOMAIN),
      ...sets.flatMap((set) => [...others(set, VALUES), ...others(membersOf(set).range, RANGE)]),
      ...utilities.flatMap((kind) => [
        ...others(kind, UTILITIES),
        ...Object.values(membersOf(kind)).flatMap((one) => others(one, UTILITIES)),
      ]),
      ...others(reservationBid, BID),
    ]),
  ];
}

function membersOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** Step 2. */
function readDomain(space: Json, whose: string): Issue[] {
  const sets = object(object(space.domain, `the domain of ${whose}`).issuesValues, `the issues of ${whose}`);
  return Object.entries(sets).map(([name, set]) => {
    const { values, range } = object(set, `${whose} at ${quoted(name)}`);
    if (range !== undefined) {
      const bounds = object(range, `the range of ${quoted(name)}`);
      const [low, high, step] = [bounds.low, bounds.high, bounds.step].map((bound) => scalar(bound, name));
      return { name, values: decimalSteps(low, high, step, name), range: { low, high } };
    }
    if (!Array.isArray(values) || values.some((value) => typeof value !== 'string'))
      throw malformed(`${whose} has no list of values at ${quoted(name)}`);
    return { name, values: values as string[], range: undefined };
  });
}

/** Steps 3 to 6. */
function readMandate(space: Json, whose: string, issues: readonly Issue[]): ImportedMandate {
  const utilities = object(space.issueUtilities, `the utilities of ${whose}`);
  const weightOf = object(space.issueWeights, `the weights of ${whose}`);
  for (const members of [utilities, weightOf])
    if (Object.keys(members).length !== issues.length)
      throw malformed(`${whose} does not have its domain's issues`);
  const evaluations = issues.map((issue) =>
    evaluate(issue, object(utilities[issue.name], `${whose} at ${quoted(issue.name)}`), whose),
  );
  const weights = checkWeights(
    issues.map((issue) => number(weightOf[issue.name], `the weight of ${quoted(issue.name)}`)),
    whose,
  );
  const { reservationBid } = space;
  let reservation = 0;
  if (reservationBid !== undefined && reservationBid !== null) {
    const bid = object(object(reservationBid, 'the reservation bid').issuevalues, 'the reservation bid');
    reservation = issues.reduce((sum, issue, i) => {
      const value = issue.values.indexOf(canonical(bid[issue.name], issue));
      if (value < 0) throw malformed(`the reservation bid of ${whose} lacks a value of the domain`);
      return sum + weights[i] * evaluations[i][value];
    }, 0);
  }
  return { reservation: checkReservation(Math.min(1, reservation), whose), weights, evaluations };
}

/** Step 4. */
function evaluate(issue: Issue, utilities: Json, whose: string): number[] {
  const what = `${whose} at ${quoted(issue.name)}`;
  const discrete = utilities.DiscreteValueSetUtilities ?? utilities.discreteutils;
  const numeric = utilities.NumberValueSetUtilities ?? utilities.numberutils;
  if (discrete !== undefined && issue.range === undefined) {
    const given = object(object(discrete, what).valueUtilities, what);
    return issue.values.map((value) => {
      if (!Object.hasOwn(given, value)) throw malformed(`${what} has no utility for ${quoted(value)}`);
      return unit(number(given[value], what), what);
    });
  }
  if (numeric !== undefined && issue.range !== undefined) {
    const members = object(numeric, what);
    const [lowValue, highValue, lowUtility, highUtility] = [
      members.lowValue,
      members.highValue,
      members.lowUtility,
      members.highUtility,
    ].map((member) => number(member, what));
    if (
      lowValue !== Number(issue.range.low) ||
      highValue !== Number(issue.range.high) ||
      lowValue >= highValue
    )
      throw malformed(`${what} has other bounds than the domain`);
    const [low, high] = [unit(lowUtility, what), unit(highUtility, what)];
    return issue.values.map((value) => {
      const utility = low + ((high - low) * (Number(value) - lowValue)) / (highValue - lowValue);
      return Math.round(utility * 1e8) / 1e8;
    });
  }
  throw unsupported(`${what} has utilities of another kind than its values`);
}

/** A bid's value in the form of the menu. */
function canonical(value: unknown, issue: Issue): string {
  if (issue.range === undefined || (typeof value !== 'number' && typeof value !== 'string'))
    return String(value);
  const text = String(value);
  return decimalSteps(text, text, '1', issue.name)[0];
}

function object(value: unknown, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(`${what} is not a JSON object`);
  return value as Json;
}

/** Numbers may be written as JSON numbers or as strings. */
function scalar(value: unknown, issue: string): string {
  if (typeof value === 'number' || typeof value === 'string') return String(value);
  throw malformed(`a bound or step of ${quoted(issue)} is missing`);
}

function number(value: unknown, what: string): number {
  return parseNumber(
    typeof value === 'number' || typeof value === 'string' ? String(value) : undefined,
    `a number of ${what}`,
  );
}

function unit(value: number, what: string): number {
  if (value < 0 || value > 1) throw malformed(`${what} has a utility outside 0..1`);
  return value;
}
