/** The XOR of blocks of one length. */
export function xor(...blocks: readonly Uint8Array[]): Uint8Array {
  const sum = blocks[0]!.slice();
  for (const block of blocks.slice(1)) for (let j = 0; j < sum.length; j += 1) sum[j]! ^= block[j]!;
  return sum;
}

/** Block `index` of an array of blocks of 16 bytes, by reference. */
export function blockAt(blocks: Uint8Array, index: number): Uint8Array {
  return blocks.subarray(16 * index, 16 * index + 16);
}

/** Bit `index` of packed bits, or of a block. */
export function bitOf(bytes: Uint8Array, index: number): number {
  return (bytes[index >> 3]! >> (index & 7)) & 1;
}

export function isZero(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** The block n ‖ n, n in both halves: what σ takes to the tweak difference (n, 0). */
export function twice(n: number): Uint8Array {
  const block = new Uint8Array(16);
  const view = new DataView(block.buffer);
  view.setUint32(0, n, true);
  view.setUint32(8, n, true);
  return block;
}
