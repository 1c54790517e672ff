/**
 * The digests that identify an attempt, in base64url. Two attempts with the same three digests are one attempt. Where the terms have no seals, `own`
 * and `peer` are both the session's digest, so that every session is an attempt of its own.
 */
export interface Attempt {
  /** Everything in the terms that the outcome depends on. */
  readonly question: string;
  readonly own: string;
  readonly peer: string;
}

/** One released attempt, over all its sessions. */
export interface ReleasedAttempt extends Attempt {
  readonly matter: string;
  /** Name of the rule: attempts under one rule are counted together. Undefined if an earlier version recorded the attempt. */
  readonly rule: string | undefined;
  readonly bits: number;
  /** How often the attempt has been released, where each release counts; otherwise 1. */
  readonly releases: number;
  /** When it was first released. */
  readonly time: string;
  /** Digest of the agreement, once complete. */
  readonly agreement: string | undefined;
}

/** A key that differs for different attempts on one matter: digests in base64url all have the same length. */
export function keyOf({ question, own, peer }: Attempt): string {
  return `${question} ${own} ${peer}`;
}

/** Whether an attempt is bound to seals. The two sides' seals are never equal, since their keys differ. */
export function isSealed({ own, peer }: Attempt): boolean {
  return own !== peer;
}

/** The attempt of a session that has been released and is not agreed. Without seals each session is an attempt of its own; with them there is one at most. */
export function unfinishedAttempt(
  attempts: readonly ReleasedAttempt[],
  question: string,
  session: string,
): ReleasedAttempt | undefined {
  return attempts.find(
    (attempt) =>
      attempt.question === question &&
      attempt.agreement === undefined &&
      (isSealed(attempt) || attempt.own === session),
  );
}
