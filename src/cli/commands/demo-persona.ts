import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { obligationLines } from '../../../protocols/obligations.ts';
import { ruleOf } from '../../../protocols/registry.ts';
import { serializeAgreement, type VerifiedAgreement } from '../../documents/agreement.ts';
import type { DelegationDocuments } from '../../documents/delegation.ts';
import { generateIdentity, type Identity } from '../../documents/identity.ts';
import { type GeneralJws, serializeJws } from '../../documents/jws.ts';
import { cosignMandateCertificate, signMandateCertificate } from '../../documents/mandate-certificate.ts';
import {
  type StatementContent,
  type StatementKind,
  signStatement,
} from '../../documents/obligations/statements.ts';
import { outcomeDigest } from '../../documents/outcome-digest.ts';
import { principalText } from '../../documents/principal.ts';
import { calledIn } from '../../documents/roles.ts';
import { formatTime, type PublicJwk, type Terms } from '../../documents/terms.ts';
import type { TimeEvidence } from '../../documents/time-evidence.ts';
import { writeNew } from '../../node/home/files.ts';
import { type ObligationStatus, statusOf } from '../../verify/obligations/status.ts';
import { cosignStatement, verifyStatement } from '../../verify/obligations/verify-statement.ts';
import { verifyAgreement } from '../../verify/verify.ts';
import { negotiateAsPair } from '../players/pair.ts';
import { type PublicLog, publicLog } from '../players/public-log.ts';
import { outcomeText } from '../terminal/amounts.ts';
import { commandName } from '../terminal/command-name.ts';
import { UNDER_WAY } from '../terminal/phases.ts';
import { Progress, printJson, say, style } from '../terminal/terminal.ts';
import { mandates, personaDraft, personaScope } from './demo-persona-terms.ts';
import { heading, sayCheck, sayRows, story, tellOf } from './demo-story.ts';
import { reasonText, timeText } from './obligation-words.ts';

const ADVOCATE = style(['bold', 'cyan'], 'the advocate');
const TRUSTEES = style(['bold', 'cyan'], 'the trustees');
const LAB = style(['bold', 'magenta'], 'the lab');
const MINUTE = 60_000;
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
  const sides = { trustees: judges.map(() => generateIdentity()), lab: generateIdentity() };
  const { agreement, file } = await agree(folder, sides, { judges, log }, signal);
  const said = await speak(folder, agreement, sides, { judges, log });
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
  say(
    'A lab is going to retire a model. Three trustees speak for the model; two of them decide. They send an',
  );
  say(
    'advocate, whose delegate runs on a machine of its own, and the lab sends one, too. Each has a certificate,',
  );
  say('which says whom it binds and on what it may agree, but not for what.');
  say('The two negotiate a package of three things. Neither learns how the other rates them.');
}

/** Whose word counts on each side: those of three trustees, two of whom have to agree, and that of the lab. */
interface Sides {
  readonly trustees: readonly Identity[];
  readonly lab: Identity;
}

interface Others {
  readonly judges: readonly Identity[];
  readonly log: PublicLog;
}

/** Certificates for the keys of the two delegates. */
async function certify(
  { trustees, lab }: Sides,
  [advocate, other]: readonly PublicJwk[],
): Promise<DelegationDocuments[]> {
  const [first, second] = trustees;
  const common = {
    notBefore: formatTime(Date.now() - MINUTE),
    expires: formatTime(Date.now() + DAY),
    serial: '1',
  };
  const council = { members: trustees.map(({ publicKey }) => publicKey), threshold: 2 };
  const one = await signMandateCertificate(
    { ...common, principal: council, delegate: advocate!, scope: personaScope('a') },
    first!,
  );
  const own = { ...common, principal: lab.publicKey, delegate: other!, scope: personaScope('b') };
  return [
    { certificate: await cosignMandateCertificate(one, second!) },
    { certificate: await signMandateCertificate(own, lab) },
  ];
}

/** The negotiation, in two processes. */
async function agree(
  folder: string,
  sides: Sides,
  { judges, log }: Others,
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
      delegations: (keys) => certify(sides, keys),
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
    const verified = await verifyAgreement(bytes, { parties: 'unpinned' });
    heading('The outcome');
    say(`  ${style(['bold', 'green'], outcomeText(verified.outcome, terms))}`);
    for (const [role, { delegation }] of Object.entries(verified.parties)) {
      say(`  ${calledIn(terms, role).padEnd(9)}has signed; bound is ${principalText(delegation!.principal)}`);
    }
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
  { trustees, lab }: Sides,
  { judges, log }: Others,
): Promise<Said[]> {
  await mkdir(join(folder, 'statements'));
  const say_ = async (
    name: string,
    kind: StatementKind,
    [by, also]: readonly Identity[],
    content: Omit<StatementContent, 'agreement'>,
  ): Promise<Said> => {
    const whole = { agreement: outcomeDigest(agreement), ...content };
    const alone = await signStatement(kind, whole, by!);
    const statement = also === undefined ? alone : await cosignStatement(alone, agreement, also);
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
  tellOf(TRUSTEES, 'hand over the notes; two of them sign a claim that they have, and publish it');
  const notes = await publish(
    await say_('notes.claim', 'claim', trustees.slice(0, 2), { obligation: 'notes' }),
  );
  tellOf(style('bold', 'two judges'), 'have looked at the notes, and sign: kept');
  const kept = { obligation: 'notes', verdict: 'kept' } as const;
  const verdicts = [
    await say_('notes.verdict-1', 'verdict', judges.slice(0, 1), kept),
    await say_('notes.verdict-2', 'verdict', judges.slice(1, 2), kept),
  ];
  tellOf(LAB, 'holds the interview, and publishes a claim that it has');
  const interview = await publish(await say_('interview.claim', 'claim', [lab], { obligation: 'interview' }));
  tellOf(TRUSTEES, 'have the record of it, and do not object');
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
