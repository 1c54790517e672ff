import type { Kernel, Pointer } from '../../crypto/kernel.ts';
import { tags } from '../../crypto/tags.ts';
import { BASE_OTS } from '../base/messages.ts';
import { Oracle } from '../oracle.ts';
import { SEED, type SeedPairs } from '../seeds.ts';

/**
 * Base seeds for the opposite direction from 128 COTs (README.md, step 7), so that one batch of public-key work serves both. At the COT
 * sender: `keys` points to 128 keys; gives both seeds of each, as a base-OT sender has them.
 */
export function seedPairsFromKeys(
  kernel: Kernel,
  keys: Pointer,
  delta: Uint8Array,
  sid: Uint8Array,
  direction: string,
): SeedPairs {
  const blocks = kernel.read(keys, BASE_OTS * SEED);
  const zero = hashBlocks(blocks, sid, direction);
  for (let j = 0; j < blocks.length; j++) blocks[j] = blocks[j]! ^ delta[j & 15]!;
  const one = hashBlocks(blocks, sid, direction);
  blocks.fill(0);
  return { zero, one };
}

/** The same at the COT receiver: `macs` points to 128 MACs; gives the seed of each choice, as a base-OT receiver has them. */
export function chosenSeedsFromMacs(
  kernel: Kernel,
  macs: Pointer,
  sid: Uint8Array,
  direction: string,
): Uint8Array {
  const blocks = kernel.read(macs, BASE_OTS * SEED);
  const chosen = hashBlocks(blocks, sid, direction);
  blocks.fill(0);
  return chosen;
}

function hashBlocks(blocks: Uint8Array, sid: Uint8Array, direction: string): Uint8Array {
  const oracle = new Oracle(tags.cotSeeds, [sid, direction], SEED);
  const seeds = new Uint8Array(BASE_OTS * SEED);
  for (let i = 0; i < BASE_OTS; i++) {
    const seed = oracle.short(i, blocks.subarray(i * SEED, (i + 1) * SEED));
    seeds.set(seed.subarray(0, SEED), i * SEED);
    seed.fill(0);
  }
  oracle.clear();
  return seeds;
}
