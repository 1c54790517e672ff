/**
 * The linear universal hash of the COT consistency check: a segment of a column, cut into 128-bit pieces c_1 … c_J, goes to Σ c_j·χ^(J+1−j) in
 * GF(2^128) = GF(2)[z]/(z^128 + z^7 + z^2 + z + 1); bit r of a piece is the coefficient of z^r. Everything is linear over GF(2), so
 * 128 columns are hashed at once, row by row: multiplication by χ is a public 128 × 128 bit matrix, applied to a
 * block of 128 rows with tables of the sums of four rows (the method of four Russians). χ is public; the
 * rows are secret and never index a table.
 */

/**
 * Writes the matrix of multiplication by the element at `chi` as table offsets: for output row b and group g of four rows, the 16-bit offset g·256 +
 * n·16, bits of n being the entries of row b in columns 4g … 4g + 3. `matrix` holds 8,192 bytes.
 */
export function hashMatrix(matrix: usize, chi: usize): void {
  let low = load<u64>(chi);
  let high = load<u64>(chi, 8);
  for (let group: u32 = 0; group < 32; group++) {
    const low0 = low;
    const high0 = high;
    low = timesLow(low0, high0);
    high = timesHigh(low0, high0);
    const low1 = low;
    const high1 = high;
    low = timesLow(low1, high1);
    high = timesHigh(low1, high1);
    const low2 = low;
    const high2 = high;
    low = timesLow(low2, high2);
    high = timesHigh(low2, high2);
    const low3 = low;
    const high3 = high;
    low = timesLow(low3, high3);
    high = timesHigh(low3, high3);
    let cell = matrix + (<usize>group << 1);
    for (let b: u64 = 0; b < 64; b++) {
      store<u16>(cell, <u16>((group << 8) | fourBits(low0, low1, low2, low3, b)));
      store<u16>(cell, <u16>((group << 8) | fourBits(high0, high1, high2, high3, b)), 4096);
      cell += 64;
    }
  }
}

/** Bit b of each of four words, at bits 4 to 7. */
// @ts-ignore: decorator
@inline
function fourBits(w0: u64, w1: u64, w2: u64, w3: u64, b: u64): u32 {
  const n = ((w0 >> b) & 1) | (((w1 >> b) & 1) << 1) | (((w2 >> b) & 1) << 2) | (((w3 >> b) & 1) << 3);
  return <u32>n << 4;
}

/** The lower and the upper word of the product with z. */
// @ts-ignore: decorator
@inline
function timesLow(low: u64, high: u64): u64 {
  return (low << 1) ^ ((high >> 63) * 0x87);
}
// @ts-ignore: decorator
@inline
function timesHigh(low: u64, high: u64): u64 {
  return (high << 1) | (low >> 63);
}

/**
 * Absorbs `blocks` blocks of 128 rows: state = χ·(state + block) each. `state` is 128 rows of 16 bytes, zero at
 * first; `tables` is 8,192 bytes of scratch, and holds secrets afterwards.
 */
export function hashRows(state: usize, tables: usize, matrix: usize, rows: usize, blocks: u32): void {
  for (let block: u32 = 0; block < blocks; block++) {
    let row = state;
    for (let table = tables; table < tables + 8192; table += 256) {
      sumTable(table, row, rows);
      row += 64;
      rows += 64;
    }
    let offsets = matrix;
    for (let target = state; target < state + 2048; target += 16) {
      let sum = i64x2.splat(0);
      for (const end = offsets + 64; offsets < end; offsets += 16) {
        const a = v128.xor(entry(tables, offsets, 0), entry(tables, offsets, 2));
        const b = v128.xor(entry(tables, offsets, 4), entry(tables, offsets, 6));
        const c = v128.xor(entry(tables, offsets, 8), entry(tables, offsets, 10));
        const d = v128.xor(entry(tables, offsets, 12), entry(tables, offsets, 14));
        sum = v128.xor(sum, v128.xor(v128.xor(a, b), v128.xor(c, d)));
      }
      v128.store(target, sum);
    }
  }
}

/**
 * The same for two stretches of `blocks` blocks side by side, at `rows` and `stride` bytes further on, with two states one after the other: each entry of the matrix is read once for
 * both. `tables` is 16,384 bytes.
 */
export function hashRowsTwice(state: usize, tables: usize, matrix: usize, rows: usize, stride: u32, blocks: u32): void {
  for (let block: u32 = 0; block < blocks; block++) {
    let row = state;
    for (let table = tables; table < tables + 8192; table += 256) {
      sumTable(table, row, rows);
      sumTable(table + 8192, row + 2048, rows + stride);
      row += 64;
      rows += 64;
    }
    let offsets = matrix;
    for (let target = state; target < state + 2048; target += 16) {
      let one = i64x2.splat(0);
      let other = i64x2.splat(0);
      for (const end = offsets + 64; offsets < end; offsets += 8) {
        const a = tables + load<u16>(offsets);
        const b = tables + load<u16>(offsets, 2);
        const c = tables + load<u16>(offsets, 4);
        const d = tables + load<u16>(offsets, 6);
        const ab = v128.xor(v128.load(a), v128.load(b));
        one = v128.xor(one, v128.xor(ab, v128.xor(v128.load(c), v128.load(d))));
        const further = v128.xor(v128.load(a, 8192), v128.load(b, 8192));
        other = v128.xor(other, v128.xor(further, v128.xor(v128.load(c, 8192), v128.load(d, 8192))));
      }
      v128.store(target, one);
      v128.store(target, other, 2048);
    }
  }
}

// @ts-ignore: decorator
@inline
function entry(tables: usize, offsets: usize, index: usize): v128 {
  return v128.load(tables + load<u16>(offsets + index));
}

/** The 16 sums of four rows, each the sum of one at `left` and one at `right`. */
// @ts-ignore: decorator
@inline
function sumTable(table: usize, left: usize, right: usize): void {
  const r0 = v128.xor(v128.load(left), v128.load(right));
  const r1 = v128.xor(v128.load(left, 16), v128.load(right, 16));
  const r2 = v128.xor(v128.load(left, 32), v128.load(right, 32));
  const r3 = v128.xor(v128.load(left, 48), v128.load(right, 48));
  const r01 = v128.xor(r0, r1);
  const r23 = v128.xor(r2, r3);
  v128.store(table, i64x2.splat(0));
  v128.store(table, r0, 16);
  v128.store(table, r1, 32);
  v128.store(table, r01, 48);
  v128.store(table, r2, 64);
  v128.store(table, v128.xor(r0, r2), 80);
  v128.store(table, v128.xor(r1, r2), 96);
  v128.store(table, v128.xor(r01, r2), 112);
  v128.store(table, r3, 128);
  v128.store(table, v128.xor(r0, r3), 144);
  v128.store(table, v128.xor(r1, r3), 160);
  v128.store(table, v128.xor(r01, r3), 176);
  v128.store(table, r23, 192);
  v128.store(table, v128.xor(r0, r23), 208);
  v128.store(table, v128.xor(r1, r23), 224);
  v128.store(table, v128.xor(r01, r23), 240);
}

/** The same hash of one column: state (16 bytes, zero at first) = χ·(state + piece), for `blocks` pieces of 16 bytes at `bits`. */
export function hashBits(state: usize, chi: usize, bits: usize, blocks: u32): void {
  const chiLow = load<u64>(chi);
  const chiHigh = load<u64>(chi, 8);
  let sumLow = load<u64>(state);
  let sumHigh = load<u64>(state, 8);
  for (let block: u32 = 0; block < blocks; block++) {
    let low = sumLow ^ load<u64>(bits);
    let high = sumHigh ^ load<u64>(bits, 8);
    bits += 16;
    sumLow = 0;
    sumHigh = 0;
    for (let i: u64 = 0; i < 128; i++) {
      const bit = i < 64 ? (chiLow >> i) & 1 : (chiHigh >> (i - 64)) & 1;
      sumLow ^= low & (0 - bit);
      sumHigh ^= high & (0 - bit);
      const carry = high >> 63;
      high = (high << 1) | (low >> 63);
      low = (low << 1) ^ (carry * 0x87);
    }
  }
  store<u64>(state, sumLow);
  store<u64>(state, sumHigh, 8);
}

/** Products in the same field: target_i = left_i·right_i for `count` elements of 16 bytes. The regions may coincide. Takes as long for any elements. */
export function multiplyBlocks(target: usize, left: usize, right: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    let low = load<u64>(left);
    let high = load<u64>(left, 8);
    let first = load<u64>(right);
    let second = load<u64>(right, 8);
    let sumLow: u64 = 0;
    let sumHigh: u64 = 0;
    for (let bit = 0; bit < 128; bit++) {
      const mask = 0 - (first & 1);
      sumLow ^= low & mask;
      sumHigh ^= high & mask;
      first = (first >> 1) | (second << 63);
      second >>= 1;
      const carry = high >> 63;
      high = (high << 1) | (low >> 63);
      low = (low << 1) ^ (carry * 0x87);
    }
    store<u64>(target, sumLow);
    store<u64>(target, sumHigh, 8);
    target += 16;
    left += 16;
    right += 16;
  }
}

/**
 * The pieces of a column of bits in a field, for a column whose bits are represented by blocks (their MACs or keys, elements of GF(2^128)): each 128
 * blocks b_0 … b_127 give Σ b_r·z^r, 16 bytes at `target`. A last piece of fewer is padded with zeros.
 */
export function weighBlocks(target: usize, blocks: usize, count: u32): void {
  for (let done: u32 = 0; done < count; done += 128) {
    let low: u64 = 0;
    let high: u64 = 0;
    for (let r: i32 = min<i32>(count - done, 128) - 1; r >= 0; r--) {
      const block = blocks + ((<usize>done + r) << 4);
      const carry = high >> 63;
      high = ((high << 1) | (low >> 63)) ^ load<u64>(block, 8);
      low = (low << 1) ^ (carry * 0x87) ^ load<u64>(block);
    }
    store<u64>(target, low);
    store<u64>(target, high, 8);
    target += 16;
  }
}
