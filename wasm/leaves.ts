/**
 * Folds the 2^depth leaf streams r_x of one tree (SoftSpoken's small-field VOLE): column b becomes the sum of all r_x with bit b of x set, and
 * `sum` the sum of all. Streams, columns and sum hold `length` bytes, a multiple of 16; leaves lie `leafStride` and columns `columnStride`
 * bytes apart. The leaves are overwritten unless the depth is 4.
 */
export function foldLeaves(
  columns: usize,
  columnStride: usize,
  sum: usize,
  leaves: usize,
  leafStride: usize,
  depth: u32,
  length: u32,
): void {
  if (depth === 4) return foldSixteen(columns, columnStride, sum, leaves, leafStride, length);
  for (let end = leaves + length; leaves < end; leaves += 16) {
    for (let bit: u32 = 0; bit < depth; bit++) {
      let odd = i64x2.splat(0);
      for (let x: usize = 0; x < <usize>1 << (depth - 1 - bit); x++) {
        const right = v128.load(leaves + (2 * x + 1) * leafStride);
        odd = v128.xor(odd, right);
        v128.store(leaves + x * leafStride, v128.xor(v128.load(leaves + 2 * x * leafStride), right));
      }
      v128.store(columns + bit * columnStride, odd);
    }
    v128.store(sum, v128.load(leaves));
    columns += 16;
    sum += 16;
  }
}

function foldSixteen(columns: usize, columnStride: usize, sum: usize, leaves: usize, stride: usize, length: u32): void {
  for (let end = leaves + length; leaves < end; leaves += 16) {
    let odd = v128.load(leaves + stride);
    const a0 = v128.xor(v128.load(leaves), odd);
    let right = v128.load(leaves + 3 * stride);
    const a1 = v128.xor(v128.load(leaves + 2 * stride), right);
    odd = v128.xor(odd, right);
    right = v128.load(leaves + 5 * stride);
    const a2 = v128.xor(v128.load(leaves + 4 * stride), right);
    odd = v128.xor(odd, right);
    right = v128.load(leaves + 7 * stride);
    const a3 = v128.xor(v128.load(leaves + 6 * stride), right);
    odd = v128.xor(odd, right);
    right = v128.load(leaves + 9 * stride);
    const a4 = v128.xor(v128.load(leaves + 8 * stride), right);
    odd = v128.xor(odd, right);
    right = v128.load(leaves + 11 * stride);
    const a5 = v128.xor(v128.load(leaves + 10 * stride), right);
    odd = v128.xor(odd, right);
    right = v128.load(leaves + 13 * stride);
    const a6 = v128.xor(v128.load(leaves + 12 * stride), right);
    odd = v128.xor(odd, right);
    right = v128.load(leaves + 15 * stride);
    const a7 = v128.xor(v128.load(leaves + 14 * stride), right);
    odd = v128.xor(odd, right);
    v128.store(columns, odd);
    v128.store(columns + columnStride, v128.xor(v128.xor(a1, a3), v128.xor(a5, a7)));
    const b1 = v128.xor(a2, a3);
    const b3 = v128.xor(a6, a7);
    v128.store(columns + 2 * columnStride, v128.xor(b1, b3));
    const c1 = v128.xor(v128.xor(a4, a5), b3);
    v128.store(columns + 3 * columnStride, c1);
    v128.store(sum, v128.xor(v128.xor(v128.xor(a0, a1), b1), c1));
    columns += 16;
    sum += 16;
  }
}

/** target ^= source where `bit` is 1, over `length` bytes (a multiple of 16), without a branch on the bit. */
export function addWhere(target: usize, source: usize, bit: u32, length: u32): void {
  const mask = i64x2.splat(-<i64>(bit & 1));
  for (const end = target + length; target < end; target += 16) {
    v128.store(target, v128.xor(v128.load(target), v128.and(v128.load(source), mask)));
    source += 16;
  }
}

/** Sets bit 0 of `count` blocks to the bits packed least significant first at `bits`. */
export function placeBits(blocks: usize, bits: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const bit = (load<u8>(bits + (i >> 3)) >> <u8>(i & 7)) & 1;
    store<u8>(blocks, (load<u8>(blocks) & 0xfe) | bit);
    blocks += 16;
  }
}

/** Sets bit 0 of `count` blocks to zero. */
export function clearBits(blocks: usize, count: u32): void {
  for (const end = blocks + (<usize>count << 4); blocks < end; blocks += 16) {
    store<u8>(blocks, load<u8>(blocks) & 0xfe);
  }
}
