import { readFileSync } from 'node:fs';
import { BATCH_ANDS, BUCKET_SIZES, bucketSize } from '../../src/garbling/authenticated/parameters.ts';
import { bucketError } from './buckets.ts';
import type { Case } from './cases.ts';
import { type Exact, exact, largest, plus, powerOfTwo, tenthsOfBits, times } from './exact.ts';
import {
  ANY_WORK,
  type Layer,
  LIVE_WORK,
  perNegotiation,
  type Term,
  terms,
  termsOf,
  total,
} from './terms.ts';
import { errorText, powerText, table } from './text.ts';

const [LIVE, ANY] = [powerOfTwo(LIVE_WORK), powerOfTwo(ANY_WORK)];
/** What the first table has sums for. */
const SUMS = [
  ['computation', 'computation'],
  ['session', 'session'],
  ['fair reveal', 'session with an arbiter'],
] as const satisfies readonly (readonly [Layer, string])[];
/** Sessions of one attempt, for the last table. */
const SESSIONS = [1, 16, 1000];

/** docs/error-budget.md, from these cases: page.md with its tables filled in. */
export function page(cases: readonly Case[]): string {
  const rate = worstRate(cases);
  const parts: Readonly<Record<string, string>> = {
    terms: termTable(cases),
    rate: errorText(rate),
    security: powerText(Math.floor(tenthsOfBits(rate) / 10)),
    cases: caseTable(cases),
    attempts: attemptTable(cases),
    buckets: bucketTable(),
  };
  const template = readFileSync(new URL('./page.md', import.meta.url), 'utf8');
  return template.replaceAll(/<!-- (\w+) -->/g, (_, name: string) => parts[name]!);
}

/** These, and computations whose batches have the sizes that are worst for buckets. */
export function atWorst(cases: readonly Case[]): Case[] {
  const sizes = BUCKET_SIZES.map(({ ands }) => ({ ...cases[0]!, preparations: [ands] }));
  return [...cases, ...sizes];
}

/** The chance of success for each of 2⁸⁰ operations. */
function worstRate(cases: readonly Case[]): Exact {
  const sums = cases.map((of) =>
    plus(...terms.filter((term) => term.byWork).map((term) => term.bound(of, ANY))),
  );
  return times(largest(...sums), powerOfTwo(-ANY_WORK));
}

function termTable(cases: readonly Case[]): string {
  const worst = (term: Term, work: Exact) => largest(...atWorst(cases).map((of) => term.bound(of, work)));
  const rows = terms.map((term) => {
    const { name, layer, counts, formula, byWork } = term;
    const later = byWork ? errorText(worst(term, ANY)) : 'the same';
    return [name, layer, counts, formula, errorText(worst(term, LIVE)), later];
  });
  const sums = SUMS.map(([layer, what]) => {
    const sum = (work: Exact) => errorText(plus(...termsOf(layer).map((term) => worst(term, work))));
    return [`**sum for any ${what}**`, '', '', '', `**${sum(LIVE)}**`, sum(ANY)];
  });
  const head = ['term', 'part of a', 'on one connection', 'at most'];
  return table(4, [...head, `W = ${powerText(LIVE_WORK)}`, `W = ${powerText(ANY_WORK)}`], [...rows, ...sums]);
}

function caseTable(cases: readonly Case[]): string {
  const rows = cases.map((of) => {
    const { rule, what, ands, preparations } = of;
    const sizes = [...new Set(preparations.map(bucketSize))].sort().join(', ');
    return [
      `\`${rule}\``,
      what,
      ands.toLocaleString('en'),
      String(preparations.length),
      sizes,
      errorText(terms[0]!.bound(of, LIVE)),
      errorText(total(of, 'computation', LIVE)),
      errorText(total(of, 'fair reveal', LIVE)),
      errorText(perNegotiation(of, LIVE)),
    ];
  });
  const head = [
    'rule',
    'largest case',
    'AND gates',
    'batches',
    'B',
    'buckets',
    'computation',
    'session',
    'each further',
  ];
  return table(2, head, rows);
}

function attemptTable(cases: readonly Case[]): string {
  const worst = (layer: Layer) =>
    plus(...termsOf(layer).map((term) => largest(...atWorst(cases).map((of) => term.bound(of, LIVE)))));
  const errors = (count: number) =>
    (['session', 'fair reveal'] as const).map((layer) => errorText(times(exact(count), worst(layer))));
  const rows = SESSIONS.map((count) => [count.toLocaleString('en'), ...errors(count)]);
  return table(0, ['sessions on one matter', 'error', 'with an arbiter'], rows);
}

function bucketTable(): string {
  const rows = BUCKET_SIZES.map(({ ands, size }, i) => {
    const below =
      i === 0 ? `${powerText(Math.log2(BATCH_ANDS))}` : (BUCKET_SIZES[i - 1]!.ands - 1).toLocaleString('en');
    return [`${ands.toLocaleString('en')} to ${below}`, String(size), errorText(bucketError(ands, size))];
  });
  return table(0, ['triples of a batch', 'B', 'error at the smallest'], rows);
}
