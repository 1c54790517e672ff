/**
 * Transposes a matrix of 128 columns, each packed least significant bit first with `stride` bytes from one to the next, into rows of
 * 16 bytes: bit c of row r is bit r of column c. `blocks` counts groups of 128 rows.
 *
 * Eklundh's method on 128 × 128 blocks: for s = 64 … 1, vectors c and c + s swap the s-bit pieces that lie off the
 * diagonal. Stages of whole bytes are shuffles, the others shifts under a mask.
 */
export function transposeColumns(rows: usize, columns: usize, stride: u32, blocks: u32): void {
  for (let block: u32 = 0; block < blocks; block++) {
    for (let c: usize = 0; c < 16; c++) swap64to16(rows + (c << 4), columns + c * stride, stride << 4);
    for (let group: usize = 0; group < 8; group++) {
      for (let c: usize = 0; c < 4; c++) swap8to4(rows + (group << 8) + (c << 4));
      for (let c: usize = 0; c < 4; c++) swap2to1(rows + (group << 8) + (c << 6));
    }
    rows += 2048;
    columns += 16;
  }
}

/** Stages 64, 32 and 16 for vectors c, c + 16, …, c + 112, from columns `stride` apart. */
// @ts-ignore: decorator
@inline
function swap64to16(target: usize, source: usize, stride: u32): void {
  const a0 = v128.load(source);
  const a1 = v128.load(source + stride);
  const a2 = v128.load(source + 2 * stride);
  const a3 = v128.load(source + 3 * stride);
  const a4 = v128.load(source + 4 * stride);
  const a5 = v128.load(source + 5 * stride);
  const a6 = v128.load(source + 6 * stride);
  const a7 = v128.load(source + 7 * stride);
  const b0 = low64(a0, a4);
  const b1 = low64(a1, a5);
  const b2 = low64(a2, a6);
  const b3 = low64(a3, a7);
  const b4 = high64(a0, a4);
  const b5 = high64(a1, a5);
  const b6 = high64(a2, a6);
  const b7 = high64(a3, a7);
  const c0 = low32(b0, b2);
  const c1 = low32(b1, b3);
  const c2 = high32(b0, b2);
  const c3 = high32(b1, b3);
  const c4 = low32(b4, b6);
  const c5 = low32(b5, b7);
  const c6 = high32(b4, b6);
  const c7 = high32(b5, b7);
  v128.store(target, low16(c0, c1));
  v128.store(target, high16(c0, c1), 256);
  v128.store(target, low16(c2, c3), 512);
  v128.store(target, high16(c2, c3), 768);
  v128.store(target, low16(c4, c5), 1024);
  v128.store(target, high16(c4, c5), 1280);
  v128.store(target, low16(c6, c7), 1536);
  v128.store(target, high16(c6, c7), 1792);
}

/** Stages 8 and 4 for vectors c, c + 4, c + 8 and c + 12, in place. */
// @ts-ignore: decorator
@inline
function swap8to4(target: usize): void {
  const a0 = v128.load(target);
  const a1 = v128.load(target, 64);
  const a2 = v128.load(target, 128);
  const a3 = v128.load(target, 192);
  const b0 = low8(a0, a2);
  const b1 = low8(a1, a3);
  const b2 = high8(a0, a2);
  const b3 = high8(a1, a3);
  const mask = i8x16.splat(0x0f);
  const s = v128.and(v128.xor(i64x2.shr_u(b0, 4), b1), mask);
  const t = v128.and(v128.xor(i64x2.shr_u(b2, 4), b3), mask);
  v128.store(target, v128.xor(b0, i64x2.shl(s, 4)));
  v128.store(target, v128.xor(b1, s), 64);
  v128.store(target, v128.xor(b2, i64x2.shl(t, 4)), 128);
  v128.store(target, v128.xor(b3, t), 192);
}

/** Stages 2 and 1 for four neighbouring vectors, in place. */
// @ts-ignore: decorator
@inline
function swap2to1(target: usize): void {
  const a0 = v128.load(target);
  const a1 = v128.load(target, 16);
  const a2 = v128.load(target, 32);
  const a3 = v128.load(target, 48);
  const pairs = i8x16.splat(0x33);
  const s = v128.and(v128.xor(i64x2.shr_u(a0, 2), a2), pairs);
  const t = v128.and(v128.xor(i64x2.shr_u(a1, 2), a3), pairs);
  const b0 = v128.xor(a0, i64x2.shl(s, 2));
  const b1 = v128.xor(a1, i64x2.shl(t, 2));
  const b2 = v128.xor(a2, s);
  const b3 = v128.xor(a3, t);
  const bits = i8x16.splat(0x55);
  const u = v128.and(v128.xor(i64x2.shr_u(b0, 1), b1), bits);
  const v = v128.and(v128.xor(i64x2.shr_u(b2, 1), b3), bits);
  v128.store(target, v128.xor(b0, i64x2.shl(u, 1)));
  v128.store(target, v128.xor(b1, u), 16);
  v128.store(target, v128.xor(b2, i64x2.shl(v, 1)), 32);
  v128.store(target, v128.xor(b3, v), 48);
}

// Pieces of 64, 32, 16 and 8 bits: the even ones of both vectors, and the odd ones.
// @ts-ignore: decorator
@inline
function low64(a: v128, b: v128): v128 {
  return i64x2.shuffle(a, b, 0, 2);
}
// @ts-ignore: decorator
@inline
function high64(a: v128, b: v128): v128 {
  return i64x2.shuffle(a, b, 1, 3);
}
// @ts-ignore: decorator
@inline
function low32(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 0, 4, 2, 6);
}
// @ts-ignore: decorator
@inline
function high32(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 1, 5, 3, 7);
}
// @ts-ignore: decorator
@inline
function low16(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 0, 8, 2, 10, 4, 12, 6, 14);
}
// @ts-ignore: decorator
@inline
function high16(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 1, 9, 3, 11, 5, 13, 7, 15);
}
// @ts-ignore: decorator
@inline
function low8(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30);
}
// @ts-ignore: decorator
@inline
function high8(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31);
}
