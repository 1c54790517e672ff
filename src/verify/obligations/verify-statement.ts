import { equalBytes } from '../../crypto/bytes.ts';
import type { VerifiedAgreement, VerifiedParty } from '../../documents/agreement.ts';
import type { Identity } from '../../documents/identity.ts';
import { decodeBase64url } from '../../documents/json.ts';
import type { GeneralJws } from '../../documents/jws.ts';
import {
  addSignature,
  checkStatement,
  type ReadStatement,
  readStatement,
  type StatementKind,
  type StatementPayload,
  signersOfStatement,
  statementKinds,
} from '../../documents/obligations/statements.ts';
import { hasJudges, type Obligation } from '../../documents/obligations/terms.ts';
import { outcomeDigest } from '../../documents/outcome-digest.ts';
import { asMembers, type Principal } from '../../documents/principal.ts';
import type { PublicJwk } from '../../documents/terms.ts';
import { LAST_SECOND, secondsOf } from '../../documents/time.ts';
import { provedTimes, type TimeEvidence } from '../../documents/time-evidence.ts';
import { VerificationError } from '../../errors.ts';
import type { Seen, TimedStatement } from './statement.ts';

/** An agreement as statements about it need it. */
export interface StatedAgreement extends Pick<VerifiedAgreement, 'terms' | 'session' | 'outcome'> {
  /** By role. */
  readonly parties: Readonly<Record<string, Pick<VerifiedParty, 'key' | 'delegation'>>>;
}

/** A statement about an obligation whose signatures, scope and times have been verified. */
export interface VerifiedStatement {
  readonly kind: StatementKind;
  readonly payload: StatementPayload;
  readonly document: GeneralJws;
  /** Whose signatures it has. */
  readonly signers: readonly PublicJwk[];
  /** What it means for the status of its obligation: one entry, or one for each judge who has signed it. */
  readonly timed: readonly TimedStatement[];
}

/** Who answers for a side, and so signs its statements and receipts: its principal, where a delegate has signed the agreement for one. The delegate's key can sign none of them. */
function principalOf({ terms, parties }: StatedAgreement, role: string): Principal {
  const { key, delegation } = parties[role]!;
  if (terms.mandates?.[role] === undefined) return key;
  if (delegation !== undefined) return delegation.principal;
  throw new VerificationError(
    'ERR_STATEMENT_SIGNERS',
    'nothing shows for whom a party of the agreement acts',
  );
}

/**
 * Verifies a statement: its form, that it is about this agreement and one of its obligations, and that it is signed by whoever can make it. Evidence of its time that does not verify, or is about
 * something else, is left out. Throws VerificationError `ERR_STATEMENT_FORMAT`, `ERR_STATEMENT_SCOPE`, `ERR_STATEMENT_SIGNERS` or `ERR_STATEMENT_SIGNATURE`. Needs `loadSodium`.
 */
export function verifyStatement(
  document: Uint8Array | string | object,
  agreement: StatedAgreement,
  evidence: readonly TimeEvidence[] = [],
): VerifiedStatement {
  const read = readStatement(document);
  const obligation = obligationOf(read, agreement);
  const signers = checkSigners(read, signersFor(read, obligation, agreement));
  const { kind, payload, jws } = read;
  return {
    ...{ kind, payload, signers },
    document: jws,
    timed: timed(read, obligation, signers, seenOf(read, agreement, evidence)),
  };
}

function obligationOf({ kind, payload }: ReadStatement, agreement: StatedAgreement): Obligation {
  const about = decodeBase64url(payload.agreement)!;
  if (!equalBytes(about, outcomeDigest(agreement))) {
    throw outOfScope(`${statementKinds[kind]} is about another agreement`);
  }
  const found = agreement.terms.obligations?.find(({ id }) => id === payload.obligation);
  if (found === undefined) {
    throw outOfScope(
      `${statementKinds[kind]} is about the obligation ${payload.obligation}, which is not in the terms`,
    );
  }
  if (kind === 'verdict' && (payload.judge === 'to') === hasJudges(found)) {
    throw outOfScope(
      hasJudges(found)
        ? 'a verdict says that it is of the side to which it is owed, and the terms name judges'
        : 'a verdict does not say that it is of the side to which it is owed, and the terms name no judges',
    );
  }
  return found;
}

/** Whose statement it has to be. Of judges one is enough to make it, and several may sign together. */
function signersFor(
  { kind }: Pick<ReadStatement, 'kind'>,
  obligation: Obligation,
  agreement: StatedAgreement,
): Principal {
  if (kind === 'verdict' && hasJudges(obligation)) {
    return { members: obligation.judge.members, threshold: 1 };
  }
  return principalOf(agreement, kind === 'claim' ? obligation.by : obligation.to);
}

/** The keys that have signed, if they are enough. */
function checkSigners(read: ReadStatement, by: Principal): readonly PublicJwk[] {
  checkStatement(read, by);
  return signersOfStatement(read, asMembers(by).members);
}

/**
 * A statement with one signature more, where whoever makes it has several keys. Throws InputError `ERR_USAGE` for a key that is none of theirs or has signed already, and VerificationError as
 * `verifyStatement` does, but for missing signatures. Needs `loadSodium`.
 */
export function cosignStatement(
  document: Uint8Array | string | object,
  agreement: StatedAgreement,
  identity: Identity,
): Promise<GeneralJws> {
  const read = readStatement(document);
  return addSignature(read, signersFor(read, obligationOf(read, agreement), agreement), identity);
}

/** The sides by whose receipt the time of a statement is proved, by role, and who signs for them: those against which it counts. */
export function receiversOf(
  { kind, payload }: Pick<ReadStatement, 'kind' | 'payload'>,
  agreement: StatedAgreement,
): ReadonlyMap<string, Principal> {
  const { obligations = [] } = agreement.terms;
  const { by, to, remedy } = obligations.find(({ id }) => id === payload.obligation)!;
  const owing = obligations.find(({ id }) => id === remedy)?.by;
  const isObjection = kind === 'objection' || (payload.judge === 'to' && payload.verdict === 'broken');
  const roles = kind === 'claim' ? [to] : isObjection ? [by] : payload.verdict === 'broken' ? [owing] : [];
  return new Map(roles.flatMap((role) => (role === undefined ? [] : [[role, principalOf(agreement, role)]])));
}

/** How many signatures a statement still needs, before it counts. Throws VerificationError as `verifyStatement` does, but for missing signatures. Needs `loadSodium`. */
export function signaturesMissing(
  document: Uint8Array | string | object,
  agreement: StatedAgreement,
): number {
  const read = readStatement(document);
  const { members, threshold } = asMembers(signersFor(read, obligationOf(read, agreement), agreement));
  return Math.max(0, threshold - signersOfStatement(read, members).length);
}

/** Since when it is there, by everything that says so. Whom a time counts against, `statusOf` decides. */
function seenOf(
  { payload, jws }: ReadStatement,
  agreement: StatedAgreement,
  evidence: readonly TimeEvidence[],
): Seen[] {
  const { parties, publish } = agreement.terms;
  const receipts = evidence.filter(({ kind }) => kind === 'receipt');
  const received = Object.keys(parties).flatMap((by) =>
    provedTimes(jws, receipts, { receiver: principalOf(agreement, by) }).map(
      ({ time }): Seen => ({ how: 'receipt', by, at: time }),
    ),
  );
  const proofs = evidence.filter(({ kind }) => kind === 'publication');
  const published = provedTimes(jws, proofs, { publish }).map(
    ({ time }): Seen => ({ how: 'publication', at: time }),
  );
  const proved = [...published, ...received].filter(({ at }) => at <= LAST_SECOND);
  return [...proved, { how: 'claimed', at: secondsOf(payload.made) }];
}

function timed(
  { kind, payload: { obligation, verdict } }: ReadStatement,
  { judge }: Obligation,
  signers: readonly PublicJwk[],
  seen: readonly Seen[],
): TimedStatement[] {
  if (kind !== 'verdict') return [{ kind, obligation, seen }];
  const judges = judge === 'to' ? ['to'] : signers.map(({ x }) => x);
  return judges.map((one) => ({ kind, obligation, seen, verdict: verdict!, judge: one }));
}

function outOfScope(message: string): VerificationError {
  return new VerificationError('ERR_STATEMENT_SCOPE', message);
}
