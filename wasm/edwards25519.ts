import { DIGITS, recode } from './digits';
import { add, carry, copy, PAIR, select, subtract } from './field25519';
import { multiply, square } from './field25519-products';

/**
 * Points of the curve −x² + y² = 1 + d·x²y² over 2^255 − 19, two at once (lanes A and B). A point is X, Y, Z and T = XY/Z, each a pair: 320 bytes.
 * A summand is Y + X, Y − X, 2Z and 2d·T. Formulas of Hisil, Wong, Carter and Dawson (ePrint 2008/522), complete for this
 * curve; `work` holds eight pairs.
 */

/** Bytes of a pair of points, or of summands. */
export const POINT: usize = 4 * PAIR;

/** Bits of a digit, in −8 … 7. A scalar has 64. */
const WIDTH: u32 = 4;

/** target = 2·point. T is left out unless `extended`. */
export function double(target: usize, point: usize, work: usize, extended: bool): void {
  const a = work;
  const b = work + PAIR;
  const f = work + 2 * PAIR;
  const e = work + 3 * PAIR;
  const h = work + 4 * PAIR;
  const g = work + 5 * PAIR;
  square(a, point);
  square(b, point + PAIR);
  square(f, point + 2 * PAIR);
  add(e, point, point + PAIR);
  square(e, e);
  add(h, a, b);
  subtract(e, h, e);
  carry(e, e);
  subtract(g, a, b);
  add(f, f, f);
  add(f, f, g);
  multiply(target, f, e);
  multiply(target + PAIR, g, h);
  multiply(target + 2 * PAIR, f, g);
  if (extended) multiply(target + 3 * PAIR, h, e);
}

/** target = point + summand. T is left out unless `extended`. */
export function addSummand(target: usize, point: usize, summand: usize, work: usize, extended: bool = true): void {
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
  multiply(c, point + 3 * PAIR, summand + 3 * PAIR);
  multiply(d, point + 2 * PAIR, summand + 2 * PAIR);
  subtract(e, b, a);
  subtract(f, d, c);
  add(d, d, c);
  add(b, b, a);
  multiply(target, e, f);
  multiply(target + PAIR, d, b);
  multiply(target + 2 * PAIR, f, d);
  if (extended) multiply(target + 3 * PAIR, e, b);
}

/** The point as a summand; `twiceD` is the pair 2d. */
export function toSummand(target: usize, point: usize, twiceD: usize): void {
  add(target, point + PAIR, point);
  subtract(target + PAIR, point + PAIR, point);
  add(target + 2 * PAIR, point + 2 * PAIR, point + 2 * PAIR);
  multiply(target + 3 * PAIR, point + 3 * PAIR, twiceD);
}

/** Negates a summand in the lanes of the mask, in place. `work` holds two pairs. */
export function negateSummand(summand: usize, mask: v128, work: usize): void {
  const other = work + PAIR;
  copy(work, summand);
  select(summand, work, summand + PAIR, mask);
  select(summand + PAIR, summand + PAIR, work, mask);
  clear(work);
  subtract(other, work, summand + 3 * PAIR);
  select(summand + 3 * PAIR, summand + 3 * PAIR, other, mask);
}

/** The summands 1·point … 8·point, one after another. `point` is overwritten. */
export function tabulate(table: usize, point: usize, twiceD: usize, work: usize): void {
  toSummand(table, point, twiceD);
  for (let entry = table + POINT; entry < table + 8 * POINT; entry += POINT) {
    addSummand(point, point, table, work);
    toSummand(entry, point, twiceD);
  }
}

/**
 * target = digit·(the table's point) as a summand, lane by lane; reads the whole table for every digit. `one` is the pair 1.
 */
function lookUp(target: usize, table: usize, digits: usize, one: usize, work: usize): void {
  const digit = i64x2.splat(<i64>load<i8>(digits) & 0xffffffff | (<i64>load<i8>(digits + DIGITS) << 32));
  const negative = i32x4.shr_s(digit, 31);
  const size = i32x4.abs(digit);
  copy(target, one);
  copy(target + PAIR, one);
  add(target + 2 * PAIR, one, one);
  clear(target + 3 * PAIR);
  const m0 = i32x4.eq(size, i32x4.splat(0));
  const m1 = i32x4.eq(size, i32x4.splat(1));
  const m2 = i32x4.eq(size, i32x4.splat(2));
  const m3 = i32x4.eq(size, i32x4.splat(3));
  const m4 = i32x4.eq(size, i32x4.splat(4));
  const m5 = i32x4.eq(size, i32x4.splat(5));
  const m6 = i32x4.eq(size, i32x4.splat(6));
  const m7 = i32x4.eq(size, i32x4.splat(7));
  const m8 = i32x4.eq(size, i32x4.splat(8));
  for (const end = target + POINT; target < end; target += 16) {
    const a = v128.or(v128.and(v128.load(target), m0), v128.and(v128.load(table), m1));
    const b = v128.or(v128.and(v128.load(table + POINT), m2), v128.and(v128.load(table + 2 * POINT), m3));
    const c = v128.or(v128.and(v128.load(table + 3 * POINT), m4), v128.and(v128.load(table + 4 * POINT), m5));
    const d = v128.or(v128.and(v128.load(table + 5 * POINT), m6), v128.and(v128.load(table + 6 * POINT), m7));
    const e = v128.and(v128.load(table + 7 * POINT), m8);
    v128.store(target, v128.or(v128.or(v128.or(a, b), v128.or(c, d)), e));
    table += 16;
  }
  negateSummand(target - POINT, negative, work);
}

/** target = scalar·point for the table of a point (tabulate), with two scalars of 32 bytes. `work` holds 14 pairs. */
export function multiplyPoint(target: usize, table: usize, scalars: usize, one: usize, work: usize): void {
  const summand = work + 8 * PAIR;
  const digits = work + 12 * PAIR;
  recode(digits, scalars, WIDTH);
  identity(target, one);
  for (let i: i32 = 63; i >= 0; i--) {
    if (i < 63) {
      double(target, target, work, false);
      double(target, target, work, false);
      double(target, target, work, false);
      double(target, target, work, true);
    }
    lookUp(summand, table, digits + i, one, work);
    addSummand(target, target, summand, work, i === 0);
  }
}

/** target = 0. */
export function clear(target: usize): void {
  memory.fill(target, 0, PAIR);
}

/** target = the identity. */
export function identity(target: usize, one: usize): void {
  clear(target);
  copy(target + PAIR, one);
  copy(target + 2 * PAIR, one);
  clear(target + 3 * PAIR);
}
