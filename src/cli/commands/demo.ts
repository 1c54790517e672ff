import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ruleOf } from '../../../protocols/registry.ts';
import type { Mandate } from '../../../protocols/rule.ts';
import { serializeAgreement } from '../../documents/agreement.ts';
import { writeNew } from '../../node/home/files.ts';
import { verifyOpenings } from '../../verify/openings.ts';
import { verifyAgreement } from '../../verify/verify.ts';
import { negotiateAsPair } from '../players/pair.ts';
import { outcomeText } from '../terminal/amounts.ts';
import { commandName } from '../terminal/command-name.ts';
import { usageError } from '../terminal/failure.ts';
import { UNDER_WAY } from '../terminal/phases.ts';
import { Progress, printJson, say, style } from '../terminal/terminal.ts';
import {
  amountIn,
  heading,
  introduce,
  people,
  person,
  type Scenario,
  sayCheck,
  scenarios,
  story,
  tellOf,
  tellTerms,
} from './demo-story.ts';
import { chooseSecurity, statistics } from './run.ts';

/** Scenarios that are told in files of their own: with an arbiter, and with obligations. */
const WALKAWAY = 'walkaway';
const PERSONA = 'persona';

/** `parley demo [--scenario NAME] [--json]` */
export async function demo(
  flags: { readonly scenario: string; readonly json?: boolean },
  signal: AbortSignal,
): Promise<void> {
  if (flags.scenario === WALKAWAY) {
    return (await import('./demo-walkaway.ts')).walkaway(flags.json === true, signal);
  }
  if (flags.scenario === PERSONA) {
    return (await import('./demo-persona.ts')).persona(flags.json === true, signal);
  }
  if (!Object.hasOwn(scenarios, flags.scenario)) {
    const names = [...Object.keys(scenarios), WALKAWAY, PERSONA].join(', ');
    throw usageError(`there is no scenario ${flags.scenario}`, `the scenarios are ${names}`);
  }
  const scenario: Scenario = scenarios[flags.scenario as keyof typeof scenarios];
  introduce(scenario, scenario.title);
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
        tellOf(person(self.name), story[phase](other.name, sealed));
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
  sayCheck(`${commandName()} verify ${path}`, ...pins);
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
