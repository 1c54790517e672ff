import { type GeneralJws, serializeJws } from './jws.ts';
import type { Principal } from './principal.ts';
import { receivedAt } from './receipt.ts';

/*
 * Nothing in Parley knows when something was signed: a signer can write any time. A time counts as proved only if somebody else vouches for it, about the exact bytes of
 * the signed statement, and then it says that the statement existed by then.
 */

/** What comes beside a statement to show how old it is. */
export type TimeEvidence =
  /** The other side's signed receipt. It binds nobody but the side that has signed it. */
  | { readonly kind: 'receipt'; readonly receipt: GeneralJws }
  /** The statement stands in a public log, for all to read, and a witness has signed a state of the log that holds it: a C2SP tlog-proof. */
  | { readonly kind: 'publication'; readonly proof: string };

/** A time by which a statement existed. */
export interface ProvedTime {
  /** Milliseconds since 1970, in whole seconds. */
  readonly time: number;
  readonly by: TimeEvidence['kind'];
}

/** Who can prove the time of a statement. */
export interface TimeSources {
  /** Whose receipts count: the side to which the statement is made. */
  readonly receiver: Principal;
  /** When a publication of these bytes was witnessed, in milliseconds; undefined if its proof does not hold. Absent where the terms name no log. */
  readonly publishedAt?: ((statement: Uint8Array, proof: string) => number | undefined) | undefined;
}

/**
 * All times that the evidence proves for this very statement, the earliest first. Evidence about other statements, or that does not verify, proves nothing and is left
 * out. Needs `loadSodium`.
 */
export function provedTimes(
  statement: GeneralJws,
  evidence: readonly TimeEvidence[],
  { receiver, publishedAt }: TimeSources,
): ProvedTime[] {
  const times = evidence.flatMap((one): ProvedTime[] => {
    const time =
      one.kind === 'receipt'
        ? receivedAt(one.receipt, statement, receiver)
        : publishedAt?.(serializeJws(statement), one.proof);
    return time === undefined ? [] : [{ time, by: one.kind }];
  });
  return times.sort((left, right) => left.time - right.time);
}
