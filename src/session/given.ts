import type { BoundRule, Entry, Fitted, Mandate } from '../../protocols/rule.ts';
import type { Random } from '../crypto/random.ts';
import { InputError, isParleyError } from '../errors.ts';
import type { Side } from './preflight.ts';

/** What a side enters, and how that came. */
export interface Given {
  readonly entry: Entry;
  /** The mandate it comes from: for rules that cannot read an entry. */
  readonly mandate: unknown;
  /** Why that is not the mandate that was given, in words without a figure. */
  readonly why?: string | undefined;
}

/** Who enters what, under which rule. */
export type Entering = Pick<Side, 'bound' | 'party'>;

/** Before anything is sent. Throws InputError `ERR_MANDATE_INVALID` for a mandate that the terms cannot hold. */
export function enterExactly({ bound, party }: Entering, mandate: unknown, random: Random): Given {
  return { entry: bound.enter(party, mandate, random), mandate };
}

/** Once the other side is there: never throws, whatever the mandate is. */
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
    // A rule that trips over a mandate has none to enter either: why it did so depends on the mandate.
    return undefined;
  }
}

/** Accepts nothing, in the time of any mandate where the rule's `fit` sees to that. */
export function abstain(entering: Entering, random: Random, why: string): Given {
  const { bound, party } = entering;
  const mandate = abstentionOf(bound);
  const { entry } = fittedOf(entering, mandate, random) ?? { entry: bound.enter(party, mandate, random) };
  return { entry, mandate, why };
}

/** Throws InputError `ERR_USAGE` for a rule under which nobody can abstain: it could not be run without telling something about a mandate. */
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
 * Why this side abstains where whoever was asked threw `error`; undefined for an error that ends the session. What is wrong with a mandate, in itself or by a
 * policy, must not: the other side would see it.
 */
export function abstainsBecause(error: unknown): string | undefined {
  if (!isParleyError(error)) return undefined;
  if (error.code !== 'ERR_MANDATE_INVALID' && error.code !== 'ERR_POLICY_MANDATE') return undefined;
  return `${error.message}, so nothing is accepted`;
}

/** The mandate that was entered. It comes after the agreement, which a rule that trips over its own entry must not cost. */
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
