import { maskOfPacked } from './sigma';

/**
 * Packs bit `bit` (0 to 7) of the first byte of each of `count` blocks: bit i of the result is at byte i div 8,
 * position i mod 8. Writes ceil(count / 8) bytes.
 */
export function packBits(target: usize, blocks: usize, count: u32, bit: u32): void {
  let accumulated: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    accumulated |= (((<u32>load<u8>(blocks)) >> bit) & 1) << (i & 7);
    blocks += 16;
    if ((i & 7) == 7) {
      store<u8>(target++, <u8>accumulated);
      accumulated = 0;
    }
  }
  if (count & 7) store<u8>(target, <u8>accumulated);
}

/** blocks[i] ^= bit i of a packed string · addend, for `count` blocks, each `stride` bytes after the one before. */
export function addPublicBits(blocks: usize, bits: usize, count: u32, addend: usize, stride: u32): void {
  const value = v128.load(addend);
  for (let i: u32 = 0; i < count; i++) {
    v128.store(blocks, v128.xor(v128.load(blocks), v128.and(maskOfPacked(bits, i), value)));
    blocks += stride;
  }
}
