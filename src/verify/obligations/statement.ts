/*
 * What has been said about obligations, once signatures have been checked: the input of `statusOf`. Times are seconds since 1970.
 */

/** Since when a statement is there at the latest, and who says so. */
export type Seen =
  /** Enough witnesses of the terms' log have signed that it was published by then. */
  | { readonly how: 'publication'; readonly at: number }
  /** A side has signed that it had received it by then. It counts against that side only. */
  | { readonly how: 'receipt'; readonly at: number; readonly by: string }
  /** Whoever signed the statement says so. */
  | { readonly how: 'claimed'; readonly at: number };

interface About {
  /** The obligation's id. */
  readonly obligation: string;
  readonly seen: readonly Seen[];
}

/** `by` says that it has done what it owed. */
export interface TimedClaim extends About {
  readonly kind: 'claim';
}

/** `to` says that it has not. */
export interface TimedObjection extends About {
  readonly kind: 'objection';
}

/** A judge's verdict. */
export interface TimedVerdict extends About {
  readonly kind: 'verdict';
  readonly verdict: 'kept' | 'broken';
  /** 'to', or the member `x` of the judge's public key. */
  readonly judge: string;
}

export type TimedStatement = TimedClaim | TimedObjection | TimedVerdict;

/** Which times count. */
export interface Trust {
  /** Also those that a signer gives for its own statement. */
  readonly claimedTimes?: boolean | undefined;
}
