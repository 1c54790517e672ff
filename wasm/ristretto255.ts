import { add, carry, copy, invert, loadPair, negate, PAIR, power, select, storePair, subtract } from './field25519';
import { multiply, square } from './field25519-products';
import { addSummand, clear, double, multiplyPoint, negateSummand, POINT, tabulate, toSummand } from './edwards25519';
import { makeTables, multiplyFixed } from './fixed-point';

/**
 * ristretto255 (RFC 9496), two elements at once, for batches: points stay unencoded between sums and products,
 * and many doubles are encoded with one inversion. `context` holds the constants of section 4.1 and space to work in.
 */

const ONE: usize = 0;
const D: usize = PAIR;
const TWICE_D: usize = 2 * PAIR;
const SQRT_MINUS_ONE: usize = 3 * PAIR;
const ONE_MINUS_D_SQUARED: usize = 4 * PAIR;
const D_MINUS_ONE_SQUARED: usize = 5 * PAIR;
const SQRT_AD_MINUS_ONE: usize = 6 * PAIR;
const INVSQRT_A_MINUS_D: usize = 7 * PAIR;
/** Where the working space begins: 40 pairs. */
const WORK: usize = 8 * PAIR;

/** Fills in the constants from the eight pairs of 32-byte encodings at `encodings`. */
export function ristrettoContext(context: usize, encodings: usize): void {
  for (let i: usize = 0; i < 8; i++) loadPair(context + i * PAIR, encodings + (i << 6));
}

/** All ones in a lane that is a square ratio; target = |√(u/v)|, or |√(i·u/v)| where u/v is not a square (section 4.2). `work`: ten pairs. */
function squareRootRatio(target: usize, u: usize, v: usize, context: usize, work: usize): v128 {
  const a = work;
  const b = work + PAIR;
  const root = work + 2 * PAIR;
  const rest = work + 3 * PAIR;
  const i = context + SQRT_MINUS_ONE;
  square(a, v);
  multiply(a, a, v); // v³
  square(b, a);
  multiply(b, b, v); // v⁷
  multiply(b, b, u);
  power(b, b, rest);
  multiply(a, a, u);
  multiply(root, b, a); // u·v³·(u·v⁷)^((p−5)/8)
  square(a, root);
  multiply(a, a, v); // u, −u, u·i or −u·i
  const correct = equals(a, u, rest);
  negate(b, u);
  const flipped = equals(a, b, rest);
  multiply(b, b, i);
  const flippedTurned = equals(a, b, rest);
  multiply(b, root, i);
  select(root, root, b, v128.or(flipped, flippedTurned));
  absolute(target, root, rest);
  return v128.or(correct, flipped);
}

/** All ones in the lanes where two elements are equal; both reduced. `work`: two pairs. */
function equals(left: usize, right: usize, work: usize): v128 {
  storePair(work, left);
  storePair(work + 64, right);
  return lanes(differs(work, work + 64), differs(work + 32, work + 96));
}

/** 0 if 32 bytes are equal, else 1. */
function differs(left: usize, right: usize): u64 {
  let bits: u64 = 0;
  for (let at: usize = 0; at < 32; at += 8) bits |= load<u64>(left + at) ^ load<u64>(right + at);
  return (bits | (0 - bits)) >> 63;
}

/** All ones in the lanes whose argument is 0, zero where it is 1. */
function lanes(a: u64, b: u64): v128 {
  return i64x2.splat(((a - 1) & 0xffffffff) | ((b - 1) << 32));
}

/** All ones in the lanes whose element is odd; reduced. `work`: a pair. */
function isNegative(source: usize, work: usize): v128 {
  storePair(work, source);
  return lanes((load<u64>(work) & 1) ^ 1, (load<u64>(work + 32) & 1) ^ 1);
}

/** target = −source in the lanes of the mask; reduced. `work`: a pair. */
function negateWhere(target: usize, source: usize, mask: v128, work: usize): void {
  negate(work, source);
  select(target, source, work, mask);
}

function absolute(target: usize, source: usize, work: usize): void {
  negateWhere(target, source, isNegative(source, work), work);
}

/**
 * Decodes two elements (section 4.3.1). Returns 0 if both are canonical encodings; the identity decodes.
 */
export function ristrettoDecode(context: usize, target: usize, bytes: usize): u32 {
  const work = context + WORK;
  const u1 = work + 12 * PAIR;
  const u2 = work + 13 * PAIR;
  const v = work + 14 * PAIR;
  const w = work + 15 * PAIR;
  const s = work + 16 * PAIR;
  const x = target;
  const y = target + PAIR;
  loadPair(s, bytes);
  storePair(work, s);
  let invalid = differs(work, bytes) | differs(work + 32, bytes + 32);
  invalid |= (load<u64>(bytes) | load<u64>(bytes + 32)) & 1;
  square(w, s);
  subtract(u1, context + ONE, w);
  add(u2, context + ONE, w);
  square(w, u2);
  square(v, u1);
  multiply(v, v, context + D);
  add(v, v, w);
  negate(v, v); // −(d·u1²) − u2²
  multiply(w, v, w);
  const isSquare = squareRootRatio(x, context + ONE, w, context, work);
  multiply(y, u2, x); // den_x
  multiply(x, x, y);
  multiply(x, x, v); // den_y
  multiply(w, y, s);
  add(w, w, w);
  carry(w, w);
  multiply(y, u1, x);
  absolute(x, w, work);
  copy(target + 2 * PAIR, context + ONE);
  multiply(target + 3 * PAIR, x, y);
  const negative = isNegative(target + 3 * PAIR, work);
  clear(w);
  const zero = equals(y, w, work);
  const bad = v128.or(v128.not(isSquare), v128.or(negative, zero));
  return <u32>invalid | <u32>v128.any_true(bad);
}

/** Maps two strings of 64 uniform bytes to elements (section 4.3.4). */
export function ristrettoMap(context: usize, target: usize, bytes: usize): void {
  const halves = context + WORK + 34 * PAIR;
  const point = context + WORK + 20 * PAIR;
  memory.copy(halves, bytes, 32);
  memory.copy(halves + 32, bytes + 64, 32);
  mapHalf(context, point, halves);
  toSummand(point + POINT, point, context + TWICE_D);
  memory.copy(halves, bytes + 32, 32);
  memory.copy(halves + 32, bytes + 96, 32);
  mapHalf(context, point, halves);
  addSummand(target, point, point + POINT, context + WORK);
}

/** MAP of section 4.3.4. */
function mapHalf(context: usize, target: usize, bytes: usize): void {
  const work = context + WORK;
  const t = work + 12 * PAIR;
  const r = work + 13 * PAIR;
  const u = work + 14 * PAIR;
  const v = work + 15 * PAIR;
  const s = work + 16 * PAIR;
  const n = work + 17 * PAIR;
  const one = context + ONE;
  loadPair(t, bytes);
  square(r, t);
  multiply(r, r, context + SQRT_MINUS_ONE);
  add(u, r, one);
  multiply(u, u, context + ONE_MINUS_D_SQUARED);
  multiply(v, r, context + D);
  add(v, v, one);
  negate(v, v); // −1 − r·d
  add(s, r, context + D);
  multiply(v, v, s);
  const isSquare = squareRootRatio(s, u, v, context, work);
  multiply(u, s, t);
  absolute(u, u, work);
  negate(u, u); // s′
  select(s, u, s, isSquare);
  negate(u, one);
  select(u, r, u, isSquare); // c
  subtract(n, r, one);
  multiply(n, n, u);
  multiply(n, n, context + D_MINUS_ONE_SQUARED);
  subtract(n, n, v);
  multiply(u, s, v);
  add(u, u, u); // w0
  multiply(v, n, context + SQRT_AD_MINUS_ONE); // w1
  square(n, s);
  subtract(r, one, n); // w2
  add(n, one, n); // w3
  multiply(target, u, n);
  multiply(target + PAIR, r, v);
  multiply(target + 2 * PAIR, v, n);
  multiply(target + 3 * PAIR, r, u);
}

/** target = left + right. */
export function ristrettoAdd(context: usize, target: usize, left: usize, right: usize): void {
  const work = context + WORK;
  toSummand(work + 8 * PAIR, right, context + TWICE_D);
  addSummand(target, left, work + 8 * PAIR, work);
}

/** target = left − right. */
export function ristrettoSubtract(context: usize, target: usize, left: usize, right: usize): void {
  const work = context + WORK;
  toSummand(work + 8 * PAIR, right, context + TWICE_D);
  negateSummand(work + 8 * PAIR, i32x4.splat(-1), work);
  addSummand(target, left, work + 8 * PAIR, work);
}

/** target = 2·point. */
export function ristrettoDouble(context: usize, target: usize, point: usize): void {
  double(target, point, context + WORK, true);
}

/** target = scalar·point, for two scalars of 32 bytes, below 2^253; `table` holds eight summands of 320 bytes. Overwrites `point`. */
export function ristrettoMultiply(context: usize, target: usize, point: usize, scalars: usize, table: usize): void {
  tabulate(table, point, context + TWICE_D, context + WORK);
  multiplyPoint(target, table, scalars, context + ONE, context + WORK);
}

/** Tables for products of a fixed point: 51 of 1920 bytes. Overwrites `point`; `space` holds 408 points. */
export function ristrettoTables(context: usize, tables: usize, point: usize, space: usize): void {
  makeTables(tables, point, context + ONE, context + TWICE_D, space, context + WORK);
}

/** target = scalar·point for the tables of a fixed point, and two scalars as ristrettoMultiply has them. */
export function ristrettoMultiplyFixed(context: usize, target: usize, tables: usize, scalars: usize): void {
  multiplyFixed(target, tables, scalars, context + ONE, context + WORK);
}

/**
 * Encodes the doubles of `count` pairs of points with one inversion, 64 bytes per pair (Hamburg's double-and-encode). Overwrites the
 * points; `products` holds `count` pairs. Returns 0 unless one of the doubles is the identity.
 */
export function ristrettoEncodeDoubles(context: usize, bytes: usize, points: usize, products: usize, count: u32): u32 {
  const work = context + WORK;
  const running = work + 12 * PAIR;
  const inverse = work + 13 * PAIR;
  copy(running, context + ONE);
  for (let i: usize = 0; i < <usize>count; i++) {
    doubleParts(points + i * POINT, context, work);
    const point = points + i * POINT;
    multiply(work, point, point + 2 * PAIR);
    multiply(work + PAIR, point + PAIR, point + 3 * PAIR);
    multiply(work, work, work + PAIR); // e·g·f·h
    copy(products + i * PAIR, running);
    multiply(running, running, work);
  }
  clear(inverse);
  const identity = equals(running, inverse, work);
  invert(inverse, running, work);
  for (let i = <isize>count - 1; i >= 0; i--) {
    encodeDouble(bytes + (<usize>i << 6), points + <usize>i * POINT, products + <usize>i * PAIR, inverse, context, work);
  }
  return <u32>v128.any_true(identity);
}

/** Replaces a point by e = 2XY, f = Z² + dT², g = Y² + X² and h = Z² − dT², all reduced. */
function doubleParts(point: usize, context: usize, work: usize): void {
  const a = work;
  const b = work + PAIR;
  square(a, point);
  square(b, point + PAIR);
  multiply(point, point, point + PAIR);
  add(point, point, point);
  carry(point, point);
  square(point + PAIR, point + 2 * PAIR); // Z²
  add(point + 2 * PAIR, a, b);
  carry(point + 2 * PAIR, point + 2 * PAIR); // g
  square(a, point + 3 * PAIR);
  multiply(a, a, context + D);
  subtract(point + 3 * PAIR, point + PAIR, a);
  carry(point + 3 * PAIR, point + 3 * PAIR); // h
  add(point + PAIR, point + PAIR, a);
  carry(point + PAIR, point + PAIR); // f
}

/** Encodes one double from its parts; `before` is the product of all earlier ones, `inverse` the inverse up to this one, which it updates. */
function encodeDouble(bytes: usize, parts: usize, before: usize, inverse: usize, context: usize, work: usize): void {
  const e = parts;
  const f = parts + PAIR;
  const g = parts + 2 * PAIR;
  const h = parts + 3 * PAIR;
  const eg = work;
  const fh = work + PAIR;
  const zInverse = work + 2 * PAIR;
  const tInverse = work + 3 * PAIR;
  const magic = work + 4 * PAIR;
  const spare = work + 5 * PAIR;
  const turned = work + 6 * PAIR;
  multiply(eg, e, g);
  multiply(fh, f, h);
  multiply(spare, inverse, before); // 1/(e·g·f·h)
  multiply(inverse, inverse, eg);
  multiply(inverse, inverse, fh);
  multiply(zInverse, eg, spare);
  multiply(tInverse, fh, spare);
  multiply(spare, eg, zInverse);
  const rotate = isNegative(spare, turned);
  multiply(turned, f, context + SQRT_MINUS_ONE);
  select(h, h, turned, rotate);
  negate(turned, e);
  select(e, e, g, rotate);
  select(g, g, turned, rotate);
  select(magic, context + INVSQRT_A_MINUS_D, context + SQRT_MINUS_ONE, rotate);
  multiply(spare, h, e);
  multiply(spare, spare, zInverse);
  negateWhere(g, g, isNegative(spare, turned), turned);
  multiply(spare, g, tInverse);
  multiply(spare, spare, magic);
  subtract(turned, h, g);
  multiply(spare, turned, spare);
  absolute(spare, spare, turned);
  storePair(bytes, spare);
}
