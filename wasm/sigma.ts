/**
 * The linear orthomorphism σ(x_L ‖ x_R) = (x_R ⊕ x_L) ‖ x_L on a 16-byte block, where lane 1 is x_L and lane 0 is x_R
 * (Guo, Katz, Wang, Yu 2019/074, section 7.2).
 */
// @ts-ignore: decorator
@inline
export function sigma(block: v128): v128 {
  return v128.xor(i8x16.shuffle(block, block, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7), v128.and(block, i64x2(0, -1)));
}

/** All ones if bit 0 of the block is set, else zero. */
// @ts-ignore: decorator
@inline
export function maskOfBit0(block: v128): v128 {
  return i64x2.splat(-(i64x2.extract_lane(block, 0) & 1));
}

/** All ones if bit `index` of a packed bit string is set (bit i is bit i mod 8 of byte i div 8), else zero. */
// @ts-ignore: decorator
@inline
export function maskOfPacked(bits: usize, index: u32): v128 {
  return i64x2.splat(-(<i64>((load<u8>(bits + (index >> 3)) >> <u8>(index & 7)) & 1)));
}
