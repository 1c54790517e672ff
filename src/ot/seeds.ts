/** Bytes of one base seed. */
export const SEED = 16;

/** The base-OT sender's output: for every instance both 16-byte seeds, instance after instance (128·16 bytes each). */
export interface SeedPairs {
  readonly zero: Uint8Array;
  readonly one: Uint8Array;
}

/** Bit `index` of bits packed least significant first. */
export function bitAt(packed: Uint8Array, index: number): 0 | 1 {
  return ((packed[index >> 3]! >> (index & 7)) & 1) as 0 | 1;
}

/** All ones for 1, zero for 0. Not −bit: for 0 that is −0, which an engine that has not compiled the code yet does not treat as an integer, and so takes longer. */
export function maskOf(bit: number): number {
  return 0 - bit;
}
