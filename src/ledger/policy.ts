import { LedgerError } from '../errors.ts';
import { type Attempt, isSealed, isUnfinished, keyOf, type ReleasedAttempt } from './attempt.ts';
import { fits } from './bits.ts';
import type { History } from './history.ts';

/** Bounds on the attempts on one matter. */
export interface Limits {
  /** Whether seals prove, in every session, that the same mandate was entered. If not, a question that is released again counts again. */
  readonly shown: boolean;
  /** Name of the rule. */
  readonly rule: string;
  /** How many different attempts may be released under this rule, from the terms. */
  readonly attempts: number;
  /** The most bits that the outcome of this attempt can disclose to the peer. */
  readonly bits: number;
  /** The most bits that may be disclosed to this peer in total; undefined for no limit. */
  readonly maxDisclosure: number | undefined;
  /** Whether a deal has to be ratified under the terms, and so may lapse after its agreement: then the agreement does not give this attempt back, under whatever terms the next one is. */
  readonly ratified?: boolean | undefined;
}

/**
 * Checks the attempt against all that is recorded about this peer. Throws LedgerError `ERR_SEAL_CHANGED`,
 * `ERR_ATTEMPTS_EXHAUSTED` or `ERR_DISCLOSURE_LIMIT` if it may not go on.
 */
export function admitAttempt(history: History, matter: string, attempt: Attempt, limits: Limits): void {
  const known = history.attemptsOn(matter);
  const repeated = known.get(keyOf(attempt));
  if (repeated !== undefined && limits.shown) return;
  const onMatter = [...known.values()];
  const unagreed = onMatter.filter((other) => other.agreement === undefined && other !== repeated);
  const sealed = unagreed.find((other) => isSealed(other) && isUnfinished(other));
  if (sealed !== undefined) throw changed(sealed, attempt);
  const others = isSealed(attempt) ? onMatter : onMatter.filter((other) => other !== repeated);
  const used = usedAttempts(others, isSealed(attempt), limits);
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
  /** How many attempts have been released under the same rule on the same matter. */
  readonly used: number;
  readonly allowed: number;
  /** Whether this question has been released before. The same two bids may then be entered again, even if all attempts are used up. */
  readonly repeatable: boolean;
}

/** How an attempt on a question stands. Throws what `admitAttempt` throws if it would refuse every pair of bids. */
export function foreseeAttempt(
  history: History,
  matter: string,
  { question, sealed }: { readonly question: string; readonly sealed: boolean },
  limits: Limits,
): Standing {
  const onMatter = [...history.attemptsOn(matter).values()];
  const repeatable = sealed && limits.shown && onMatter.some((other) => other.question === question);
  const waiting = onMatter.find(
    (other) => sealed && isSealed(other) && other.question === question && isUnfinished(other),
  );
  const further = waiting ?? { question, own: '', peer: sealed ? 'further' : '' };
  if (!repeatable) admitAttempt(history, matter, further, limits);
  return { used: usedAttempts(onMatter, sealed, limits), allowed: limits.attempts, repeatable };
}

/**
 * How many of these attempts count as used for another one, with seals or without. Without seals a repeated bid looks like another one, so those that ended with an agreement do not count, unless it
 * had to be ratified: that one may have lapsed.
 */
function usedAttempts(held: readonly ReleasedAttempt[], sealed: boolean, limits: Limits): number {
  const counted = held.filter(
    ({ rule, returned, agreement, ratified }) =>
      !returned &&
      (rule === undefined || rule === limits.rule) &&
      (sealed || agreement === undefined || ratified),
  );
  return counted.reduce((sum, { releases }) => sum + releases, 0);
}

/** The contents of the record of a further release. Where each release counts, it holds the totals of bits and releases. */
export function releaseOf(
  history: History,
  matter: string,
  attempt: Attempt,
  { shown, bits, rule, ratified }: Limits,
): { readonly rule: string; readonly bits: number; readonly releases?: number; readonly ratified?: true } {
  const lapsing = ratified === true ? { ratified } : {};
  if (shown) return { rule, bits, ...lapsing };
  const earlier = history.attemptsOn(matter).get(keyOf(attempt));
  return { rule, bits: bits + (earlier?.bits ?? 0), releases: 1 + (earlier?.releases ?? 0), ...lapsing };
}

function changed(unfinished: Attempt, attempt: Attempt): LedgerError {
  const what =
    unfinished.question !== attempt.question
      ? 'the terms have changed'
      : unfinished.own !== attempt.own
        ? 'this side has another sealed bid'
        : 'the other side has another sealed bid';
  return new LedgerError('ERR_SEAL_CHANGED', `${what} since an outcome was released that is not yet agreed`, {
    hint: 'finish that negotiation first, with the same terms, keys and bids',
  });
}

function shown(bits: number): string {
  return String(Math.ceil(bits * 100) / 100);
}
