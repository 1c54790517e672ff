import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ruleOf } from '../../../protocols/registry.ts';
import type { Mandate } from '../../../protocols/rule.ts';
import type { VerifiedAgreement } from '../../documents/agreement.ts';
import { arbiterFingerprint, readArbiterCard } from '../../documents/arbiter-card.ts';
import { openJws } from '../../documents/jws.ts';
import type { Terms } from '../../documents/terms.ts';
import { writeNew } from '../../node/home/files.ts';
import { verifyAgreement } from '../../verify/verify.ts';
import { playWalkaway, type WalkawayResult } from '../players/walkaway.ts';
import { outcomeText } from '../terminal/amounts.ts';
import { commandName } from '../terminal/command-name.ts';
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

const scenario: Scenario = scenarios.car;
const [ana, ben] = people;

/** A proof of the outcome that a person of the story ends with. */
interface Held {
  readonly path: string;
  readonly agreement: VerifiedAgreement;
}

/** `parley demo --scenario walkaway [--json]`: one side sees the outcome and leaves; the other one complains, and both have it. */
export async function walkaway(json: boolean, signal: AbortSignal): Promise<void> {
  introduce(scenario, 'Ben walks away');
  say('A third process is the arbiter that both have accepted. It belongs to neither of them.');
  const folder = await mkdtemp(join(tmpdir(), 'parley-demo-'));
  const result = await playAloud(folder, signal);
  const [stayed, left] = await keepBoth(result, folder);
  const { outcome, session } = stayed.agreement;
  if (
    JSON.stringify([left.agreement.outcome, left.agreement.session]) !== JSON.stringify([outcome, session])
  ) {
    throw new Error('the two sides ended with different outcomes');
  }
  tellProofs(stayed, left);
  const record = await tellRecord(result, stayed.agreement);
  say();
  const proofs = Object.fromEntries(
    [stayed, left].map(({ path, agreement: { proof } }, index) => [
      people[index]!.role,
      { proof, file: path },
    ]),
  );
  if (json) printJson({ outcome, proofs, arbiter: { record } });
}

/** Plays it in three processes, and tells what each does. */
async function playAloud(folder: string, signal: AbortSignal): Promise<WalkawayResult> {
  const { draft, limits } = scenario;
  const progress = new Progress();
  const tell = (who: string, what: string) => {
    progress.stop();
    tellOf(who, what);
  };
  let terms: Terms;
  try {
    return await playWalkaway({
      ...{ draft, folder, signal, rule: ruleOf(draft), timeout: 30_000 },
      mandates: limits.map((reservation): Mandate => ({ reservation })) as [Mandate, Mandate],
      onTerms: async (completed) => {
        terms = completed;
        const { card, window } = terms.arbiter!;
        await tellTerms(terms, scenario, [
          ['arbiter', arbiterFingerprint(readArbiterCard(card))],
          ['window', `${window / 60} minutes to complain, once a side has signed that it is bound`],
        ]);
      },
      onConnected: (port) =>
        heading('The negotiation', `two processes, TCP on 127.0.0.1:${port}; the arbiter has no part in it`),
      onProgress: (role, phase) => {
        const [self, other] = role === ana.role ? people : [ben, ana];
        tell(person(self.name), story[phase](other.name, true));
        progress.update(UNDER_WAY[phase]);
      },
      onGone: async (proof) => {
        const { outcome } = await verifyAgreement(proof, { parties: terms.parties });
        tell(
          person(ben.name),
          `sees what Ana has opened, and so the outcome: ${outcomeText(outcome, terms)}`,
        );
        tell(person(ben.name), 'pulls the plug, before he opens his part to her');
        progress.update('waiting for Ana’s side to notice');
      },
      onComplaint: (until) => {
        progress.stop();
        heading('The complaint', 'Ana’s delegate makes it by itself');
        tellOf(person(ana.name), 'is bound, and does not know to what; so is Ben, who knows');
        tellOf(person(ana.name), `complains to the arbiter, which hears her until ${until}`);
      },
    });
  } finally {
    progress.stop();
  }
}

/** Saves both proofs, and verifies each of them as anybody would who knows whose keys the terms have. */
async function keepBoth({ terms, stayed, left }: WalkawayResult, folder: string): Promise<[Held, Held]> {
  const keep = async (name: string, proof: Uint8Array): Promise<Held> => {
    const path = join(folder, `${name.toLowerCase()}.outcome.json`);
    await writeNew(path, proof, 0o600);
    return { path, agreement: await verifyAgreement(proof, { parties: terms.parties }) };
  };
  return [await keep(ana.name, stayed), await keep(ben.name, left)];
}

function tellProofs(stayed: Held, left: Held): void {
  const { terms, outcome, parties } = stayed.agreement;
  tellOf(style('bold', 'arbiter'), 'opens what both had encrypted to it, once, for both of them');
  tellOf(person(ana.name), `has the outcome: ${outcomeText(outcome, terms)}`);

  heading('Who holds what', 'an outcome that is proved without a signature on an agreement');
  const how = {
    signed: 'the signatures of both',
    opened: 'both promises to be bound, and what Ana and he have opened',
    resolved: 'both promises to be bound, and what the arbiter has opened',
  };
  for (const [index, { agreement }] of [stayed, left].entries()) {
    say(`  ${people[index]!.name}  ${outcomeText(agreement.outcome, terms)}, by ${how[agreement.proof]}`);
  }
  say(`  ${style('green', 'verified')}, both: the same session, the same outcome, the keys of both`);
  const pins = people.map(({ role }) => `--party ${role}=${parties[role]!.fingerprint}`);
  sayCheck(`${commandName()} verify ${stayed.path}`, ...pins);
}

/** Shows what the arbiter has kept. Returns the file. */
async function tellRecord({ store }: WalkawayResult, { outcome }: VerifiedAgreement): Promise<string> {
  const files = await readdir(store);
  if (files.length !== 1) throw new Error(`the arbiter has kept ${files.length} records`);
  const record = join(store, files[0]!);
  const bytes = await readFile(record);
  const words = wordsIn(openJws(bytes).payload);
  const price = 'price' in outcome ? BigInt(outcome.price as string) : undefined;
  const figures = [
    ...people.map(({ name }, index) => [`${name}’s limit`, scenario.limits[index]!] as const),
    ...(price === undefined ? [] : [['the price', price] as const]),
  ];
  heading('What the arbiter knows', 'all that it has kept of this');
  say(
    `  one record of ${bytes.length.toLocaleString('en')} bytes: both promises to be bound, with terms, keys and`,
  );
  say('  deadline, and what was in 80 encryptions: random to whoever has neither side’s share');
  for (const [name, figure] of figures) {
    if (words.has(String(figure))) throw new Error(`the arbiter’s record has ${name}`);
    say(`  ${name.padEnd(12)}${amountIn(scenario, figure).padEnd(14)}not in it`);
  }
  return record;
}

/** All strings and numbers in a document, and in the documents that are signed in it. */
export function wordsIn(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null) {
    found.add(String(value));
    return found;
  }
  for (const member of Object.values(value)) wordsIn(member, found);
  if ('signatures' in value) wordsIn(openJws(value).payload, found);
  return found;
}
