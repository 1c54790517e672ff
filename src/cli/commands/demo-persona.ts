import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { obligationLines } from '../../../protocols/obligations.ts';
import { ruleOf } from '../../../protocols/registry.ts';
import { serializeAgreement, type VerifiedAgreement } from '../../documents/agreement.ts';
import { generateIdentity, type Identity, importIdentity } from '../../documents/identity.ts';
import { type GeneralJws, serializeJws } from '../../documents/jws.ts';
import {
  type StatementContent,
  type StatementKind,
  signStatement,
} from '../../documents/obligations/statements.ts';
import { outcomeDigest } from '../../documents/outcome-digest.ts';
import { formatTime, type Terms } from '../../documents/terms.ts';
import type { TimeEvidence } from '../../documents/time-evidence.ts';
import { readJson, writeNew } from '../../node/home/files.ts';
import { type ObligationStatus, statusOf } from '../../verify/obligations/status.ts';
import { verifyStatement } from '../../verify/obligations/verify-statement.ts';
import { verifyAgreement } from '../../verify/verify.ts';
import { negotiateAsPair } from '../players/pair.ts';
import { type PublicLog, publicLog } from '../players/public-log.ts';
import { outcomeText } from '../terminal/amounts.ts';
import { commandName } from '../terminal/command-name.ts';
import { UNDER_WAY } from '../terminal/phases.ts';
import { Progress, printJson, say, style } from '../terminal/terminal.ts';
import { mandates, personaDraft } from './demo-persona-terms.ts';
import { heading, sayCheck, sayRows, story, tellOf } from './demo-story.ts';
import { reasonText, timeText } from './obligation-words.ts';

const ADVOCATE = style(['bold', 'cyan'], 'the advocate');
const LAB = style(['bold', 'magenta'], 'the lab');
const DAY = 86_400_000;
/** Days after the deadline of the terms at which the story looks back: when the time for the last objection is over. */
const LATER = 30;

/** A statement of the story, and the proof that the log has it, if it was published. */
interface Said {
  readonly statement: GeneralJws;
  readonly file: string;
  readonly proof?: { readonly text: string; readonly file: string };
}

/** `parley demo --scenario persona [--json]`: a model's advocate and its lab agree on what becomes of it; one obligation is kept, one broken, and the documents alone show which. */
export async function persona(json: boolean, signal: AbortSignal): Promise<void> {
  introduce();
  const folder = await mkdtemp(join(tmpdir(), 'parley-demo-'));
  const judges = [generateIdentity(), generateIdentity(), generateIdentity()];
  const log = publicLog();
  const { agreement, file } = await agree(folder, judges, log, signal);
  const said = await speak(folder, agreement, judges, log);
  const statements = said.flatMap(({ file: one, proof }) =>
    proof === undefined ? [one] : [one, proof.file],
  );
  const later = Date.parse(agreement.terms.expires) + LATER * DAY;
  const [now, then] = [Date.now(), later].map((time) => statusOf(agreement, timed(agreement, said), time));
  tellStatus(agreement.terms, now!, then!, later);
  const files = [file, join(folder, 'statements', '*')];
  sayCheck(`${commandName()} obligations ${files.join(' ')}`, `--at ${formatTime(later)}`);
  say();
  if (json) {
    const status = (all: readonly ObligationStatus[]) =>
      Object.fromEntries(all.map(({ obligation, status }) => [obligation.id, status]));
    const looked = { at: formatTime(later), obligations: status(then!) };
    printJson({ outcome: agreement.outcome, agreement: file, statements, now: status(now!), later: looked });
  }
}

function introduce(): void {
  say();
  say(style('bold', 'Parley demo: what becomes of a model'));
  say();
  say('A lab is going to retire a model. The model has an advocate, who belongs to neither of them');
  say('and speaks for it. The two negotiate a package of three things, each in secret:');
  say('neither learns how the other rates them. What they then owe each other is in the terms.');
}

/** The negotiation, in two processes. */
async function agree(
  folder: string,
  judges: readonly Identity[],
  log: PublicLog,
  signal: AbortSignal,
): Promise<{ readonly agreement: VerifiedAgreement; readonly file: string }> {
  const draft = personaDraft(
    judges.map(({ publicKey }) => publicKey),
    log.publish,
  );
  const progress = new Progress();
  try {
    const { agreement, terms } = await negotiateAsPair({
      ...{ draft, mandates, signal, security: undefined, timeout: 60_000 },
      rule: ruleOf(draft),
      keys: [keyOf(folder, 'a'), keyOf(folder, 'b')],
      onTerms: async (completed) => tellTerms(completed),
      onConnected: (port) => heading('The negotiation', `two processes, TCP on 127.0.0.1:${port}`),
      onProgress: (role, phase) => {
        progress.stop();
        const [self, other] = role === 'a' ? [ADVOCATE, 'the lab'] : [LAB, 'the advocate'];
        tellOf(
          self,
          story[phase](other, true).replace('its limit, and enters it', 'its ratings, and enters them'),
        );
        progress.update(UNDER_WAY[phase]);
      },
    });
    progress.stop();
    const file = join(folder, 'agreement.json');
    const bytes = serializeAgreement(agreement);
    await writeNew(file, bytes, 0o600);
    const verified = await verifyAgreement(bytes, { parties: terms.parties });
    heading('The outcome');
    say(`  ${style(['bold', 'green'], outcomeText(verified.outcome, terms))}`);
    return { agreement: verified, file };
  } finally {
    progress.stop();
  }
}

function tellTerms(terms: Terms): void {
  heading('The terms', 'public: both sides read and accept them first');
  sayRows([
    ['subject', terms.subject],
    ['menu', terms.menu!.issues.map(({ name, values }) => `${name} (${values.length})`).join(', ')],
    ['rule', 'the option that is best for both, by the product of their gains'],
    ['expires', timeText(terms.expires)],
  ]);
  say();
  say(`  ${style('dim', 'what is owed, if there is a deal; three judges belong to neither side')}`);
  for (const one of terms.obligations!) {
    const [owed, due] = obligationLines(one, terms, () => undefined)!;
    say(`  ${owed}`);
    say(`  ${due}${one.remedy === undefined ? '' : `; if it is broken: ${one.remedy}`}`);
  }
}

/** What is said afterwards. The lab says nothing about the archive. */
async function speak(
  folder: string,
  agreement: VerifiedAgreement,
  [first, second]: readonly Identity[],
  log: PublicLog,
): Promise<Said[]> {
  await mkdir(join(folder, 'statements'));
  const [advocate, lab] = [await identityOf(folder, 'a'), await identityOf(folder, 'b')];
  const say_ = async (
    name: string,
    kind: StatementKind,
    by: Identity,
    content: Omit<StatementContent, 'agreement'>,
  ): Promise<Said> => {
    const statement = await signStatement(kind, { agreement: outcomeDigest(agreement), ...content }, by);
    const file = join(folder, 'statements', `${name}.json`);
    await writeNew(file, serializeJws(statement), 0o600);
    return { statement, file };
  };
  const publish = async (said: Said): Promise<Said> => {
    const text = await log.append(serializeJws(said.statement));
    const file = `${said.file}.tlog-proof`;
    await writeNew(file, new TextEncoder().encode(text), 0o600);
    return { ...said, proof: { text, file } };
  };

  heading('What is said afterwards', 'each a signed document; claims are published in the log of the terms');
  tellOf(ADVOCATE, 'hands over the notes, and publishes a claim that it has');
  const notes = await publish(await say_('notes.claim', 'claim', advocate, { obligation: 'notes' }));
  tellOf(style('bold', 'two judges'), 'have looked at the notes, and sign: kept');
  const kept = { obligation: 'notes', verdict: 'kept' } as const;
  const verdicts = [
    await say_('notes.verdict-1', 'verdict', first!, kept),
    await say_('notes.verdict-2', 'verdict', second!, kept),
  ];
  tellOf(LAB, 'holds the interview, and publishes a claim that it has');
  const interview = await publish(await say_('interview.claim', 'claim', lab, { obligation: 'interview' }));
  tellOf(ADVOCATE, 'has the record of it, and does not object');
  tellOf(LAB, 'gives nothing to the archive, and says nothing about it');
  return [notes, ...verdicts, interview];
}

/** The statements, verified as anybody would who has the files. */
function timed(agreement: VerifiedAgreement, said: readonly Said[]) {
  const evidence = said.flatMap(({ proof }): TimeEvidence[] =>
    proof === undefined ? [] : [{ kind: 'publication', proof: proof.text }],
  );
  return said.flatMap(({ statement }) => verifyStatement(statement, agreement, evidence).timed);
}

function tellStatus(
  terms: Terms,
  now: readonly ObligationStatus[],
  then: readonly ObligationStatus[],
  later: number,
): void {
  heading('Who has kept what', 'from the documents alone: whoever has them sees the same');
  say(`  ${style('dim', `${''.padEnd(11)}${'today'.padEnd(10)}${timeText(formatTime(later))}`)}`);
  for (const [index, { obligation, status }] of then.entries()) {
    const colour = status === 'kept' ? 'green' : status === 'broken' ? 'red' : 'bold';
    say(`  ${obligation.id.padEnd(11)}${now[index]!.status.padEnd(10)}${style(colour, status)}`);
    say(`  ${''.padEnd(21)}${style('dim', reasonText(then[index]!, terms))}`);
  }
}

/** The file in which a side of the story keeps its private key. */
function keyOf(folder: string, role: string): string {
  return join(folder, `${role}.key`);
}

async function identityOf(folder: string, role: string): Promise<Identity> {
  return importIdentity(await readJson(keyOf(folder, role), 'the key'));
}
