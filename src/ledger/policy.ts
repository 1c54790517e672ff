import { LedgerError } from '../errors.ts';
import { type Attempt, isSealed, keyOf, type ReleasedAttempt } from './attempt.ts';
import { fits } from './bits.ts';
import type { History } from './history.ts';

/** What bounds the attempts on one matter. */
export interface Limits {
  /** Whether seals show in every session that the same was entered. Where they do not, a question that is released again counts again. */
  readonly shown: boolean;
  /** Name of the rule. */
  readonly rule: string;
  /** Different attempts that may be released under this rule, from the terms. */
  readonly attempts: number;
  /** Bits that the outcome of this attempt discloses to the peer at most. */
  readonly bits: number;
  /** Bits that may be disclosed to this peer in all; undefined for no limit. */
  readonly maxDisclosure: number | undefined;
}

/**
 * Whether the attempt may go on, given all that is recorded about this peer. Throws LedgerError `ERR_SEAL_CHANGED`,
 * `ERR_ATTEMPTS_EXHAUSTED` or `ERR_DISCLOSURE_LIMIT`.
 */
export function admitAttempt(history: History, matter: string, attempt: Attempt, limits: Limits): void {
  const known = history.attemptsOn(matter);
  const repeated = known.get(keyOf(attempt));
  if (repeated !== undefined && limits.shown) return;
  const onMatter = [...known.values()];
  const unfinished = onMatter.filter((other) => other.agreement === undefined && other !== repeated);
  const sealed = unfinished.find((other) => isSealed(other));
  if (sealed !== undefined) throw changed(sealed, attempt);
  const used = usedAttempts(isSealed(attempt) ? onMatter : unfinished, limits);
  if (used >= limits.attempts) {
    throw new LedgerError(
      'ERR_ATTEMPTS_EXHAUSTED',
      `the terms allow ${limits.attempts} ${limits.attempts === 1 ? 'attempt' : 'attempts'} under this rule on this matter, and ${limits.attempts === 1 ? 'it has' : 'they have'} been used`,
    );
  }
  if (limits.maxDisclosure === undefined) return;
  const before = history.disclosedBits;
  if (!fits(limits.bits, before, limits.maxDisclosure)) {
    throw new LedgerError(
      'ERR_DISCLOSURE_LIMIT',
      `this outcome could bring what is disclosed to this peer to ${shown(before + limits.bits)} bits; the limit is ${shown(limits.maxDisclosure)}`,
      { hint: 'raise the limit, or choose a rule that discloses less' },
    );
  }
}

/** What the ledger knows of an attempt before it has both bids. */
export interface Standing {
  /** Attempts under the same rule on the same matter that have been released. */
  readonly used: number;
  readonly allowed: number;
  /** Whether this question has been released before, so that the same two bids may be entered again, whatever is used up. */
  readonly repeatable: boolean;
}

/** How an attempt on a question stands. Throws as `admitAttempt` does where there are no two bids for which that would not. */
export function foreseeAttempt(
  history: History,
  matter: string,
  { question, sealed }: { readonly question: string; readonly sealed: boolean },
  limits: Limits,
): Standing {
  const onMatter = [...history.attemptsOn(matter).values()];
  const repeatable = sealed && limits.shown && onMatter.some((other) => other.question === question);
  const waiting = onMatter.find(
    (other) => sealed && isSealed(other) && other.question === question && other.agreement === undefined,
  );
  const further = waiting ?? { question, own: '', peer: sealed ? 'further' : '' };
  if (!repeatable) admitAttempt(history, matter, further, limits);
  const held = sealed ? onMatter : onMatter.filter(({ agreement }) => agreement === undefined);
  return { used: usedAttempts(held, limits), allowed: limits.attempts, repeatable };
}

/** Without seals nothing tells a repeated bid from another one: then only what came to no agreement is to be held against a further one. */
function usedAttempts(held: readonly ReleasedAttempt[], limits: Limits): number {
  const counted = held.filter(({ rule }) => rule === undefined || rule === limits.rule);
  return counted.reduce((sum, { releases }) => sum + releases, 0);
}

/** What the record of a further release holds: bits and number add up where each release counts. */
export function releaseOf(
  history: History,
  matter: string,
  attempt: Attempt,
  { shown, bits, rule }: Limits,
): { readonly rule: string; readonly bits: number; readonly releases?: number } {
  if (shown) return { rule, bits };
  const earlier = history.attemptsOn(matter).get(keyOf(attempt));
  return { rule, bits: bits + (earlier?.bits ?? 0), releases: 1 + (earlier?.releases ?? 0) };
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
