import { wrap } from '../../../protocols/lines.ts';
import { toHex } from '../../crypto/encoding.ts';
import type { VerifiedAgreement } from '../../documents/agreement.ts';
import { thumbprint } from '../../documents/identity.ts';
import { decodeBase64url } from '../../documents/json.ts';
import { openJws, typeOf } from '../../documents/jws.ts';
import { statementKindOf } from '../../documents/obligations/statements.ts';
import { outcomeDigest } from '../../documents/outcome-digest.ts';
import { calledIn } from '../../documents/roles.ts';
import { quoted } from '../../documents/text.ts';
import { isTime, secondsOf, timeOf } from '../../documents/time.ts';
import type { TimeEvidence } from '../../documents/time-evidence.ts';
import { documentTypes } from '../../documents/types.ts';
import { VerificationError } from '../../errors.ts';
import { readBytes } from '../../node/home/files.ts';
import { contradictingVerdicts } from '../../verify/obligations/contradiction.ts';
import type { Seen } from '../../verify/obligations/statement.ts';
import { type ObligationStatus, statusOf } from '../../verify/obligations/status.ts';
import { type VerifiedStatement, verifyStatement } from '../../verify/obligations/verify-statement.ts';
import { verifyAgreement } from '../../verify/verify.ts';
import { outcomeText } from '../terminal/amounts.ts';
import { commandName } from '../terminal/command-name.ts';
import { describeFailure, exitCodes, failureLine, usageError } from '../terminal/failure.ts';
import { print } from '../terminal/output.ts';
import { printJson, say, style } from '../terminal/terminal.ts';
import { type Known, known } from './known.ts';
import { countedText, HOW, reasonText, timeText } from './obligation-words.ts';

export interface ObligationsFlags {
  readonly at?: string;
  readonly trustClaimedTimes?: boolean;
  readonly json?: boolean;
}

/** A statement with the file that it comes from. */
interface Given extends VerifiedStatement {
  readonly file: string;
  /** What vouches for its time. */
  readonly seen: readonly Seen[];
}

interface EvidenceFile {
  readonly file: string;
  readonly evidence: TimeEvidence;
}

const FIRST_LINE = 'c2sp.org/tlog-proof@';

/**
 * `parley obligations AGREEMENT [STATEMENT …] [--at TIME] [--trust-claimed-times] [--json]`: how it stands with each obligation. Statements, receipts and proofs of publication may be given in any
 * order. Returns the exit code: 1 for a document that is not valid.
 */
export async function obligations(
  path: string,
  files: readonly string[],
  flags: ObligationsFlags,
): Promise<number> {
  const { at, trustClaimedTimes = false, json = false } = flags;
  if (at !== undefined && !isTime(at)) {
    throw usageError(`--at ${at} is not a UTC time`, 'write it like 2027-01-31T12:00:00Z');
  }
  const now = at === undefined ? Math.floor(Date.now() / 1000) : secondsOf(at);
  let reading = path;
  try {
    const agreement = await verifyAgreement(await readBytes(path, 'the agreement file'), {
      parties: 'unpinned',
    });
    const statements: { file: string; bytes: Uint8Array }[] = [];
    const evidence: EvidenceFile[] = [];
    for (const file of files) {
      reading = file;
      const bytes = await readBytes(file, 'the statement');
      const found = evidenceIn(bytes);
      if (found !== undefined) evidence.push({ file, evidence: found });
      else statements.push({ file, bytes });
    }
    const given: Given[] = [];
    const used = new Set<string>();
    for (const { file, bytes } of statements) {
      reading = file;
      given.push(readGiven(file, bytes, agreement, evidence, used));
    }
    const timed = given.flatMap((one) => one.timed.map((entry) => ({ ...entry, seen: one.seen })));
    const statuses = statusOf(agreement, timed, now * 1000, { claimedTimes: trustClaimedTimes });
    const unused = evidence.filter(({ file }) => !used.has(file)).map(({ file }) => file);
    const report = { agreement, now, statuses, given, unused, trustClaimedTimes };
    if (json) printJson(asJson(report));
    else print(`${lines(report, await known()).join('\n')}\n`);
    return exitCodes.done;
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    if (json) printJson({ valid: false, file: reading, code: error.code });
    say(`${style(['bold', 'red'], 'NOT VALID')}: ${reading}: ${failureLine(describeFailure(error))}`);
    return exitCodes.failed;
  }
}

/** A receipt or a proof of publication; undefined for what has to be a statement. */
function evidenceIn(bytes: Uint8Array): TimeEvidence | undefined {
  const text = new TextDecoder().decode(bytes);
  if (text.startsWith(FIRST_LINE)) return { kind: 'publication', proof: text };
  if (typeOf(bytes) !== documentTypes.receipt) {
    if (statementKindOf(bytes) !== undefined) return undefined;
    throw new VerificationError(
      'ERR_STATEMENT_FORMAT',
      'this is no claim, verdict or objection, nor a receipt or a proof of publication of one',
    );
  }
  return { kind: 'receipt', receipt: openJws(bytes).jws };
}

/** Verifies a statement, with whatever vouches for its time. */
function readGiven(
  file: string,
  bytes: Uint8Array,
  agreement: VerifiedAgreement,
  evidence: readonly EvidenceFile[],
  used: Set<string>,
): Given {
  const alone = verifyStatement(bytes, agreement);
  const claimed = alone.timed[0]!.seen;
  const proved = evidence.flatMap((one) => {
    const seen = verifyStatement(bytes, agreement, [one.evidence]).timed[0]!.seen;
    const more = seen.filter(({ how }) => how !== 'claimed');
    if (more.length > 0) used.add(one.file);
    return more;
  });
  return { ...alone, file, seen: [...proved, ...claimed] };
}

interface Report {
  readonly agreement: VerifiedAgreement;
  /** Seconds since 1970. */
  readonly now: number;
  readonly statuses: readonly ObligationStatus[];
  readonly given: readonly Given[];
  /** Files that vouch for no statement that was given. */
  readonly unused: readonly string[];
  readonly trustClaimedTimes: boolean;
}

function asJson({ agreement, now, statuses, given, unused, trustClaimedTimes }: Report): object {
  return {
    agreement: toHex(outcomeDigest(agreement)),
    outcome: agreement.outcome,
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

function contradictionsOf(given: readonly Given[]) {
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
  const { terms, outcome } = agreement;
  const width = Math.max(...statuses.map(({ obligation }) => obligation.id.length), 0);
  return [
    `Obligations on ${quoted(terms.subject)}, as of ${timeText(timeOf(now))}`,
    `Outcome: ${outcomeText(outcome, terms)}`,
    ...whoseKeys(agreement, people),
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
function said({ given, unused }: Report, people: Known): string[] {
  const nameOf = (print: string) => people.nameOf(print) ?? print;
  const statements = given.flatMap(({ file, kind, payload, signers, seen }) => [
    ...folded(
      `${payload.obligation}: ${kind}${payload.verdict === undefined ? '' : ` ${payload.verdict}`} by ${signers.map((key) => nameOf(thumbprint(key))).join(', ')}, in ${file}`,
    ),
    ...seen.flatMap((one) => folded(`  ${timeText(timeOf(one.at))}: ${HOW[one.how]}`)),
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

function whoseKeys({ terms }: VerifiedAgreement, people: Known): string[] {
  return Object.entries(terms.parties).map(([role, key]) => {
    const name = people.nameOf(key);
    return `${calledIn(terms, role)}: ${name === undefined ? 'nobody whom you know' : name}, key ${thumbprint(key)}`;
  });
}
