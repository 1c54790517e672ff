import { equalBytes } from '../crypto/bytes.ts';
import { utf8 } from '../crypto/encoding.ts';
import { VerificationError } from '../errors.ts';
import { type GeneralJws, openJws, serializeJws, typeOf } from './jws.ts';
import type { Principal } from './principal.ts';
import { logPolicy, type PublishTerms } from './publish-terms.ts';
import { receivedAt } from './receipt.ts';
import { verifyLogged } from './tlog/proof.ts';
import { documentTypes } from './types.ts';

/*
 * Nothing in Parley knows when something was signed: a signer can write any time. A time counts as proved only if somebody else vouches for it, about the exact bytes of
 * the signed statement, and then it says that the statement existed by then.
 */

/** What comes beside a statement to show how old it is. */
export type TimeEvidence =
  /** The other side's signed receipt. It binds nobody but the side that has signed it. */
  | { readonly kind: 'receipt'; readonly receipt: GeneralJws }
  /** The statement stands in a log for all to read, and witnesses have signed a state of the log that holds it: a C2SP tlog-proof (src/documents/tlog). */
  | { readonly kind: 'publication'; readonly proof: string };

/** A time by which a statement existed. */
export interface ProvedTime {
  /** Seconds since 1970. */
  readonly time: number;
  readonly by: TimeEvidence['kind'];
}

const FIRST_LINE = 'c2sp.org/tlog-proof@';

/** The evidence in a file: a receipt, or a proof of publication; undefined for anything else. Verifies nothing. */
export function timeEvidenceIn(bytes: Uint8Array): TimeEvidence | undefined {
  const isProof = equalBytes(bytes.subarray(0, FIRST_LINE.length), utf8(FIRST_LINE));
  if (isProof) return { kind: 'publication', proof: new TextDecoder().decode(bytes) };
  try {
    return typeOf(bytes) === documentTypes.receipt
      ? { kind: 'receipt', receipt: openJws(bytes).jws }
      : undefined;
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return undefined;
  }
}

/** Who can prove the time of a statement. */
export interface TimeSources {
  /** Whose receipts count: the side to which the statement is made. Default: nobody's. */
  readonly receiver?: Principal | undefined;
  /** The log and its witnesses, if the terms name one. */
  readonly publish?: PublishTerms | undefined;
}

/**
 * All times that the evidence proves for this very statement, the earliest first. Evidence about other statements, or that does not verify, proves nothing and is left
 * out. Needs `loadSodium`.
 */
export function provedTimes(
  statement: GeneralJws,
  evidence: readonly TimeEvidence[],
  { receiver, publish }: TimeSources,
): ProvedTime[] {
  const times = evidence.flatMap((one): ProvedTime[] => {
    const time =
      one.kind === 'receipt'
        ? receiver && receivedAt(one.receipt, statement, receiver)
        : publish && publishedAt(one.proof, statement, publish);
    return time === undefined ? [] : [{ time, by: one.kind }];
  });
  return times.sort((left, right) => left.time - right.time);
}

/** By when the log had this statement, in seconds since 1970; undefined if the proof does not hold. */
function publishedAt(proof: string, statement: GeneralJws, publish: PublishTerms): number | undefined {
  try {
    return verifyLogged(proof, serializeJws(statement), logPolicy(publish)).time;
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return undefined;
  }
}
