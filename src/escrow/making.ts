import { type Bits, packBits, unpackBits } from '../circuit/bits.ts';
import { concatBytes } from '../crypto/bytes.ts';
import { integerToBytes } from '../crypto/integers.ts';
import type { Random } from '../crypto/random.ts';
import { inTurns, type Slices } from '../crypto/slices.ts';
import { challengeBit, packCombinations } from './combinations.ts';
import { Encryptions } from './encryptions.ts';
import type { MaskOpening } from './opening.ts';
import {
  CHALLENGE_LENGTH,
  fixedWidth,
  maskLength,
  maskWidth,
  PAIRS,
  SALT_LENGTH,
  SEED_LENGTH,
} from './parameters.ts';
import type { EscrowContext, EscrowRecord } from './record.ts';

export interface EscrowOptions extends EscrowContext {
  /** o′ ‖ ρ_0 ‖ … ‖ ρ_39, uniform, as the engine fixes them (`drawBits`). Copied. */
  readonly bits: Bits;
  readonly random: Random;
}

/** What the peer has asked, and what the engine has opened to it in answer. */
export interface Asked {
  readonly challenge: bigint;
  /** The seed of A, which follows from the peer's nonce. */
  readonly matrix: Uint8Array;
  /** t ‖ T. */
  readonly opened: Bits;
}

/** Fresh bits for an escrow, one a byte. */
export function drawBits(width: number, random: Random): Bits {
  const bits = fixedWidth(width);
  const packed = random(Math.ceil(bits / 8));
  const drawn = unpackBits(packed, bits);
  packed.fill(0);
  return drawn;
}

/** F0: this party's own escrow, up to the peer's challenge, which it answers once. */
export class Escrow {
  /** F1: the ciphertexts (0,0), (0,1), (1,0), … one after another. */
  readonly ciphertexts: Uint8Array;
  /** F1: this party's salt, 32 bytes. */
  readonly salt: Uint8Array;
  readonly #context: EscrowContext;
  readonly #bits: Bits;
  /** By pair and bit. */
  readonly #seeds: readonly (readonly [Uint8Array, Uint8Array])[];
  #spent = false;

  private constructor(
    { label, key, width, bits, random }: EscrowOptions,
    seeds: readonly (readonly [Uint8Array, Uint8Array])[],
    ciphertexts: readonly Uint8Array[],
  ) {
    this.#context = { label, key, width };
    this.#bits = bits.slice();
    this.#seeds = seeds;
    this.ciphertexts = concatBytes(...ciphertexts);
    this.salt = random(SALT_LENGTH);
  }

  /** Encrypts what the arbiter would have to open: 80 encryptions. */
  static make(options: EscrowOptions, signal?: AbortSignal): Promise<Escrow> {
    return inTurns(Escrow.making(options), signal);
  }

  /** The same in slices. */
  static *making(options: EscrowOptions): Slices<Escrow> {
    const { label, key, width, bits, random } = options;
    const all = maskWidth(width);
    if (bits.length !== fixedWidth(width)) throw new RangeError('these are not the bits of an escrow');
    const mask = packBits(bits.subarray(0, all));
    const seeds: [Uint8Array, Uint8Array][] = [];
    const encryptions = new Encryptions(key, 2 * PAIRS);
    let made = false;
    try {
      for (let pair = 0; pair < PAIRS; pair++) {
        const shares = bits.subarray((pair + 1) * all, (pair + 2) * all);
        const pairSeeds: [Uint8Array, Uint8Array] = [random(SEED_LENGTH), random(SEED_LENGTH)];
        seeds.push(pairSeeds);
        const encryption = (bit: 0 | 1) => {
          const plaintext = packBits(shares);
          if (bit === 1) for (let i = 0; i < mask.length; i++) plaintext[i]! ^= mask[i]!;
          return { place: { label, pair, bit }, opened: { plaintext, seed: pairSeeds[bit] } };
        };
        encryptions.add(encryption(0), encryption(1));
        yield;
      }
      const ciphertexts = yield* encryptions.ciphertexts();
      made = true;
      return new Escrow(options, seeds, ciphertexts);
    } finally {
      mask.fill(0);
      encryptions.destroy();
      if (!made) for (const seed of seeds.flat()) seed.fill(0);
    }
  }

  /** F4: answers the peer's challenge. Once: two answers would open both ciphertexts of a pair. Afterwards this escrow holds nothing. */
  answer(asked: Asked): AnsweredEscrow {
    if (this.#spent) throw new Error('an escrow answers one challenge');
    this.#spent = true;
    try {
      return new AnsweredEscrow(this.#context, this.#bits, this.#seeds, this.ciphertexts, asked);
    } finally {
      this.#bits.fill(0);
    }
  }

  /** Zeroes what has not been answered. */
  discard(): void {
    if (this.#spent) return;
    this.#spent = true;
    this.#bits.fill(0);
    for (const pair of this.#seeds) for (const seed of pair) seed.fill(0);
  }
}

/** F4 and later: this party's own escrow after it has answered. It can be opened by its owner. */
export class AnsweredEscrow {
  /** F4: the seeds of the ciphertexts that the challenge opens, for the peer. */
  readonly seeds: Uint8Array;
  /** The same record of this escrow as the peer's. */
  readonly record: EscrowRecord;
  /** o′, packed. */
  readonly #mask: Uint8Array;
  /** Seeds of the unopened ciphertexts, by pair. */
  readonly #unopened: readonly Uint8Array[];

  constructor(
    context: EscrowContext,
    bits: Bits,
    seeds: readonly (readonly [Uint8Array, Uint8Array])[],
    ciphertexts: Uint8Array,
    { challenge, matrix, opened }: Asked,
  ) {
    const { width } = context;
    const size = ciphertexts.length / (2 * PAIRS);
    const opens = (pair: number) => challengeBit(challenge, pair);
    const place = (pair: number) => (2 * pair + 1 - opens(pair)) * size;
    this.seeds = concatBytes(...seeds.map((pair, k) => pair[opens(k)]));
    this.#unopened = seeds.map((pair, k) => pair[1 - opens(k)]!);
    this.#mask = packBits(bits.subarray(0, maskWidth(width)));
    this.record = {
      ...context,
      ...packCombinations(opened, width),
      challenge: integerToBytes(challenge, CHALLENGE_LENGTH),
      matrix,
      ciphertexts: seeds.map((_, k) => ciphertexts.slice(place(k), place(k) + size)),
    };
    for (const [k, pair] of seeds.entries()) pair[opens(k)].fill(0);
  }

  /** o, this party's mask of the outcome. The caller's to zero. */
  mask(): Bits {
    return unpackBits(this.#mask, this.record.width);
  }

  /** F7: opens the mask, at the first pair. From here the other side can learn the outcome. */
  open(): MaskOpening {
    return {
      mask: this.#mask.slice(0, maskLength(this.record.width)),
      index: 0,
      seed: this.#unopened[0]!.slice(),
    };
  }

  /** Zeroes the mask and all seeds that have not been given out. */
  discard(): void {
    this.#mask.fill(0);
    for (const seed of this.#unopened) seed.fill(0);
  }
}
