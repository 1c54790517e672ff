/**
 * Inputs of the leaf streams of one tree: for each of `width` seeds s_x in turn, the blocks s_x ⊕ c for c = 0 … blocks − 1.
 */
export function leafInputs(target: usize, seeds: usize, width: u32, blocks: u32): void {
  for (const end = seeds + (<usize>width << 4); seeds < end; seeds += 16) {
    const seed = v128.load(seeds);
    for (let c: u32 = 0; c < blocks; c++) {
      v128.store(target, v128.xor(seed, counter(c)));
      target += 16;
    }
  }
}

/**
 * Folds the 2^depth leaf streams r_x of one tree (SoftSpoken's small-field VOLE): column b becomes the sum of all r_x with bit b of x
 * set, and `sum` the sum of all. `leaves` holds the encrypted inputs of leafInputs, stream after stream; block c of r_x is the
 * encryption ⊕ s_x ⊕ c. Streams, columns and sum are `blocks` blocks long; columns lie `stride` bytes apart. Overwrites the leaves
 * unless the depth is 4.
 */
export function foldLeaves(
  columns: usize,
  stride: u32,
  sum: usize,
  leaves: usize,
  seeds: usize,
  depth: u32,
  blocks: u32,
): void {
  if (depth === 4) return foldSixteen(columns, stride, sum, leaves, seeds, blocks);
  const length = <usize>blocks << 4;
  for (let c: u32 = 0; c < blocks; c++) {
    for (let x: usize = 0; x < <usize>1 << depth; x++) {
      const leaf = leaves + x * length;
      v128.store(leaf, v128.xor(v128.load(leaf), v128.xor(v128.load(seeds + (x << 4)), counter(c))));
    }
    for (let bit: u32 = 0; bit < depth; bit++) {
      let odd = i64x2.splat(0);
      for (let x: usize = 0; x < <usize>1 << (depth - 1 - bit); x++) {
        const right = v128.load(leaves + (2 * x + 1) * length);
        odd = v128.xor(odd, right);
        v128.store(leaves + x * length, v128.xor(v128.load(leaves + 2 * x * length), right));
      }
      v128.store(columns + bit * stride, odd);
    }
    v128.store(sum, v128.load(leaves));
    leaves += 16;
    columns += 16;
    sum += 16;
  }
}

/** Sixteen leaves: every sum has an even number of terms, so the counters cancel and the fold of the seeds themselves is added. */
function foldSixteen(columns: usize, stride: u32, sum: usize, leaves: usize, seeds: usize, blocks: u32): void {
  const none = i64x2.splat(0);
  foldBlocks(columns, stride, sum, seeds, 16, none, none, none, none, none);
  const c0 = v128.load(columns);
  const c1 = v128.load(columns + stride);
  const c2 = v128.load(columns + 2 * stride);
  const c3 = v128.load(columns + 3 * stride);
  const all = v128.load(sum);
  for (let c: u32 = 0; c < blocks; c++) {
    foldBlocks(columns, stride, sum, leaves, <usize>blocks << 4, c0, c1, c2, c3, all);
    leaves += 16;
    columns += 16;
    sum += 16;
  }
}

/** One block of each of sixteen leaves, `step` bytes apart, with a constant added to each result. */
// @ts-ignore: decorator
@inline
function foldBlocks(
  columns: usize,
  stride: u32,
  sum: usize,
  leaves: usize,
  step: usize,
  c0: v128,
  c1: v128,
  c2: v128,
  c3: v128,
  all: v128,
): void {
  let odd = v128.load(leaves + step);
  const a0 = v128.xor(v128.load(leaves), odd);
  let right = v128.load(leaves + 3 * step);
  const a1 = v128.xor(v128.load(leaves + 2 * step), right);
  odd = v128.xor(odd, right);
  right = v128.load(leaves + 5 * step);
  const a2 = v128.xor(v128.load(leaves + 4 * step), right);
  odd = v128.xor(odd, right);
  right = v128.load(leaves + 7 * step);
  const a3 = v128.xor(v128.load(leaves + 6 * step), right);
  odd = v128.xor(odd, right);
  right = v128.load(leaves + 9 * step);
  const a4 = v128.xor(v128.load(leaves + 8 * step), right);
  odd = v128.xor(odd, right);
  right = v128.load(leaves + 11 * step);
  const a5 = v128.xor(v128.load(leaves + 10 * step), right);
  odd = v128.xor(odd, right);
  right = v128.load(leaves + 13 * step);
  const a6 = v128.xor(v128.load(leaves + 12 * step), right);
  odd = v128.xor(odd, right);
  right = v128.load(leaves + 15 * step);
  const a7 = v128.xor(v128.load(leaves + 14 * step), right);
  odd = v128.xor(odd, right);
  v128.store(columns, v128.xor(odd, c0));
  v128.store(columns + stride, v128.xor(v128.xor(v128.xor(a1, a3), v128.xor(a5, a7)), c1));
  const b3 = v128.xor(a6, a7);
  const b1 = v128.xor(a2, a3);
  v128.store(columns + 2 * stride, v128.xor(v128.xor(b1, b3), c2));
  const upper = v128.xor(v128.xor(a4, a5), b3);
  v128.store(columns + 3 * stride, v128.xor(upper, c3));
  v128.store(sum, v128.xor(v128.xor(v128.xor(a0, a1), b1), v128.xor(upper, all)));
}

/** The block that numbers position c of a stream. */
// @ts-ignore: decorator
@inline
function counter(c: u32): v128 {
  return i64x2.replace_lane(i64x2.splat(0), 0, <i64>c);
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
