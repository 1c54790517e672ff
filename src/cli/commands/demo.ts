import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatAmount } from '../../../protocols/price/amount.ts';
import { ruleOf } from '../../../protocols/registry.ts';
import type { Mandate } from '../../../protocols/rule.ts';
import { serializeAgreement } from '../../documents/agreement.ts';
import type { Range, Terms, TermsDraft } from '../../documents/terms.ts';
import { writeNew } from '../../node/home/files.ts';
import type { Phase } from '../../session/index.ts';
import { verifyOpenings } from '../../verify/openings.ts';
import { verifyAgreement } from '../../verify/verify.ts';
import { negotiateAsPair } from '../players/pair.ts';
import { outcomeText } from '../terminal/amounts.ts';
import { commandName, onLines } from '../terminal/command-name.ts';
import { usageError } from '../terminal/failure.ts';
import { UNDER_WAY } from '../terminal/phases.ts';
import { Progress, printJson, say, style } from '../terminal/terminal.ts';
import { leakageNotice } from './leak.ts';
import { chooseSecurity, statistics } from './run.ts';

interface Scenario {
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
const scenarios: Record<string, Scenario> = {
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
};

/** What each phase means to a person in the story; `other` is the other person's name. */
const story: Record<Phase | 'connected', (other: string, sealed: boolean) => string> = {
  connected: (other) => `proved its own key, checked that of ${other}, and encrypts from here on`,
  'terms-agreed': () => 'has the same terms as the other side; nothing private was sent so far',
  'mandate-given': (_, sealed) =>
    `${sealed ? 'seals its limit, and ' : ''}enters it into the garbled circuit`,
  engaged: () => 'signed that it will be bound by whatever comes out',
  'outcome-known': () => 'sees the outcome, and only the outcome',
  signed: () => 'holds the agreement with both signatures',
};

const people = [
  { name: 'Ana', role: 'seller', verb: 'sells', limit: 'at least', colour: 'cyan' },
  { name: 'Ben', role: 'buyer', verb: 'buys', limit: 'at most', colour: 'magenta' },
] as const;

/** `parley demo [--scenario NAME] [--json]` */
export async function demo(
  flags: { readonly scenario: string; readonly json?: boolean },
  signal: AbortSignal,
): Promise<void> {
  const scenario = scenarios[flags.scenario];
  if (scenario === undefined) {
    const names = Object.keys(scenarios).join(', ');
    throw usageError(`there is no scenario ${flags.scenario}`, `the scenarios are ${names}`);
  }
  introduce(scenario);
  const result = await negotiateAloud(scenario, signal);
  const path = join(await mkdtemp(join(tmpdir(), 'parley-demo-')), 'agreement.json');
  const bytes = serializeAgreement(result.agreement);
  await writeNew(path, bytes, 0o600);
  tellOutcome(scenario, result);
  await tellAgreement(result, bytes, path);
  await tellOpening(scenario, result);
  heading('The figures');
  for (const line of statistics(result.stats)) say(line);
  say();
  const { outcome, agreement, stats } = result;
  if (flags.json === true) printJson({ outcome, agreement, stats });
}

type Struck = Awaited<ReturnType<typeof negotiateAsPair>>;

function amountIn({ draft }: Scenario, value: bigint): string {
  return formatAmount(value, draft.range);
}

function introduce(scenario: Scenario): void {
  say();
  say(`${style('bold', `Parley demo: ${scenario.title}`)}`);
  say();
  for (const [index, { name, verb, limit }] of people.entries()) {
    const figure = style('bold', amountIn(scenario, scenario.limits[index]!));
    say(`${person(name)} ${verb}, for ${limit} ${figure}. Nobody else knows that.`);
  }
  say('Each has a delegate: a process of its own that holds its own limit only.');
}

/** Runs the negotiation between two processes, and tells what each does. */
async function negotiateAloud(scenario: Scenario, signal: AbortSignal): Promise<Struck> {
  const { draft, limits } = scenario;
  const progress = new Progress();
  let sealed = false;
  try {
    return await negotiateAsPair({
      draft,
      rule: ruleOf(draft),
      mandates: limits.map((reservation): Mandate => ({ reservation })) as [Mandate, Mandate],
      security: chooseSecurity(undefined, undefined),
      timeout: 30_000,
      opens: true,
      signal,
      onTerms: async (terms) => {
        sealed = terms.seals !== 'none';
        await tellTerms(terms, scenario);
      },
      onConnected: (port) => heading('The negotiation', `two processes, TCP on 127.0.0.1:${port}`),
      onProgress: (role, phase) => {
        const [self, other] = role === people[0].role ? people : [people[1], people[0]];
        progress.stop();
        say(`  ${person(self.name)} ${style('dim', '│')} ${story[phase](other.name, sealed)}`);
        progress.update(UNDER_WAY[phase]);
      },
    });
  } finally {
    progress.stop();
  }
}

function tellOutcome(scenario: Scenario, { outcome, terms }: Struck): void {
  heading('The outcome');
  say(`  ${style(['bold', 'green'], outcomeText(outcome, terms))}`);
  say(`  ${scenario.reveals}`);

  heading('Who saw what');
  const cell = (value: string) => value.padEnd(16);
  say(`  ${cell('')}${people.map(({ name }) => cell(name)).join('')}on the wire`);
  for (const [index, { name }] of people.entries()) {
    const own = (column: number) =>
      cell(column === index ? amountIn(scenario, scenario.limits[index]!) : 'never');
    say(`  ${cell(`${name}’s limit`)}${own(0)}${own(1)}never`);
  }
  const priced = outcome.deal && typeof outcome.price === 'string';
  const short = priced
    ? amountIn(scenario, BigInt(outcome.price as string))
    : outcome.deal
      ? 'deal'
      : 'no deal';
  say(`  ${cell('outcome')}${cell(short)}${cell(short)}encrypted`);
}

async function tellAgreement({ terms }: Struck, bytes: Uint8Array, path: string): Promise<void> {
  const sealed = terms.seals !== 'none';
  heading('The agreement', `terms, outcome${sealed ? ', both seals' : ''} and session, signed by both`);
  const verified = await verifyAgreement(bytes, { parties: terms.parties });
  for (const { name, role } of people) {
    say(`  ${name.padEnd(4)} signed with ${verified.parties[role]!.fingerprint}`);
  }
  say(`  ${style('green', 'verified')}: both keys, both signatures, and every byte of`);
  say(`  ${path}`);
  const pins = people.map(({ role }) => `--party ${role}=${verified.parties[role]!.fingerprint}`);
  const command = onLines(`${commandName()} verify ${path}`, ...pins);
  say(`  check it yourself: ${style('bold', command)}`);
}

async function tellOpening(scenario: Scenario, { agreement, openings, terms }: Struck): Promise<void> {
  const [opening] = openings;
  if (opening === undefined) return;
  heading('An opening', 'Ana shows the one she sells for that her delegate kept to her limit');
  const { mandates } = await verifyOpenings(agreement, [opening], { parties: terms.parties });
  const shown = mandates[people[0].role] as { readonly reservation: string };
  const figure = style('bold', amountIn(scenario, BigInt(shown.reservation)));
  say(`  her seal in the agreement holds ${figure}, and can hold nothing else`);
}

async function tellTerms(terms: Terms, scenario: Scenario): Promise<void> {
  const range = terms.range!;
  heading('The terms', 'public: both sides read and accept them first');
  const rows = [
    ['subject', terms.subject],
    ['rule', `${terms.rule.name}: ${scenario.rule}`],
    ['range', `${formatAmount(range.min, range)} to ${formatAmount(range.max, range)}`],
    ['security', terms.security],
    ['seals', terms.seals],
    ['expires', terms.expires],
  ];
  for (const [label, value] of rows) say(`  ${style('dim', label!.padEnd(10))}${value}`);
  say();
  for (const line of await leakageNotice(ruleOf(terms), terms)) say(`  ${line}`);
}

function heading(title: string, note = ''): void {
  say();
  say(`${style('bold', title)}${note === '' ? '' : style('dim', `  ${note}`)}`);
}

function person(name: string): string {
  const { colour } = people.find((one) => one.name === name)!;
  return style(['bold', colour], name);
}
