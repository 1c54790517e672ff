import type { Bits, Party, Queue, Wires } from './engine.ts';

/** Bits of the mask of a fingerprint. */
export const MASK_BITS = 128;

/** Enters both parties' masks of fingerprints; `bits` are given where they are known. */
export function enterMasks(queue: Queue, bits: (owner: Party) => Bits | undefined): readonly Wires[] {
  return (['a', 'b'] as const).map((owner) => queue.input(owner, MASK_BITS, bits(owner)));
}
