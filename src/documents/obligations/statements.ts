import * as z from 'zod';
import { InputError, VerificationError } from '../../errors.ts';
import { cosign } from '../cosign.ts';
import { defineDocument, type ReadDocument } from '../define.ts';
import type { Identity } from '../identity.ts';
import { encodeBase64url } from '../json.ts';
import { type GeneralJws, typeOf } from '../jws.ts';
import { bytesOf, timeMember } from '../members.ts';
import { asMembers, type Principal } from '../principal.ts';
import type { PublicJwk } from '../terms.ts';
import { isPlainText } from '../text.ts';
import { formatTime, LAST_SECOND, secondsOf } from '../time.ts';
import { documentTypes } from '../types.ts';
import { obligationId } from './terms.ts';

/** A file that somebody points to. Nothing in Parley looks at it. */
export interface Evidence {
  /** Its SHA-256, 32 bytes in base64url. */
  readonly sha256: string;
  /** What it is, in the signer's words. */
  readonly note: string;
}

/** What a statement about an obligation says. */
export interface StatementPayload {
  readonly parley: 1;
  /** The outcome digest of the agreement, 32 bytes in base64url. */
  readonly agreement: string;
  readonly obligation: string;
  /** In a verdict, and only there. */
  readonly verdict?: Verdict;
  /** In a verdict of the side that it is owed to, which judges itself where the terms say `judge: 'to'`; a verdict of other judges has no such member. */
  readonly judge?: 'to';
  /** When it was made, as its signer says: UTC, in whole seconds. */
  readonly made: string;
  readonly evidence: readonly Evidence[];
}

export type Verdict = 'kept' | 'broken';

/** The kinds of statements, and what each is called, with an article. */
export const statementKinds = { claim: 'a claim', verdict: 'a verdict', objection: 'an objection' } as const;
export type StatementKind = keyof typeof statementKinds;

/** A statement that has been read, its signatures not checked. */
export interface ReadStatement extends ReadDocument<StatementPayload> {
  readonly kind: StatementKind;
}

/** The most files that one statement points to. */
export const MAX_EVIDENCE = 32;
/** The most bytes of a statement: room for as many files and signatures as there can be. */
const LIMIT = 65_536;

const evidence = z.strictObject({ sha256: bytesOf(32), note: z.string().refine(isPlainText) });
const common = {
  parley: z.literal(1),
  agreement: bytesOf(32),
  obligation: obligationId,
  made: timeMember.refine((time) => secondsOf(time) <= LAST_SECOND),
  evidence: z.array(evidence).max(MAX_EVIDENCE),
};
const form = {
  limit: LIMIT,
  codes: {
    format: 'ERR_STATEMENT_FORMAT',
    signers: 'ERR_STATEMENT_SIGNERS',
    signature: 'ERR_STATEMENT_SIGNATURE',
  },
  signers: (_: StatementPayload, by: Principal) => asMembers(by),
} as const;
const kinds = {
  claim: defineDocument<StatementPayload, Principal>({
    ...{ ...form, type: documentTypes.claim, what: statementKinds.claim },
    schema: z.strictObject(common),
  }),
  verdict: defineDocument<StatementPayload, Principal>({
    ...{ ...form, type: documentTypes.verdict, what: statementKinds.verdict },
    schema: z.strictObject({
      ...common,
      verdict: z.enum(['kept', 'broken']),
      judge: z.literal('to').exactOptional(),
    }),
  }),
  objection: defineDocument<StatementPayload, Principal>({
    ...{ ...form, type: documentTypes.objection, what: statementKinds.objection },
    schema: z.strictObject(common),
  }),
} satisfies Record<StatementKind, unknown>;

/** What its signer gives for a statement. */
export interface StatementContent {
  /** The outcome digest of the agreement, 32 bytes. */
  readonly agreement: Uint8Array;
  readonly obligation: string;
  readonly verdict?: Verdict | undefined;
  /** In a verdict: `to`, if the terms say that the side judges to which it is owed. */
  readonly judge?: 'to' | undefined;
  readonly evidence?: readonly Evidence[] | undefined;
  /** Milliseconds since 1970. Default: now. */
  readonly made?: number | undefined;
}

/** A statement with one signature. Whether it is one that counts, `verifyStatement` says. Throws InputError `ERR_USAGE` for content that no such statement can have. */
export async function signStatement(
  kind: StatementKind,
  { agreement, obligation, verdict, judge, evidence = [], made = Date.now() }: StatementContent,
  identity: Identity,
): Promise<GeneralJws> {
  const payload: StatementPayload = {
    parley: 1,
    agreement: encodeBase64url(agreement),
    obligation,
    ...(verdict !== undefined && { verdict }),
    ...(judge !== undefined && { judge }),
    made: formatTime(made),
    evidence,
  };
  const document = kinds[kind].assemble(payload, await kinds[kind].sign(payload, identity));
  try {
    kinds[kind].read(document);
  } catch (cause) {
    throw new InputError('ERR_USAGE', `${statementKinds[kind]} cannot say that`, {
      hint: `name an obligation, at most ${MAX_EVIDENCE} files, and notes that are plain text`,
      cause,
    });
  }
  return document;
}

/**
 * A statement with one signature more, of whom so many make it together. Throws InputError `ERR_USAGE` for a key that is none of theirs, or has signed already; VerificationError
 * `ERR_STATEMENT_SIGNERS` or `ERR_STATEMENT_SIGNATURE` for signatures that it should not have.
 */
export function addSignature(
  statement: ReadStatement,
  by: Principal,
  identity: Identity,
): Promise<GeneralJws> {
  return cosign(kinds[statement.kind], statement, by, identity, by);
}

/** The kind of a statement by its header; undefined for any other document. Verifies nothing. Throws VerificationError `ERR_AGREEMENT_FORMAT`. */
export function statementKindOf(document: Uint8Array | string | object): StatementKind | undefined {
  const type = typeOf(document);
  return (Object.keys(kinds) as StatementKind[]).find((kind) => documentTypes[kind] === type);
}

/** Reads a statement strictly, and verifies no signature. Throws VerificationError `ERR_STATEMENT_FORMAT`. */
export function readStatement(document: Uint8Array | string | object): ReadStatement {
  const kind = statementKindOf(document);
  if (kind === undefined) {
    throw new VerificationError('ERR_STATEMENT_FORMAT', 'this is no claim, verdict or objection');
  }
  return { kind, ...kinds[kind].read(document) };
}

/** Verifies that a statement is signed by a principal. Throws VerificationError `ERR_STATEMENT_SIGNERS` or `ERR_STATEMENT_SIGNATURE`. */
export function checkStatement(statement: ReadStatement, by: Principal): void {
  kinds[statement.kind].check(statement, by);
}

/** Which of these keys have signed a statement: at least one, and nobody else. Throws VerificationError `ERR_STATEMENT_SIGNERS` or `ERR_STATEMENT_SIGNATURE`. */
export function signersOfStatement(
  statement: ReadStatement,
  members: readonly PublicJwk[],
): readonly PublicJwk[] {
  const among = { members, threshold: 1 };
  checkStatement(statement, among);
  return kinds[statement.kind].signedBy(statement, among);
}
