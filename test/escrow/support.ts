import { type Bits, packBits } from '../../src/circuit/bits.ts';
import { combine } from '../../src/circuit/combinations.ts';
import { concatBytes } from '../../src/crypto/bytes.ts';
import { hash } from '../../src/crypto/hash.ts';
import { bytesToInteger } from '../../src/crypto/integers.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { loadSodium } from '../../src/crypto/sodium.ts';
import { tags } from '../../src/crypto/tags.ts';
import {
  type AnsweredEscrow,
  combinations,
  drawBits,
  Escrow,
  type EscrowContext,
  EscrowKey,
  type EscrowRecord,
  type EscrowView,
  encrypt,
  escrowLabel,
  maskWidth,
  matrixSeed,
  PAIRS,
  splitCiphertexts,
  tagMatrix,
  verifyEscrow,
} from '../../src/escrow/index.ts';

await loadSodium();

export const seeded = (...seed: number[]) =>
  seededRandom(Uint8Array.from({ length: 16 }, (_, i) => seed[i] ?? 0));
/** A digest that stands for a session's or for terms'. */
export const digest = (name: string) => hash(tags.sessionId, name);
export const arbiter = EscrowKey.generate(seeded(1));

export function contextOf(width: number, role = 'seller', session = 'session', key = arbiter): EscrowContext {
  const label = escrowLabel({ session: digest(session), terms: digest('terms'), role, key: key.publicKey });
  return { label, key: key.publicKey, width };
}

/** A verifier's challenge, and the seed of A that its nonce gives. */
export function challenged({ label }: EscrowContext, random = seeded(2)) {
  return { challenge: bytesToInteger(random(5)), matrix: matrixSeed(label, random(32)) };
}

/** What the engine does in F4: opens combinations of the bits that it has fixed. */
export function opening(
  width: number,
  bits: Bits,
  { challenge, matrix }: ReturnType<typeof challenged>,
): Bits {
  return combine(combinations(challenge, tagMatrix(matrix, width)), bits);
}

export interface Settled {
  readonly bits: Bits;
  readonly view: EscrowView;
  readonly own: AnsweredEscrow;
  readonly record: EscrowRecord;
}

/** An escrow of an honest party, up to the verifier's record. */
export async function settled(context: EscrowContext, random = seeded(3)): Promise<Settled> {
  const { width } = context;
  const bits = drawBits(width, random);
  const escrow = await Escrow.make({ ...context, bits, random });
  const asked = challenged(context, random);
  const ciphertexts = splitCiphertexts(escrow.ciphertexts, width);
  const opened = opening(width, bits, asked);
  const own = escrow.answer({ ...asked, opened });
  const view = { ...context, ...asked, ciphertexts, opened, seeds: own.seeds };
  return { bits, view, own, record: await verifyEscrow(view) };
}

/** What a prover of one's own has made: any plaintexts, and all seeds. */
export interface Forged {
  readonly ciphertexts: readonly Uint8Array[];
  /** The seeds that answer a challenge. */
  seeds(challenge: bigint): Uint8Array;
}

/** The ciphertexts of an escrow as a cheat makes them: `plaintext` says what goes into each place. */
export function forged(
  { label, key, width }: EscrowContext,
  bits: Bits,
  plaintext: (right: Bits, pair: number, bit: 0 | 1) => Bits,
  random = seeded(4),
): Forged {
  const all = maskWidth(width);
  const own = bits.subarray(0, all);
  const seeds = Array.from({ length: 2 * PAIRS }, () => random(32));
  const ciphertexts = seeds.map((seed, i) => {
    const [pair, bit] = [i >> 1, (i & 1) as 0 | 1];
    const share = bits.subarray((pair + 1) * all, (pair + 2) * all);
    const right = bit === 0 ? share : xor(share, own);
    return encrypt(key, { label, pair, bit }, { plaintext: packBits(plaintext(right, pair, bit)), seed });
  });
  const answer = (challenge: bigint) => (_: unknown, k: number) =>
    seeds[2 * k + Number((challenge >> BigInt(k)) & 1n)]!;
  return {
    ciphertexts,
    seeds: (challenge) => concatBytes(...Array.from({ length: PAIRS }, answer(challenge))),
  };
}

export const xor = (left: Bits, right: Bits): Bits => left.map((bit, i) => bit ^ right[i]!);
export const flipped = (bytes: Uint8Array, bit: number): Uint8Array =>
  bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
