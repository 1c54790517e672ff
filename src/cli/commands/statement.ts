import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { VerifiedAgreement } from '../../documents/agreement.ts';
import type { Identity } from '../../documents/identity.ts';
import { encodeBase64url } from '../../documents/json.ts';
import { type GeneralJws, serializeJws } from '../../documents/jws.ts';
import {
  type Evidence,
  readStatement,
  type StatementKind,
  signStatement,
  statementKinds,
  type Verdict,
} from '../../documents/obligations/statements.ts';
import { hasJudges } from '../../documents/obligations/terms.ts';
import { outcomeDigest } from '../../documents/outcome-digest.ts';
import { isPlainText, quoted } from '../../documents/text.ts';
import { VerificationError } from '../../errors.ts';
import { readBytes, refuseExisting, writeNew } from '../../node/home/files.ts';
import { cosignStatement, signaturesMissing } from '../../verify/obligations/verify-statement.ts';
import { verifyAgreement } from '../../verify/verify.ts';
import { usageError } from '../terminal/failure.ts';
import { printJson, say } from '../terminal/terminal.ts';
import { timeText } from './obligation-words.ts';
import { openOwn } from './own.ts';
import { readWitnessed } from './witness-files.ts';
import type { WitnessFlags } from './witness-options.ts';

/** Milliseconds by which two clocks may differ. */
const CLOCK_SKEW = 120_000;

export interface StatementFlags extends WitnessFlags {
  readonly out: string;
  readonly evidence?: readonly string[];
  readonly cosign?: string;
  readonly kept?: boolean;
  readonly broken?: boolean;
  readonly identity?: string;
  readonly json?: boolean;
}

/** `parley claim|judge|object AGREEMENT ID [--kept | --broken] [--evidence FILE …] --out F`: signs a statement about an obligation. */
export async function state(
  kind: StatementKind,
  path: string,
  obligation: string,
  flags: StatementFlags,
  signal: AbortSignal,
): Promise<void> {
  const verdict = kind === 'verdict' ? verdictIn(flags) : undefined;
  if (flags.cosign !== undefined && flags.evidence !== undefined)
    throw usageError('--cosign takes the statement as it is', 'leave --evidence out');
  await refuseExisting(flags.out);
  const agreement = await verifyAgreement(await readBytes(path, 'the agreement file'), {
    parties: 'unpinned',
    witnessed: await readWitnessed(flags),
  });
  const { obligations = [] } = agreement.terms;
  const owed = obligations.find(({ id }) => id === obligation);
  if (owed === undefined) {
    const ids = obligations.map(({ id }) => id).join(', ');
    throw usageError(
      `the agreement has no obligation ${quoted(obligation)}`,
      ids === '' ? 'its terms have none' : `it has ${ids}`,
    );
  }
  const evidence: Evidence[] = [];
  for (const file of flags.evidence ?? []) evidence.push(await evidenceOf(file));
  const { identity } = await openOwn(flags.identity, signal);
  const judge = kind === 'verdict' && !hasJudges(owed) ? ('to' as const) : undefined;
  const content = { agreement: outcomeDigest(agreement), obligation, verdict, judge, evidence };
  const statement =
    flags.cosign === undefined
      ? await signStatement(kind, content, identity)
      : await cosigned(flags.cosign, { kind, obligation, verdict }, agreement, identity);
  let missing = 0;
  try {
    missing = signaturesMissing(statement, agreement);
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    throw usageError(`this identity cannot make ${statementKinds[kind]} about ${obligation}`, WHO[kind]);
  }
  await writeNew(flags.out, serializeJws(statement), 0o644);
  if (flags.json === true) printJson({ kind, obligation, verdict, statement: flags.out, missing });
  say(`${statementKinds[kind]} about ${obligation} is in ${flags.out}`);
  if (missing > 0) return sayMissing(missing, flags.out);
  say(
    agreement.terms.publish === undefined
      ? 'it counts from when the other side has signed a receipt of it'
      : `it counts from when it is published in the log at ${quoted(agreement.terms.publish.at)}, or the other side has signed a receipt of it`,
  );
}

/** Says how a document gets the signatures that it needs before it counts. */
export function sayMissing(missing: number, out: string): void {
  say(
    `it needs ${missing} more ${missing === 1 ? 'signature' : 'signatures'}: give it to another member, who adds one with --cosign ${out}`,
  );
}

/** The statement in a file, if it is the one that the command names, with this identity's signature. */
async function cosigned(
  path: string,
  wanted: Readonly<Record<'kind' | 'obligation' | 'verdict', string | undefined>>,
  agreement: VerifiedAgreement,
  identity: Identity,
): Promise<GeneralJws> {
  const bytes = await readBytes(path, 'the statement to sign with others');
  const { kind, payload } = readStatement(bytes);
  const same = kind === wanted.kind && payload.obligation === wanted.obligation;
  if (!same || payload.verdict !== wanted.verdict) {
    throw usageError(
      `${path} says something else: ${statementKinds[kind]}${payload.verdict === undefined ? '' : ` ${payload.verdict}`} about ${payload.obligation}`,
      'look at it with show before you sign it',
    );
  }
  refuseFuture(path, payload.made);
  say(`you sign what another member has written: it was made at ${timeText(payload.made)}`);
  for (const { note, sha256 } of payload.evidence) say(`evidence: ${quoted(note)}, SHA-256 ${sha256}`);
  return cosignStatement(bytes, agreement, identity);
}

/** Refuses to sign with others what they say of a time that is still to come, by this clock. */
export function refuseFuture(path: string, time: string): void {
  if (Date.parse(time) <= Date.now() + CLOCK_SKEW) return;
  throw usageError(
    `${path} says ${timeText(time)}, which is still to come`,
    'ask whoever wrote it for one with the right time, and look at the clock here',
  );
}

/** Who can make each statement. */
const WHO = {
  claim: 'a claim is made by whoever owes it',
  verdict:
    'a verdict is given by a judge whom the terms name, or where nobody else judges by whom it is owed to',
  objection: 'an objection is made by whom it is owed to',
} as const;

function verdictIn({ kept = false, broken = false }: StatementFlags): Verdict {
  if (kept === broken) throw usageError('a verdict is one of two', 'write --kept or --broken');
  return kept ? 'kept' : 'broken';
}

/** A file's digest, and its name. */
async function evidenceOf(path: string): Promise<Evidence> {
  const note = basename(path);
  if (!isPlainText(note)) {
    throw usageError('the name of a file given as evidence is not plain text', 'give the file another name');
  }
  const hash = createHash('sha256');
  try {
    for await (const part of createReadStream(path)) hash.update(part as Uint8Array);
  } catch {
    await readBytes(path, 'the evidence'); // says why it cannot be read
  }
  return { sha256: encodeBase64url(hash.digest()), note };
}
