import type { Random } from '../crypto/random.ts';
import { BASE_OTS } from './base/messages.ts';
import { bitAt, maskOf, SEED, type SeedPairs } from './seeds.ts';

/** The results of a batch of base OTs, from a dealer that both sides trust: for tests from a seed. */
export interface DealtBaseOts {
  /** The base-OT sender's output. */
  readonly pairs: SeedPairs;
  /** The base-OT receiver's output: the seed of its choice from every instance, 128·16 bytes. */
  readonly chosen: Uint8Array;
}

/** Base OTs without public-key work. `choices` are 128 bits, packed least significant first (16 bytes). */
export function dealtBaseOts(random: Random, choices: Uint8Array): DealtBaseOts {
  const zero = random(BASE_OTS * SEED);
  const one = random(BASE_OTS * SEED);
  const chosen = new Uint8Array(BASE_OTS * SEED);
  for (let i = 0; i < BASE_OTS; i++) {
    const from = bitAt(choices, i) === 1 ? one : zero;
    chosen.set(from.subarray(i * SEED, (i + 1) * SEED), i * SEED);
  }
  return { pairs: { zero, one }, chosen };
}

/**
 * The ideal twin of the extension: uniform MACs, and keys K = M ⊕ x·Δ. `choices` are packed least significant
 * first, `delta` is 16 bytes; `keys` and `macs` are `count` blocks of 16 bytes. With `choiceInBit0` (needs bit 0
 * of Δ to be 1) bit 0 of every key is 0 and of every MAC its choice.
 */
export function dealtCots(
  random: Random,
  delta: Uint8Array,
  choices: Uint8Array,
  count: number,
  choiceInBit0 = false,
): { readonly keys: Uint8Array; readonly macs: Uint8Array } {
  const macs = random(count * 16);
  const keys = new Uint8Array(count * 16);
  for (let i = 0; i < count; i++) {
    const choice = bitAt(choices, i);
    if (choiceInBit0) macs[i * 16] = (macs[i * 16]! & 0xfe) | choice;
    for (let j = 0; j < 16; j++) keys[i * 16 + j] = macs[i * 16 + j]! ^ (maskOf(choice) & delta[j]!);
  }
  return { keys, macs };
}
