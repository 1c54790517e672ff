import { InputError } from '../../src/errors.ts';
import { decimalSteps, parseIndex, parseNumber } from './decimal.ts';
import {
  checkMenu,
  checkReservation,
  checkWeights,
  draft,
  type ImportedDomain,
  type ImportedMandate,
  type ImportOptions,
  leftOut,
  malformed,
  quoted,
  unsupported,
} from './draft.ts';
import { child, children, type Element, readXml, unread } from './xml.ts';

/** An issue of a domain: its number in the file, its values, and for a numeric one its lower bound. */
interface Issue {
  readonly index: number;
  readonly name: string;
  readonly type: 'discrete' | 'integer' | 'real';
  readonly values: readonly string[];
  readonly lower: number;
}

const clamp = (value: number) => Math.min(1, Math.max(0, value));

/**
 * A GENIUS domain (XML) and the profiles of parties a and b. See README.md for each step. Throws InputError
 * `ERR_IMPORT_INVALID`, `ERR_IMPORT_UNSUPPORTED` or `ERR_IMPORT_STEP`, none of which contains a number of the profiles.
 */
export function importGenius(
  domain: string,
  profiles: readonly [string, string],
  options: ImportOptions = {},
): ImportedDomain {
  const notes: string[] = [];
  const root = readXml(domain, 'the domain');
  const objective = objectiveOf(root, 'the domain');
  const issues = children(objective, 'issue').map((issue) => readIssue(issue, options, notes));
  if (new Set(issues.map((issue) => issue.index)).size < issues.length)
    throw malformed('the domain has two issues of the same number');
  const menu = checkMenu({ issues: issues.map(({ name, values }) => ({ name, values })) });
  notes.push(...leftOut(elements(root), 'the domain'));
  const [a, b] = profiles.map((text, i) => readProfile(text, `the profile of ${'ab'[i]}`, issues, notes));
  return draft(objective.attributes.name ?? '', menu, [a, b], notes, options);
}

const elements = (root: Element) => unread(root).map((name) => `<${name}>`);

/** Step 1: the one objective that holds the issues, in a template, or in a bare utility space. */
function objectiveOf(root: Element, what: string): Element {
  const wrapped = root.name === 'negotiation_template' || root.name === 'negotiation_domain';
  const space = wrapped ? child(root, 'utility_space', what) : root;
  if (space?.name !== 'utility_space') throw malformed(`${what} has no <utility_space>`);
  if (
    space.attributes.type === 'nonlinear' ||
    [space, ...space.children].some((element) => child(element, 'utility', what))
  )
    throw unsupported(`${what} is not a linear additive utility space`);
  const objective = child(space, 'objective', what) ?? space;
  if (children(objective, 'objective').length > 0) throw unsupported(`${what} has nested objectives`);
  return objective;
}

function issueType(issue: Element, name: string): Issue['type'] {
  const { vtype, type, etype } = issue.attributes;
  // Files that list an integer issue's values as items treat it as discrete.
  if (children(issue, 'item').length > 0) return 'discrete';
  const stated = vtype ?? type ?? etype ?? 'discrete';
  if (stated === 'discrete' || stated === 'integer' || stated === 'real') return stated;
  throw unsupported(`the issue ${quoted(name)} is of the type ${quoted(stated)}`);
}

/** Step 2. */
function readIssue(issue: Element, options: ImportOptions, notes: string[]): Issue {
  const name = issue.attributes.name?.trim();
  if (name === undefined) throw malformed('an issue has no name');
  const index = parseIndex(issue.attributes.index, `the number of ${quoted(name)}`);
  const type = issueType(issue, name);
  if (type === 'discrete') {
    const items = children(issue, 'item');
    if (items.some((item) => item.attributes.cost !== undefined && Number(item.attributes.cost) !== 0))
      notes.push('costs of items are left out');
    const values = items.map((item) => item.attributes.value?.trim() ?? '');
    return { index, name, type, values, lower: 0 };
  }
  const { lowerbound, upperbound, step } = {
    ...child(issue, 'range', quoted(name))?.attributes,
    ...issue.attributes,
  };
  if (lowerbound === undefined || upperbound === undefined)
    throw malformed(`the issue ${quoted(name)} has no bounds`);
  if (type === 'integer') {
    parseIndex(lowerbound, `the lower bound of ${quoted(name)}`);
    parseIndex(upperbound, `the upper bound of ${quoted(name)}`);
  }
  const stride = type === 'integer' ? '1' : (step ?? options.realStep);
  if (stride === undefined)
    throw new InputError('ERR_IMPORT_STEP', `the real issue ${quoted(name)} has no step`);
  const values = decimalSteps(lowerbound, upperbound, stride, name);
  return { index, name, type, values, lower: Number(lowerbound) };
}

/** Steps 3 to 6. */
function readProfile(
  text: string,
  whose: string,
  issues: readonly Issue[],
  notes: string[],
): ImportedMandate {
  const root = readXml(text, whose);
  const objective = objectiveOf(root, whose);
  const byIndex = new Map(
    children(objective, 'issue').map((issue) => [Number(issue.attributes.index), issue]),
  );
  if (byIndex.size !== issues.length) throw malformed(`${whose} does not have the domain's issues`);
  const weightOf = new Map(
    children(objective, 'weight').map((weight) => [
      Number(weight.attributes.index),
      parseNumber(weight.attributes.value, `a weight of ${whose}`),
    ]),
  );
  const weights = issues.map((issue) => {
    const weight = weightOf.get(issue.index);
    if (weight === undefined) throw malformed(`${whose} has no weight for ${quoted(issue.name)}`);
    return weight;
  });
  const evaluations = issues.map((issue) => {
    const found = byIndex.get(issue.index);
    if (found?.attributes.name?.trim() !== issue.name)
      throw malformed(`${whose} does not match the domain at ${quoted(issue.name)}`);
    return evaluate(issue, found, whose);
  });
  const space = root.name === 'utility_space' ? root : child(root, 'utility_space', whose)!;
  // Some writers put both into the objective.
  const single = (name: string) => child(space, name, whose) ?? child(objective, name, whose);
  const discount = single('discount_factor')?.attributes.value;
  if (discount !== undefined && ![0, 1].includes(Number(discount)))
    notes.push('discount factors are left out: the computation has no passing of time');
  const reservation = single('reservation')?.attributes.value;
  notes.push(...leftOut(elements(root), whose));
  return {
    reservation: checkReservation(
      reservation === undefined ? 0 : parseNumber(reservation, `the reservation of ${whose}`),
      whose,
    ),
    weights: checkWeights(weights, whose),
    evaluations,
  };
}

/** Step 4. */
function evaluate(issue: Issue, found: Element, whose: string): number[] {
  const what = `${whose} at ${quoted(issue.name)}`;
  if (issueType(found, issue.name) !== issue.type)
    throw malformed(`${what} has another type than the domain`);
  children(found, 'range'); // repeats the domain's range
  if (issue.type === 'discrete') return evaluateItems(issue, found, what);
  const evaluator = child(found, 'evaluator', what);
  if (evaluator === undefined) throw malformed(`${what} has no evaluator`);
  const { ftype = 'linear', slope, offset, parameter0, parameter1 } = evaluator.attributes;
  if (ftype === 'constant') {
    const value = clamp(parseNumber(parameter0 ?? offset, `a parameter of ${what}`));
    return issue.values.map(() => value);
  }
  if (ftype !== 'linear') throw unsupported(`${what} has the evaluator function ${quoted(ftype)}`);
  // Integer issues are written with an offset at the lower bound, real ones with a value at 0.
  const atBound = slope !== undefined || offset !== undefined;
  const rate = parseNumber(atBound ? slope : parameter1, `a parameter of ${what}`);
  const start = parseNumber(atBound ? offset : parameter0, `a parameter of ${what}`);
  const origin = atBound ? issue.lower : 0;
  return issue.values.map((value) => clamp(start + rate * (Number(value) - origin)));
}

function evaluateItems(issue: Issue, found: Element, what: string): number[] {
  const given = new Map<string, number>();
  for (const item of children(found, 'item')) {
    const value = item.attributes.value?.trim() ?? '';
    if (given.has(value)) throw malformed(`${what} has a value twice`);
    given.set(value, parseNumber(item.attributes.evaluation, `an evaluation of ${what}`));
  }
  const raw = issue.values.map((value) => {
    const evaluation = given.get(value);
    if (evaluation === undefined) throw malformed(`${what} has no evaluation for ${quoted(value)}`);
    if (evaluation < 0) throw unsupported(`${what} has an evaluation below 0`);
    return evaluation;
  });
  const highest = Math.max(...given.values());
  return raw.map((evaluation) => (highest < 1e-5 ? 0 : evaluation / highest));
}
