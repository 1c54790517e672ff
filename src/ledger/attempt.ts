/**
 * What identifies an attempt: digests in base64url. Two attempts with the same three are one. Where the terms have no seals, `own` and `peer`
 * are both the session's digest, so that every session is an attempt of its own.
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
  /** Name of the rule: attempts under one rule are counted together. Undefined where an earlier version has recorded it. */
  readonly rule: string | undefined;
  readonly bits: number;
  /** How often it has been released where each time counts, else 1. */
  readonly releases: number;
  /** When it was first released. */
  readonly time: string;
  /** Digest of the agreement, once complete. */
  readonly agreement: string | undefined;
}

/** Tells the attempts on one matter apart: digests in base64url have one length. */
export function keyOf({ question, own, peer }: Attempt): string {
  return `${question} ${own} ${peer}`;
}

/** Whether an attempt is bound to seals: two seals are never alike, their keys being different. */
export function isSealed({ own, peer }: Attempt): boolean {
  return own !== peer;
}
