import type { Point } from '../crypto/group.ts';
import { type ArbiterCard, MIN_WINDOW, readArbiterCard } from '../documents/arbiter-card.ts';
import type { ArbiterTerms } from '../documents/arbiter-terms.ts';
import { MAX_ARBITRATED_TERMS } from '../documents/complaint.ts';
import { isReadByArbiter } from '../documents/fair-engagement.ts';
import { rawPublicKey } from '../documents/identity.ts';
import { canonicalBytes, canonicalText } from '../documents/json.ts';
import type { RuleUnderTerms } from '../documents/rule.ts';
import type { Terms } from '../documents/terms.ts';
import { InputError, isParleyError } from '../errors.ts';
import { decodeEscrowKey, verifyPossession } from './key.ts';
import { MAX_OUTCOME_BITS } from './parameters.ts';

/** The longest window in new terms, in seconds: a side may be left waiting for so long. */
export const LONGEST_WINDOW = 3_600;

/** An arbiter whose card has been checked. */
export interface Arbiter extends ArbiterCard {
  /** The card's escrow key, decoded. */
  readonly escrowKey: Point;
}

/** The arbiters whose cards were checked last, by the cards' texts. */
const known = new Map<string, Arbiter>();
const MOST_KNOWN = 16;

/**
 * The arbiter that terms name: its card's signature and its proof of the escrow key are valid. Throws InputError `ERR_TERMS_INVALID`. libsodium
 * has to be loaded.
 */
export function arbiterOf({ card }: ArbiterTerms): Arbiter {
  const name = canonicalText(card);
  const arbiter = known.get(name) ?? checkedArbiter(card);
  known.delete(name); // the last one asked for is the last to go
  known.set(name, arbiter);
  for (const oldest of known.keys()) if (known.size > MOST_KNOWN) known.delete(oldest);
  return arbiter;
}

function checkedArbiter(card: ArbiterTerms['card']): Arbiter {
  const read = readCard(card);
  const escrowKey = decodeKey(read.escrow);
  if (!verifyPossession(escrowKey, rawPublicKey(read.key), read.pop)) {
    throw invalid('the arbiter’s card does not prove that the escrow key is its own');
  }
  return { ...read, escrowKey };
}

/**
 * What has to hold before this side agrees to terms with an arbiter, besides what holds for all terms; gives the arbiter. `longest` is the longest window that this
 * side accepts, in seconds. Throws InputError `ERR_TERMS_INVALID`.
 */
export function requireArbitration(
  terms: Terms & { readonly arbiter: ArbiterTerms },
  { outcomeWidth, readOutcome }: Pick<RuleUnderTerms, 'outcomeWidth' | 'readOutcome'>,
  longest = LONGEST_WINDOW,
): Arbiter {
  const { window } = terms.arbiter;
  const arbiter = arbiterOf(terms.arbiter);
  const { min, max } = arbiter.windows;
  if (terms.security === 'semi-honest') {
    throw invalid('an arbiter needs malicious security: otherwise a cheat’s escrow may be empty');
  }
  if (outcomeWidth === undefined || readOutcome === undefined || outcomeWidth > MAX_OUTCOME_BITS) {
    throw invalid('outcomes of this rule cannot be opened with an arbiter');
  }
  if (window < Math.max(min, MIN_WINDOW) || window > Math.min(max, longest)) {
    throw invalid(`the window of ${window} seconds is not one that the arbiter and this side accept`);
  }
  if (Object.values(terms.parties).some(({ x }) => x === arbiter.key.x)) {
    throw invalid('the arbiter is one of the parties');
  }
  if (!isReadByArbiter(terms)) throw invalid('an arbiter could not read the names of its roles');
  if (canonicalBytes(terms).length > MAX_ARBITRATED_TERMS) {
    throw invalid('the terms are too long for an arbiter');
  }
  return arbiter;
}

/** The same for terms that may name none; undefined if they do not. */
export function arbitrationOf(
  terms: Terms,
  bound: Pick<RuleUnderTerms, 'outcomeWidth' | 'readOutcome'>,
): Arbiter | undefined {
  const { arbiter } = terms;
  return arbiter === undefined ? undefined : requireArbitration({ ...terms, arbiter }, bound);
}

function readCard(card: ArbiterTerms['card']): ArbiterCard {
  try {
    return readArbiterCard(card);
  } catch (cause) {
    if (!isParleyError(cause)) throw cause;
    throw new InputError('ERR_TERMS_INVALID', `the arbiter’s card is not valid: ${cause.message}`, { cause });
  }
}

function decodeKey(bytes: Uint8Array): Point {
  try {
    return decodeEscrowKey(bytes);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw new InputError('ERR_TERMS_INVALID', 'the escrow key in the arbiter’s card is none', { cause });
  }
}

function invalid(message: string): InputError {
  return new InputError('ERR_TERMS_INVALID', message);
}
