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
  /** Digest of the session in which it was last released. */
  readonly session: string;
  /** Digest of the agreement, once complete, or of the proof that takes its place. */
  readonly agreement: string | undefined;
  /** How it has ended without one: an arbiter has opened nothing, or this side's owner has given up. */
  readonly end: 'void' | 'unknown' | undefined;
  /** Whether its deal had to be ratified, in one of its sessions at least: then an agreement does not give it back. */
  readonly ratified: boolean;
  /** Whether it no longer counts as an attempt. Its bits count for ever. */
  readonly returned: boolean;
}

/** A key that differs for different attempts on one matter: digests in base64url all have the same length. */
export function keyOf({ question, own, peer }: Attempt): string {
  return `${question} ${own} ${peer}`;
}

/** Whether an attempt is bound to seals. The two sides' seals are never equal, since their keys differ. */
export function isSealed({ own, peer }: Attempt): boolean {
  return own !== peer;
}

/** Whether an attempt has been released, and waits for its agreement. */
export function isUnfinished({ agreement, end }: Pick<ReleasedAttempt, 'agreement' | 'end'>): boolean {
  return agreement === undefined && end === undefined;
}

/** The attempt that was last released in a session, and waits for its agreement; or, with `proved`, that its owner has given up, since a proof can come later. */
export function unfinishedAttempt(
  attempts: readonly ReleasedAttempt[],
  question: string,
  session: string,
  proved: boolean,
): ReleasedAttempt | undefined {
  const ends = (attempt: ReleasedAttempt) =>
    isUnfinished(attempt) || (proved && attempt.agreement === undefined && attempt.end === 'unknown');
  return attempts.find(
    (attempt) => attempt.question === question && attempt.session === session && ends(attempt),
  );
}
