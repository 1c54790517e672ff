import { formatAmount } from '../../../protocols/price/amount.ts';
import { ruleOf } from '../../../protocols/registry.ts';
import type { Range, Terms, TermsDraft } from '../../documents/terms.ts';
import type { Phase } from '../../session/index.ts';
import { onLines } from '../terminal/command-name.ts';
import { say, style } from '../terminal/terminal.ts';
import { leakageNotice } from './leak.ts';

export interface Scenario {
  readonly title: string;
  readonly draft: TermsDraft & { readonly range: Omit<Range, 'step'> };
  /** Limits of the seller and the buyer, in the range's smallest unit. */
  readonly limits: readonly [bigint, bigint];
  /** What the rule does, and what its outcome reveals. */
  readonly rule: string;
  readonly reveals: string;
}

const usd = { min: '0', max: '1000000', unit: 'USD', decimals: 2 };
const BETWEEN = 'a price drawn from between the two limits, if they meet';
export const scenarios = {
  car: {
    title: 'a used car',
    draft: { parley: 1, subject: 'used car', rule: { name: 'random-split' }, range: usd },
    limits: [450_000n, 520_000n],
    rule: BETWEEN,
    reveals: 'The price tells each side little more than that the other’s limit is beyond it.',
  },
  flat: {
    title: 'a flat that is too dear',
    draft: { parley: 1, subject: 'monthly rent', rule: { name: 'random-split' }, range: usd },
    limits: [145_000n, 130_000n],
    rule: BETWEEN,
    reveals: 'No deal: the limits do not meet. By how much, neither side learns.',
  },
  deposit: {
    title: 'is it worth talking at all?',
    draft: { parley: 1, subject: 'deposit', rule: { name: 'zopa' }, range: usd },
    limits: [80_000n, 95_000n],
    rule: 'only whether the two limits meet, and no price',
    reveals: 'One bit came out, the same for both. The price is still to be talked about.',
  },
} satisfies Record<string, Scenario>;

/** The people of the stories, in the order of a price rule's roles. */
export const people = [
  { name: 'Ana', role: 'seller', verb: 'sells', limit: 'at least', colour: 'cyan' },
  { name: 'Ben', role: 'buyer', verb: 'buys', limit: 'at most', colour: 'magenta' },
] as const;

/** What each phase means to a person in the story; `other` is the other person's name. */
export const story: Record<Phase | 'connected', (other: string, sealed: boolean) => string> = {
  connected: (other) => `proved its own key, checked that of ${other}, and encrypts from here on`,
  'terms-agreed': () => 'has the same terms as the other side; nothing private was sent so far',
  'mandate-given': (_, sealed) =>
    `${sealed ? 'seals its limit, and ' : ''}enters it into the garbled circuit`,
  engaged: () => 'signed that it will be bound by whatever comes out',
  'outcome-known': () => 'sees the outcome, and only the outcome',
  signed: () => 'holds the agreement with both signatures',
};

export function amountIn({ draft }: Scenario, value: bigint): string {
  return formatAmount(value, draft.range);
}

export function introduce(scenario: Scenario, title: string): void {
  say();
  say(`${style('bold', `Parley demo: ${title}`)}`);
  say();
  for (const [index, { name, verb, limit }] of people.entries()) {
    const figure = style('bold', amountIn(scenario, scenario.limits[index]!));
    say(`${person(name)} ${verb}, for ${limit} ${figure}. Nobody else knows that.`);
  }
  say('Each has a delegate: a process of its own that holds its own limit only.');
}

export function heading(title: string, note = ''): void {
  say();
  say(`${style('bold', title)}${note === '' ? '' : style('dim', `  ${note}`)}`);
}

export function person(name: string): string {
  const { colour } = people.find((one) => one.name === name)!;
  return style(['bold', colour], name);
}

/** A line about somebody in a story. */
export function tellOf(who: string, what: string): void {
  say(`  ${who} ${style('dim', '│')} ${what}`);
}

/** Rows of a name and what it stands for. */
export function sayRows(rows: readonly (readonly [string, string])[]): void {
  for (const [label, value] of rows) say(`  ${style('dim', label.padEnd(10))}${value}`);
}

/** Says with which command people check something themselves. */
export function sayCheck(command: string, ...flags: readonly string[]): void {
  say(`  check it yourself: ${style('bold', onLines(command, ...flags))}`);
}

/** Shows the terms, with further rows. */
export async function tellTerms(
  terms: Terms,
  scenario: Scenario,
  more: readonly (readonly [string, string])[] = [],
): Promise<void> {
  const range = terms.range!;
  heading('The terms', 'public: both sides read and accept them first');
  sayRows([
    ['subject', terms.subject],
    ['rule', `${terms.rule.name}: ${scenario.rule}`],
    ['range', `${formatAmount(range.min, range)} to ${formatAmount(range.max, range)}`],
    ['security', terms.security],
    ['seals', terms.seals],
    ['expires', terms.expires],
    ...more,
  ]);
  say();
  for (const line of await leakageNotice(ruleOf(terms), terms)) say(`  ${line}`);
}
