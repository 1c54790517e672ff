import type { BoundRule, Entry, Fitted, Mandate } from '../../protocols/rule.ts';
import type { Random } from '../crypto/random.ts';
import { InputError, isParleyError } from '../errors.ts';
import type { Side } from './preflight.ts';

/** What a side enters, and why. */
export interface Given {
  readonly entry: Entry;
  /** The mandate that the entry was made from, for rules that cannot turn an entry back into one. */
  readonly mandate: unknown;
  /** Why the mandate that was entered differs from the one that was given, in words without a figure. */
  readonly why?: string | undefined;
}

/** The rule under these terms, and the party that enters. */
export type Entering = Pick<Side, 'bound' | 'party'>;

/** Before anything is sent. Throws InputError `ERR_MANDATE_INVALID` for a mandate that the terms cannot hold. */
export function enterExactly({ bound, party }: Entering, mandate: unknown, random: Random): Given {
  return { entry: bound.enter(party, mandate, random), mandate };
}

/** For use once the peer is connected: never throws, whatever the mandate is. */
export function enterSafely(entering: Entering, mandate: unknown, random: Random): Given {
  const fitted = fittedOf(entering, mandate, random);
  if (fitted !== undefined) return { ...fitted, mandate };
  return abstain(entering, random, 'that is no mandate under these terms, so nothing is accepted');
}

function fittedOf({ bound, party }: Entering, mandate: unknown, random: Random): Fitted | undefined {
  try {
    if (bound.fit === undefined) return { entry: bound.enter(party, mandate, random) };
    return bound.fit(party, mandate, random);
  } catch {
    // A rule that throws here has no entry for the mandate. Why it threw depends on the mandate, so the error goes no further.
    return undefined;
  }
}

/** Enters abstention, by which nothing is accepted. Where the rule has a `fit`, this takes as long as any other mandate. */
export function abstain(entering: Entering, random: Random, why: string): Given {
  const { bound, party } = entering;
  const mandate = abstentionOf(bound);
  const { entry } = fittedOf(entering, mandate, random) ?? { entry: bound.enter(party, mandate, random) };
  return { entry, mandate, why };
}

/** Throws InputError `ERR_USAGE` for a rule under which nobody can abstain: running it would leak something about a mandate. */
export function requireAbstention({ bound, party }: Entering, random: Random): void {
  try {
    bound.enter(party, abstentionOf(bound), random);
  } catch (cause) {
    throw new InputError('ERR_USAGE', 'the rule has no mandate by which a party accepts nothing', {
      hint: 'the rule has to name one, as its abstention',
      cause,
    });
  }
}

/**
 * Why this side abstains after the source of its mandate threw `error`; undefined if the error ends the session. A mandate that is invalid or that a policy
 * forbids must not end the session, because the other side would see that.
 */
export function abstainsBecause(error: unknown): string | undefined {
  if (!isParleyError(error)) return undefined;
  if (error.code !== 'ERR_MANDATE_INVALID' && error.code !== 'ERR_POLICY_MANDATE') return undefined;
  return `${error.message}, so nothing is accepted`;
}

/** The mandate that was entered. The agreement is complete by now, and a rule that throws here must not lose it. */
export function mandateEntered({ bound, party }: Entering, { entry, mandate }: Given): Mandate {
  try {
    return (bound.entered?.(party, entry) ?? bound.seal?.mandate(party, entry) ?? mandate) as Mandate;
  } catch {
    return mandate as Mandate;
  }
}

function abstentionOf({ abstention = { abstain: true } }: Pick<BoundRule, 'abstention'>): Mandate {
  return abstention;
}
