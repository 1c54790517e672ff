import type { Bits } from '../circuit/bits.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { check } from '../crypto/check.ts';
import { arePoints } from '../crypto/group-batch.ts';
import { integerToBytes } from '../crypto/integers.ts';
import { inTurns, type Slices } from '../crypto/slices.ts';
import { challengeBit, packCombinations } from './combinations.ts';
import { type Encryption, Encryptions } from './encryptions.ts';
import {
  CHALLENGE_LENGTH,
  ciphertextLength,
  ELEMENT_LENGTH,
  maskLength,
  PAIRS,
  SEED_LENGTH,
} from './parameters.ts';
import type { EscrowContext, EscrowRecord } from './record.ts';

/** F1: the peer's 80 ciphertexts, in the order of their places. The check `escrow` fails for another length. */
export function splitCiphertexts(bytes: Uint8Array, width: number): readonly Uint8Array[] {
  const size = ciphertextLength(width);
  check('escrow', bytes.length === 2 * PAIRS * size);
  return Array.from({ length: 2 * PAIRS }, (_, i) => bytes.slice(i * size, (i + 1) * size));
}

/** What the verifier of the peer's escrow has after F4. */
export interface EscrowView extends EscrowContext {
  /** The peer's 80 ciphertexts (`splitCiphertexts`). */
  readonly ciphertexts: readonly Uint8Array[];
  /** e, this verifier's own challenge. */
  readonly challenge: bigint;
  /** The seed of A, which follows from this verifier's nonce. */
  readonly matrix: Uint8Array;
  /** t ‖ T, as the engine has opened them. */
  readonly opened: Bits;
  /** The peer's answer, 40 seeds. */
  readonly seeds: Uint8Array;
}

/** F5: accepts the peer's escrow, and gives what is kept of it. Otherwise the check `escrow` fails. */
export function verifyEscrow(view: EscrowView, signal?: AbortSignal): Promise<EscrowRecord> {
  return inTurns(verifyingEscrow(view), signal);
}

/** The same in slices. */
export function* verifyingEscrow(view: EscrowView): Slices<EscrowRecord> {
  const { label, key, width, challenge, matrix, ciphertexts, seeds } = view;
  const length = maskLength(width);
  const { shares, tag } = packCombinations(view.opened, width);
  check('escrow', ciphertexts.length === 2 * PAIRS && seeds.length === PAIRS * SEED_LENGTH);
  const encryption = (pair: number): Encryption => {
    const plaintext = shares.slice(pair * length, (pair + 1) * length);
    const seed = seeds.subarray(pair * SEED_LENGTH, (pair + 1) * SEED_LENGTH);
    return { place: { label, pair, bit: challengeBit(challenge, pair) }, opened: { plaintext, seed } };
  };
  const repeated = new Encryptions(key, PAIRS);
  const unopened: Uint8Array[] = [];
  try {
    for (let pair = 0; pair < PAIRS; pair += 2) {
      repeated.add(encryption(pair), encryption(pair + 1));
      yield;
    }
    const expected = yield* repeated.ciphertexts();
    for (let pair = 0; pair < PAIRS; pair++) {
      const bit = challengeBit(challenge, pair);
      check('escrow', equalBytes(expected[pair]!, ciphertexts[2 * pair + bit]!));
      unopened.push(ciphertexts[2 * pair + 1 - bit]!);
    }
    check('escrow', arePoints(unopened.map((one) => one.subarray(0, ELEMENT_LENGTH))));
  } finally {
    repeated.destroy();
  }
  return {
    label,
    key,
    width,
    challenge: integerToBytes(challenge, CHALLENGE_LENGTH),
    matrix,
    shares,
    tag,
    ciphertexts: unopened,
  };
}
