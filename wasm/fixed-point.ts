import { DIGITS, recode } from './digits';
import { addSummand, double, identity, POINT, toSummand } from './edwards25519';
import { add, carry, copy, invert, PAIR, select, subtract } from './field25519';
import { multiply } from './field25519-products';

/**
 * Products of a fixed point P from tables: for each window i = 0 … 50 of five bits, the multiples j·32^i·P, j = 1 … 16. An entry
 * is affine: y + x − 1, y − x − 1 and 2d·xy, so that the identity would be zero.
 *
 * Both lanes look into the same table. It lists the bytes of an entry's thirty limbs; a vector holds the same byte of all sixteen entries. So
 * a table is always read whole, and the digits choose within registers.
 */

/** Bits of a digit. */
const WIDTH: u32 = 5;
/** Windows of a scalar below 2^253. */
const WINDOWS: usize = 51;
/** Bytes of an element in a table: those of ten limbs, each of sixteen entries. */
const ELEMENT: usize = 16 * 40;
/** Bytes of a window's table. */
const TABLE: usize = 3 * ELEMENT;

/** The tables of P, which both lanes of `point` are; overwrites it. `space` holds 8·51 points, `work` 17 pairs. */
export function makeTables(tables: usize, point: usize, one: usize, twiceD: usize, space: usize, work: usize): void {
  const inverse = work + 16 * PAIR;
  listMultiples(space, point, inverse, one, twiceD, work);
  invert(inverse, inverse, work);
  for (let i: isize = 8 * WINDOWS - 1; i >= 0; i--) {
    const entries = tables + (<usize>i >> 3) * TABLE + ((<usize>i & 7) << 1);
    writeEntries(entries, space + <usize>i * POINT, inverse, one, twiceD, work);
  }
}

/**
 * Lists X, Y and Z of all multiples, each window's odd ones in lane A beside its even ones in lane B, each with the product of the Zs before it.
 * `product` = that of all Zs.
 */
function listMultiples(list: usize, point: usize, product: usize, one: usize, twiceD: usize, work: usize): void {
  const summand = work + 8 * PAIR;
  const twice = work + 12 * PAIR;
  copy(product, one);
  for (const end = list + 8 * WINDOWS * POINT; list < end; ) {
    double(twice, point, work, true);
    toSummand(summand, twice, twiceD);
    for (let v: usize = 0; v < POINT; v += PAIR) select(point + v, point + v, twice + v, i32x4(0, -1, 0, -1));
    for (let j = 0; j < 8; j++) {
      if (j > 0) addSummand(point, point, summand, work);
      for (let v: usize = 0; v < 3 * PAIR; v += PAIR) copy(list + v, point + v);
      copy(list + 3 * PAIR, product);
      multiply(product, product, point + 2 * PAIR);
      list += POINT;
    }
    double(point, point, work, true);
    for (let v: usize = 0; v < POINT; v += 16) {
      const limbs = v128.load(point + v);
      v128.store(point + v, i32x4.shuffle(limbs, limbs, 1, 1, 3, 3)); // 32 times the window's point
    }
  }
}

/** Writes two entries of a table from their place in the list; `inverse` is that of all Zs up to theirs, and loses theirs. */
function writeEntries(entries: usize, listed: usize, inverse: usize, one: usize, twiceD: usize, work: usize): void {
  const x = work;
  const y = work + PAIR;
  const part = work + 2 * PAIR;
  multiply(part, inverse, listed + 3 * PAIR); // 1/Z
  multiply(inverse, inverse, listed + 2 * PAIR);
  multiply(x, listed, part);
  multiply(y, listed + PAIR, part);
  add(part, y, x);
  subtract(part, part, one);
  scatter(entries, part);
  subtract(part, y, x);
  subtract(part, part, one);
  scatter(entries + ELEMENT, part);
  multiply(part, x, y);
  multiply(part, part, twiceD);
  scatter(entries + 2 * ELEMENT, part);
}

/** Writes each byte of a pair's limbs to a vector of its own, lane B's behind lane A's; reduces the pair (up to 32×) first. */
function scatter(target: usize, pair: usize): void {
  carry(pair, pair);
  for (const end = pair + PAIR; pair < end; pair += 8) {
    for (let byte: usize = 0; byte < 4; byte++) {
      store<u8>(target, load<u8>(pair + byte));
      store<u8>(target + 1, load<u8>(pair + 4 + byte));
      target += 16;
    }
  }
}

/** target = scalar·P, for two scalars of 32 bytes. `work` holds 14 pairs. */
export function multiplyFixed(target: usize, tables: usize, scalars: usize, one: usize, work: usize): void {
  const summand = work + 8 * PAIR;
  const digits = work + 12 * PAIR;
  recode(digits, scalars, WIDTH);
  identity(target, one);
  for (let i: usize = 0; i < WINDOWS; i++) {
    lookUp(summand, tables + i * TABLE, load<i8>(digits + i), load<i8>(digits + DIGITS + i));
    addAffine(target, target, summand, work);
  }
}

/** target = the digits' multiples of P: y + x, y − x and 2d·xy. */
function lookUp(target: usize, table: usize, a: i32, b: i32): void {
  const digits = i32x4.shuffle(i32x4.splat(a), i32x4.splat(b), 0, 4, 0, 4);
  gather(target, table, i32x4.sub(i32x4.abs(digits), i32x4.splat(1)));
  const negative = i32x4.shr_s(digits, 31);
  let one = i32x4(1, 1, 0, 0);
  let twiceP = i32x4(0x7ffffda, 0x7ffffda, 0x3fffffe, 0x3fffffe);
  for (const end = target + PAIR; target < end; target += 16) {
    const plus = i32x4.add(v128.load(target), one);
    const minus = i32x4.add(v128.load(target + PAIR), one);
    const product = v128.load(target + 2 * PAIR);
    v128.store(target, v128.bitselect(minus, plus, negative));
    v128.store(target + PAIR, v128.bitselect(plus, minus, negative));
    v128.store(target + 2 * PAIR, v128.bitselect(i32x4.sub(twiceP, product), product, negative));
    one = i32x4.splat(0);
    twiceP = i32x4(0x7fffffe, 0x7fffffe, 0x3fffffe, 0x3fffffe);
  }
}

/** Collects an entry of a table for each lane, two limbs at a time; `entries` are their numbers, in (A, B, A, B): all zero where it is −1. */
function gather(target: usize, table: usize, entries: v128): void {
  const n = i8x16.shuffle(entries, entries, 0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12);
  // a vector's byte goes to one place in each lane; 255 chooses nothing
  const n0 = v128.or(n, i32x4(0xffffff00, 0xffffff00, -1, -1));
  const n1 = v128.or(n, i32x4(0xffff00ff, 0xffff00ff, -1, -1));
  const n2 = v128.or(n, i32x4(0xff00ffff, 0xff00ffff, -1, -1));
  const n3 = v128.or(n, i32x4(0x00ffffff, 0x00ffffff, -1, -1));
  const n4 = v128.or(n, i32x4(-1, -1, 0xffffff00, 0xffffff00));
  const n5 = v128.or(n, i32x4(-1, -1, 0xffff00ff, 0xffff00ff));
  const n6 = v128.or(n, i32x4(-1, -1, 0xff00ffff, 0xff00ffff));
  const n7 = v128.or(n, i32x4(-1, -1, 0x00ffffff, 0x00ffffff));
  for (const end = target + 3 * PAIR; target < end; target += 16) {
    let limbs = i8x16.swizzle(v128.load(table), n0);
    limbs = v128.or(limbs, i8x16.swizzle(v128.load(table, 16), n1));
    limbs = v128.or(limbs, i8x16.swizzle(v128.load(table, 32), n2));
    limbs = v128.or(limbs, i8x16.swizzle(v128.load(table, 48), n3));
    limbs = v128.or(limbs, i8x16.swizzle(v128.load(table, 64), n4));
    limbs = v128.or(limbs, i8x16.swizzle(v128.load(table, 80), n5));
    limbs = v128.or(limbs, i8x16.swizzle(v128.load(table, 96), n6));
    limbs = v128.or(limbs, i8x16.swizzle(v128.load(table, 112), n7));
    v128.store(target, limbs);
    table += 128;
  }
}

/** target = point + summand, as addSummand with Z = 1. */
function addAffine(target: usize, point: usize, summand: usize, work: usize): void {
  const a = work;
  const b = work + PAIR;
  const c = work + 2 * PAIR;
  const d = work + 3 * PAIR;
  const e = work + 4 * PAIR;
  const f = work + 5 * PAIR;
  subtract(a, point + PAIR, point);
  multiply(a, a, summand + PAIR);
  add(b, point + PAIR, point);
  multiply(b, b, summand);
  multiply(c, point + 3 * PAIR, summand + 2 * PAIR);
  add(d, point + 2 * PAIR, point + 2 * PAIR);
  subtract(e, b, a);
  subtract(f, d, c);
  add(d, d, c);
  add(b, b, a);
  multiply(target, f, e);
  multiply(target + PAIR, d, b);
  multiply(target + 2 * PAIR, f, d);
  multiply(target + 3 * PAIR, e, b);
}
