import { LedgerError } from '../errors.ts';
import { isAttempt, type PeerRecord } from './record.ts';

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

/** What bounds the attempts on one matter. */
export interface Limits {
  /** Whether seals show in every session that the same was entered. Where they do not, a question that is released again counts again. */
  readonly shown: boolean;
  /** Different attempts that may be released, from the terms. */
  readonly attempts: number;
  /** Bits that the outcome of this attempt discloses to the peer at most; undefined where there is no figure. */
  readonly bits: number | undefined;
  /** Bits that may be disclosed to this peer in all; undefined for no limit. */
  readonly maxDisclosure: number | undefined;
}

/** One released attempt, over all its sessions. */
export interface ReleasedAttempt extends Attempt {
  readonly matter: string;
  readonly bits: number;
  /** How often it has been released where each time counts, else 1. */
  readonly releases: number;
  /** When it was first released. */
  readonly time: string;
  /** Digest of the agreement, once complete. */
  readonly agreement: string | undefined;
}

/** The different attempts that have been released, oldest first. */
export function releasedAttempts(records: readonly PeerRecord[]): ReleasedAttempt[] {
  const released = new Map<string, ReleasedAttempt>();
  for (const record of records.filter(isAttempt)) {
    const { matter, question, own, peer, time } = record;
    const key = JSON.stringify([matter, question, own, peer]);
    const earlier = released.get(key);
    if (record.type === 'released') {
      const bits = Math.max(record.bits, earlier?.bits ?? 0);
      const releases = Math.max(record.releases ?? 1, earlier?.releases ?? 0);
      // Where each release counts, a further one waits for an agreement of its own.
      const agreement = record.releases === undefined ? earlier?.agreement : undefined;
      released.set(key, {
        matter,
        question,
        own,
        peer,
        bits,
        releases,
        time: earlier?.time ?? time,
        agreement,
      });
    } else if (record.type === 'agreed' && earlier !== undefined) {
      released.set(key, { ...earlier, agreement: record.agreement });
    }
  }
  return [...released.values()];
}

/** Bits disclosed to the peer in all released attempts, under any matter. */
export function disclosedBits(records: readonly PeerRecord[]): number {
  return releasedAttempts(records).reduce((sum, { bits }) => sum + bits, 0);
}

/**
 * Whether the attempt may go on, given everything recorded about this peer. Throws LedgerError `ERR_SEAL_CHANGED`,
 * `ERR_ATTEMPTS_EXHAUSTED` or `ERR_DISCLOSURE_LIMIT`.
 */
export function admitAttempt(
  records: readonly PeerRecord[],
  matter: string,
  attempt: Attempt,
  limits: Limits,
): void {
  const released = releasedAttempts(records);
  const onMatter = released.filter((other) => other.matter === matter);
  const repeated = onMatter.some((other) => sameAttempt(other, attempt));
  if (repeated && limits.shown) return;
  const unfinished = onMatter.filter(
    (other) => other.agreement === undefined && !sameAttempt(other, attempt),
  );
  const sealed = unfinished.find((other) => isSealed(other));
  if (sealed !== undefined) throw changed(sealed, attempt);
  // Without seals nothing tells a repeated bid from another one: only what came to an agreement is not held against it.
  const counted = isSealed(attempt) ? onMatter : unfinished;
  const used = counted.reduce((sum, { releases }) => sum + releases, 0);
  if (used >= limits.attempts) {
    throw new LedgerError(
      'ERR_ATTEMPTS_EXHAUSTED',
      `the terms allow ${limits.attempts} ${limits.attempts === 1 ? 'attempt' : 'attempts'} on this matter, and ${limits.attempts === 1 ? 'it has' : 'they have'} been used`,
      { hint: 'a further bid needs new terms with more attempts, which both sides accept' },
    );
  }
  if (limits.maxDisclosure === undefined) return;
  if (limits.bits === undefined) {
    throw new LedgerError('ERR_DISCLOSURE_LIMIT', 'there is no figure for what this outcome would disclose', {
      hint: 'leave the disclosure limit out, or use a rule that has a leakage figure',
    });
  }
  const before = released.reduce((sum, { bits }) => sum + bits, 0);
  if (before + limits.bits > limits.maxDisclosure) {
    throw new LedgerError(
      'ERR_DISCLOSURE_LIMIT',
      `this outcome could bring what is disclosed to this peer to ${shown(before + limits.bits)} bits; the limit is ${shown(limits.maxDisclosure)}`,
      { hint: 'raise the limit, or choose a rule that discloses less' },
    );
  }
}

/** What the record of a further release holds: bits and number add up where each release counts. */
export function releaseOf(
  records: readonly PeerRecord[],
  matter: string,
  attempt: Attempt,
  { shown, bits = 0 }: Limits,
): { readonly bits: number; readonly releases?: number } {
  if (shown) return { bits };
  const earlier = releasedAttempts(records).find(
    (other) => other.matter === matter && sameAttempt(other, attempt),
  );
  return { bits: bits + (earlier?.bits ?? 0), releases: 1 + (earlier?.releases ?? 0) };
}

/** Whether two attempts are one. */
export function sameAttempt(left: Attempt, right: Attempt): boolean {
  return left.question === right.question && left.own === right.own && left.peer === right.peer;
}

/** Whether an attempt is bound to seals: two seals are never alike, their keys being different. */
function isSealed({ own, peer }: Attempt): boolean {
  return own !== peer;
}

function changed(unfinished: Attempt, attempt: Attempt): LedgerError {
  const what =
    unfinished.question !== attempt.question
      ? 'the terms have changed'
      : unfinished.own !== attempt.own
        ? 'this side has another sealed bid'
        : 'the other side has another sealed bid';
  return new LedgerError('ERR_SEAL_CHANGED', `${what} since an outcome was released that is not yet agreed`, {
    hint: 'finish that negotiation first, with the same terms and the same bids',
  });
}

function shown(bits: number): string {
  return String(Math.ceil(bits * 100) / 100);
}
