import { wrap } from '../../../protocols/lines.ts';
import { toHex } from '../../crypto/encoding.ts';
import type { VerifiedAgreement } from '../../documents/agreement.ts';
import { thumbprint } from '../../documents/identity.ts';
import { decodeBase64url } from '../../documents/json.ts';
import { outcomeDigest } from '../../documents/outcome-digest.ts';
import { principalText } from '../../documents/principal.ts';
import { calledIn } from '../../documents/roles.ts';
import { quoted } from '../../documents/text.ts';
import { timeOf } from '../../documents/time.ts';
import { VerificationError } from '../../errors.ts';
import { readBytes } from '../../node/home/files.ts';
import { contradictingVerdicts } from '../../verify/obligations/contradiction.ts';
import { type ObligationStatus, statusOf } from '../../verify/obligations/status.ts';
import type { VerifiedStatement } from '../../verify/obligations/verify-statement.ts';
import { verifyAgreement } from '../../verify/verify.ts';
import { outcomeText } from '../terminal/amounts.ts';
import { commandName } from '../terminal/command-name.ts';
import { describeFailure, exitCodes, failureLine } from '../terminal/failure.ts';
import { parseTime } from '../terminal/flags.ts';
import { print } from '../terminal/output.ts';
import { printJson, say, style } from '../terminal/terminal.ts';
import { type Known, known } from './known.ts';
import { type GivenStatement, readGiven, verifyGiven } from './obligation-files.ts';
import { countedText, reasonText, seenText, timeText } from './obligation-words.ts';
import { delegationText, isKnown, partiesJson } from './party-words.ts';
import { ratificationJson, ratificationLines } from './ratification-words.ts';
import { outcomeParts, readWitnessed, unusedProofs } from './witness-files.ts';
import type { WitnessFlags } from './witness-options.ts';

export interface ObligationsFlags extends WitnessFlags {
  readonly at?: string;
  readonly trustClaimedTimes?: boolean;
  readonly json?: boolean;
}

/**
 * `parley obligations AGREEMENT [STATEMENT …] [--at TIME] [--trust-claimed-times] [--json]`: how it stands with each obligation. Statements, ratifications, receipts and proofs of publication may be
 * given in any order. Returns the exit code: 1 for a document that is not valid.
 */
export async function obligations(
  path: string,
  files: readonly string[],
  flags: ObligationsFlags,
): Promise<number> {
  const { at, trustClaimedTimes = false, json = false } = flags;
  const now = Math.floor((at === undefined ? Date.now() : parseTime(at, '--at')) / 1000);
  const witnessed = await readWitnessed(flags);
  let reading = path;
  const next = (file: string) => {
    reading = file;
  };
  try {
    const bytes = await readBytes(path, 'the agreement file');
    const read = await readGiven(files, next);
    next(path);
    const agreement = await verifyAgreement(bytes, {
      parties: 'unpinned',
      ratified: {
        statements: read.ratifications.map(({ jws }) => jws),
        evidence: read.evidence.map((one) => one.evidence),
        now: now * 1000,
      },
      witnessed,
    });
    const checked = verifyGiven(read, agreement, next);
    const { given } = checked;
    const unused = [...checked.unused, ...unusedProofs(witnessed, outcomeParts(bytes).documents)];
    const timed = given.flatMap((one) => one.timed.map((entry) => ({ ...entry, seen: one.seen })));
    const statuses = statusOf(agreement, timed, now * 1000, { claimedTimes: trustClaimedTimes });
    const report = { agreement, now, statuses, given, unused, trustClaimedTimes };
    const people = await known();
    if (json) printJson(asJson(report, people));
    else print(`${lines(report, people).join('\n')}\n`);
    return exitCodes.done;
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    if (json) printJson({ valid: false, file: reading, code: error.code });
    say(`${style(['bold', 'red'], 'NOT VALID')}: ${reading}: ${failureLine(describeFailure(error))}`);
    return exitCodes.failed;
  }
}

interface Report {
  readonly agreement: VerifiedAgreement;
  /** Seconds since 1970. */
  readonly now: number;
  readonly statuses: readonly ObligationStatus[];
  readonly given: readonly GivenStatement[];
  /** Files that vouch for no statement that was given. */
  readonly unused: readonly string[];
  readonly trustClaimedTimes: boolean;
}

function asJson(report: Report, people: Known): object {
  const { agreement, now, statuses, given, unused, trustClaimedTimes } = report;
  const { ratification } = agreement;
  return {
    agreement: toHex(outcomeDigest(agreement)),
    outcome: agreement.outcome,
    parties: partiesJson(agreement.parties, people),
    ...(ratification !== undefined && { ratification: ratificationJson(ratification) }),
    at: timeOf(now),
    trustClaimedTimes,
    obligations: statuses.map(({ obligation, ...status }) => ({ id: obligation.id, ...status })),
    statements: given.map(({ file, kind, payload, signers, seen }) => ({
      ...{ file, kind, obligation: payload.obligation, verdict: payload.verdict },
      signers: signers.map(thumbprint),
      evidence: payload.evidence,
      times: seen.map((one) => ({ ...one, at: timeOf(one.at) })),
    })),
    contradictions: contradictionsOf(given),
    unused,
  };
}

function contradictionsOf(given: readonly GivenStatement[]) {
  const fileOf = new Map<VerifiedStatement, string>(given.map((one) => [one, one.file]));
  return contradictingVerdicts(given).map(({ judges, documents }) => ({
    judges: judges.map(thumbprint),
    obligation: documents[0].payload.obligation,
    documents: documents.map((one) => fileOf.get(one)!),
  }));
}

const COLOURS = {
  kept: 'green',
  broken: 'red',
  disputed: 'yellow',
  open: 'bold',
  pending: 'bold',
  void: 'dim',
} as const;

function lines(report: Report, people: Known): string[] {
  const { agreement, now, statuses, trustClaimedTimes } = report;
  const { terms, outcome, ratification } = agreement;
  const width = Math.max(...statuses.map(({ obligation }) => obligation.id.length), 0);
  return [
    `Obligations on ${quoted(terms.subject)}, as of ${timeText(timeOf(now))}`,
    `Outcome: ${outcomeText(outcome, terms)}`,
    ...whoseKeys(agreement, people),
    ...(ratification === undefined ? [] : ratificationLines(ratification, terms, people)),
    ...(statuses.length === 0 ? ['The terms have none.'] : []),
    ...statuses.flatMap((status) => [
      '',
      `${status.obligation.id.padEnd(width)}  ${style(COLOURS[status.status], status.status.padEnd(8))}  ${owed(status, agreement)}`,
      ...folded(`${quoted(status.obligation.what)}`),
      ...folded(reasonText(status, terms)),
      ...status.times.flatMap((time) => folded(countedText(time))),
    ]),
    ...said(report, people),
    ...(trustClaimedTimes
      ? ['', 'Times that signers give for themselves are taken as true, as you asked.']
      : []),
  ];
}

function owed({ obligation, due }: ObligationStatus, { terms }: VerifiedAgreement): string {
  const when = due === undefined ? '' : `, due ${timeText(due)}`;
  return `the ${calledIn(terms, obligation.by)} to the ${calledIn(terms, obligation.to)}${when}`;
}

function folded(text: string): string[] {
  return wrap(`  ${text}`, { indent: '    ' });
}

/** Every statement, since when it is there, and by whose word. */
function said({ agreement: { terms }, given, unused }: Report, people: Known): string[] {
  const nameOf = (print: string) => people.nameOf(print) ?? print;
  const statements = given.flatMap(({ file, kind, payload, signers, seen }) => [
    ...folded(
      `${payload.obligation}: ${kind}${payload.verdict === undefined ? '' : ` ${payload.verdict}`} by ${signers.map((key) => nameOf(thumbprint(key))).join(', ')}, in ${file}`,
    ),
    ...seen.flatMap((one) => folded(`  ${seenText(one, terms)}`)),
    ...payload.evidence.flatMap(({ sha256, note }) =>
      folded(`  evidence ${quoted(note)}, SHA-256 ${hexOf(sha256)}`),
    ),
  ]);
  const contradictions = contradictionsOf(given).flatMap(({ judges, obligation, documents }) =>
    folded(
      `${judges.map(nameOf).join(', ')} said both of ${obligation}: ${commandName()} verify ${documents[0]} --contradiction ${documents[1]}`,
    ),
  );
  return [
    ...(statements.length === 0 ? [] : ['', 'What was said', ...statements]),
    ...(contradictions.length === 0 ? [] : ['', 'Contradictions', ...contradictions]),
    ...(unused.length === 0
      ? []
      : ['', ...folded(`Not about a statement that was given, or not valid: ${unused.join(', ')}`)]),
  ];
}

function hexOf(sha256: string): string {
  return toHex(decodeBase64url(sha256)!);
}

function whoseKeys({ terms, parties }: VerifiedAgreement, people: Known): string[] {
  return Object.entries(parties).flatMap(([role, party]) => {
    const { delegation } = party;
    const principal = delegation?.principal ?? party.key;
    const stranger = delegation === undefined ? 'nobody whom you know' : 'certified by nobody whom you know';
    const whose = isKnown(party, people) ? '' : ` (${stranger})`;
    const bound = delegation === undefined ? [] : delegationText(party, delegation, people);
    return [
      ...wrap(`${calledIn(terms, role)}: ${principalText(principal, people.nameOf)}${whose}`, {
        indent: '  ',
      }),
      ...bound.flatMap((line) => folded(line)),
    ];
  });
}
