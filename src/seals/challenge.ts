import type { Party } from '../circuit/party.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { check } from '../crypto/check.ts';
import { hash } from '../crypto/hash.ts';
import { bytesToInteger } from '../crypto/integers.ts';
import type { Random } from '../crypto/random.ts';
import { tags } from '../crypto/tags.ts';
import { CHALLENGE_LENGTH, NONCE_LENGTH } from './parameters.ts';

/** How a challenge is opened: 5 and 32 bytes. */
export interface ChallengeOpening {
  readonly challenge: Uint8Array;
  readonly nonce: Uint8Array;
}

/** A challenge that has been opened as it was committed to. */
export interface OpenedChallenge {
  /** e, below 2⁴⁰. */
  readonly challenge: bigint;
  /** 32 bytes. */
  readonly nonce: Uint8Array;
}

/** Step 1: a verifier's own challenge, secret until the peer's seal, mask and inputs are fixed. */
export class Challenge {
  /** 32 bytes. */
  readonly commitment: Uint8Array;
  /** e, below 2⁴⁰. */
  readonly value: bigint;
  readonly opening: ChallengeOpening;

  private constructor(commitment: Uint8Array, opening: ChallengeOpening) {
    this.commitment = commitment;
    this.opening = opening;
    this.value = bytesToInteger(opening.challenge);
  }

  /** Keeps e out of logs. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return 'Challenge (secret)';
  }

  /** `session` is the negotiation's identifier (32 bytes), `party` the one that challenges. */
  static create(session: Uint8Array, party: Party, random: Random): Challenge {
    const opening = { challenge: random(CHALLENGE_LENGTH), nonce: random(NONCE_LENGTH) };
    return new Challenge(commit(session, party, opening), opening);
  }
}

/** Step 5: the peer's challenge. The check `seal challenge` fails unless it opens what `party` committed to. */
export function openedChallenge(
  session: Uint8Array,
  party: Party,
  commitment: Uint8Array,
  opening: ChallengeOpening,
): OpenedChallenge {
  check('seal challenge', equalBytes(commit(session, party, opening), commitment));
  return { challenge: bytesToInteger(opening.challenge), nonce: opening.nonce.slice() };
}

function commit(session: Uint8Array, party: Party, { challenge, nonce }: ChallengeOpening): Uint8Array {
  return hash(tags.sealChallenge, session, party, challenge, nonce);
}
