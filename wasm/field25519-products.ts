/**
 * Products of pairs of field elements modulo 2^255 − 19; for the form and its bounds see field25519.ts. Column k of a product is the sum of
 * all limb products i + j ≡ k modulo 10, doubled where both limbs are odd, and times 19 where i + j passes 9. Of five vectors, e holds the
 * even and o the odd columns; d is doubled, n times 19, r and m have even and odd limbs swapped.
 */

/** target = left·right. */
export function multiply(target: usize, left: usize, right: usize): void {
  const g0 = v128.load(right);
  const g1 = v128.load(right, 16);
  const g2 = v128.load(right, 32);
  const g3 = v128.load(right, 48);
  const g4 = v128.load(right, 64);
  const r0 = swapped(g0);
  const r1 = swapped(g1);
  const r2 = swapped(g2);
  const r3 = swapped(g3);
  const r4 = swapped(g4);
  const n0 = nineteen(g0);
  const n1 = nineteen(g1);
  const n2 = nineteen(g2);
  const n3 = nineteen(g3);
  const n4 = nineteen(g4);
  const m0 = swapped(n0);
  const m1 = swapped(n1);
  const m2 = swapped(n2);
  const m3 = swapped(n3);
  const m4 = swapped(n4);
  const f0 = v128.load(left);
  const d0 = i32x4.shl(f0, 1);
  let e0 = low(f0, g0);
  let e1 = high(d0, g0);
  let o0 = i64x2.add(low(f0, r0), high(f0, r0));
  e1 = i64x2.add(e1, low(f0, g1));
  let e2 = high(d0, g1);
  let o1 = i64x2.add(low(f0, r1), high(f0, r1));
  e2 = i64x2.add(e2, low(f0, g2));
  let e3 = high(d0, g2);
  let o2 = i64x2.add(low(f0, r2), high(f0, r2));
  e3 = i64x2.add(e3, low(f0, g3));
  let e4 = high(d0, g3);
  let o3 = i64x2.add(low(f0, r3), high(f0, r3));
  e4 = i64x2.add(e4, low(f0, g4));
  e0 = i64x2.add(e0, high(d0, n4));
  let o4 = i64x2.add(low(f0, r4), high(f0, r4));
  const f1 = v128.load(left, 16);
  const d1 = i32x4.shl(f1, 1);
  e1 = i64x2.add(e1, low(f1, g0));
  e2 = i64x2.add(e2, high(d1, g0));
  o1 = i64x2.add(o1, i64x2.add(low(f1, r0), high(f1, r0)));
  e2 = i64x2.add(e2, low(f1, g1));
  e3 = i64x2.add(e3, high(d1, g1));
  o2 = i64x2.add(o2, i64x2.add(low(f1, r1), high(f1, r1)));
  e3 = i64x2.add(e3, low(f1, g2));
  e4 = i64x2.add(e4, high(d1, g2));
  o3 = i64x2.add(o3, i64x2.add(low(f1, r2), high(f1, r2)));
  e4 = i64x2.add(e4, low(f1, g3));
  e0 = i64x2.add(e0, high(d1, n3));
  o4 = i64x2.add(o4, i64x2.add(low(f1, r3), high(f1, r3)));
  e0 = i64x2.add(e0, low(f1, n4));
  e1 = i64x2.add(e1, high(d1, n4));
  o0 = i64x2.add(o0, i64x2.add(low(f1, m4), high(f1, m4)));
  const f2 = v128.load(left, 32);
  const d2 = i32x4.shl(f2, 1);
  e2 = i64x2.add(e2, low(f2, g0));
  e3 = i64x2.add(e3, high(d2, g0));
  o2 = i64x2.add(o2, i64x2.add(low(f2, r0), high(f2, r0)));
  e3 = i64x2.add(e3, low(f2, g1));
  e4 = i64x2.add(e4, high(d2, g1));
  o3 = i64x2.add(o3, i64x2.add(low(f2, r1), high(f2, r1)));
  e4 = i64x2.add(e4, low(f2, g2));
  e0 = i64x2.add(e0, high(d2, n2));
  o4 = i64x2.add(o4, i64x2.add(low(f2, r2), high(f2, r2)));
  e0 = i64x2.add(e0, low(f2, n3));
  e1 = i64x2.add(e1, high(d2, n3));
  o0 = i64x2.add(o0, i64x2.add(low(f2, m3), high(f2, m3)));
  e1 = i64x2.add(e1, low(f2, n4));
  e2 = i64x2.add(e2, high(d2, n4));
  o1 = i64x2.add(o1, i64x2.add(low(f2, m4), high(f2, m4)));
  const f3 = v128.load(left, 48);
  const d3 = i32x4.shl(f3, 1);
  e3 = i64x2.add(e3, low(f3, g0));
  e4 = i64x2.add(e4, high(d3, g0));
  o3 = i64x2.add(o3, i64x2.add(low(f3, r0), high(f3, r0)));
  e4 = i64x2.add(e4, low(f3, g1));
  e0 = i64x2.add(e0, high(d3, n1));
  o4 = i64x2.add(o4, i64x2.add(low(f3, r1), high(f3, r1)));
  e0 = i64x2.add(e0, low(f3, n2));
  e1 = i64x2.add(e1, high(d3, n2));
  o0 = i64x2.add(o0, i64x2.add(low(f3, m2), high(f3, m2)));
  e1 = i64x2.add(e1, low(f3, n3));
  e2 = i64x2.add(e2, high(d3, n3));
  o1 = i64x2.add(o1, i64x2.add(low(f3, m3), high(f3, m3)));
  e2 = i64x2.add(e2, low(f3, n4));
  e3 = i64x2.add(e3, high(d3, n4));
  o2 = i64x2.add(o2, i64x2.add(low(f3, m4), high(f3, m4)));
  const f4 = v128.load(left, 64);
  const d4 = i32x4.shl(f4, 1);
  e4 = i64x2.add(e4, low(f4, g0));
  e0 = i64x2.add(e0, high(d4, n0));
  o4 = i64x2.add(o4, i64x2.add(low(f4, r0), high(f4, r0)));
  e0 = i64x2.add(e0, low(f4, n1));
  e1 = i64x2.add(e1, high(d4, n1));
  o0 = i64x2.add(o0, i64x2.add(low(f4, m1), high(f4, m1)));
  e1 = i64x2.add(e1, low(f4, n2));
  e2 = i64x2.add(e2, high(d4, n2));
  o1 = i64x2.add(o1, i64x2.add(low(f4, m2), high(f4, m2)));
  e2 = i64x2.add(e2, low(f4, n3));
  e3 = i64x2.add(e3, high(d4, n3));
  o2 = i64x2.add(o2, i64x2.add(low(f4, m3), high(f4, m3)));
  e3 = i64x2.add(e3, low(f4, n4));
  e4 = i64x2.add(e4, high(d4, n4));
  o3 = i64x2.add(o3, i64x2.add(low(f4, m4), high(f4, m4)));
  reduce(target, e0, o0, e1, o1, e2, o2, e3, o3, e4, o4);
}

/** target = source². */
export function square(target: usize, source: usize): void {
  const f0 = v128.load(source);
  const f1 = v128.load(source, 16);
  const f2 = v128.load(source, 32);
  const f3 = v128.load(source, 48);
  const f4 = v128.load(source, 64);
  const d0 = i32x4.shl(f0, 1);
  const d1 = i32x4.shl(f1, 1);
  const d2 = i32x4.shl(f2, 1);
  const d3 = i32x4.shl(f3, 1);
  const d4 = i32x4.shl(f4, 1);
  const n0 = nineteen(f0);
  const n1 = nineteen(f1);
  const n2 = nineteen(f2);
  const n3 = nineteen(f3);
  const n4 = nineteen(f4);
  const r0 = swapped(f0);
  const r1 = swapped(f1);
  const r2 = swapped(f2);
  const r3 = swapped(f3);
  const r4 = swapped(f4);
  const m0 = swapped(n0);
  const m1 = swapped(n1);
  const m2 = swapped(n2);
  const m3 = swapped(n3);
  const m4 = swapped(n4);
  let e0 = low(f0, f0);
  let e1 = high(d0, f0);
  e1 = i64x2.add(e1, low(d0, f1));
  let e2 = high(i32x4.shl(f0, 2), f1);
  e2 = i64x2.add(e2, low(d0, f2));
  let e3 = high(i32x4.shl(f0, 2), f2);
  e3 = i64x2.add(e3, low(d0, f3));
  let e4 = high(i32x4.shl(f0, 2), f3);
  e4 = i64x2.add(e4, low(d0, f4));
  e0 = i64x2.add(e0, high(i32x4.shl(f0, 2), n4));
  let o0 = low(d0, r0);
  let o1 = low(d0, r1);
  let o2 = low(d0, r2);
  let o3 = low(d0, r3);
  let o4 = low(d0, r4);
  e2 = i64x2.add(e2, low(f1, f1));
  e3 = i64x2.add(e3, high(d1, f1));
  e3 = i64x2.add(e3, low(d1, f2));
  e4 = i64x2.add(e4, high(i32x4.shl(f1, 2), f2));
  e4 = i64x2.add(e4, low(d1, f3));
  e0 = i64x2.add(e0, high(i32x4.shl(f1, 2), n3));
  e0 = i64x2.add(e0, low(d1, n4));
  e1 = i64x2.add(e1, high(i32x4.shl(f1, 2), n4));
  o1 = i64x2.add(o1, low(d1, r0));
  o2 = i64x2.add(o2, low(d1, r1));
  o3 = i64x2.add(o3, low(d1, r2));
  o4 = i64x2.add(o4, low(d1, r3));
  o0 = i64x2.add(o0, low(d1, m4));
  e4 = i64x2.add(e4, low(f2, f2));
  e0 = i64x2.add(e0, high(d2, n2));
  e0 = i64x2.add(e0, low(d2, n3));
  e1 = i64x2.add(e1, high(i32x4.shl(f2, 2), n3));
  e1 = i64x2.add(e1, low(d2, n4));
  e2 = i64x2.add(e2, high(i32x4.shl(f2, 2), n4));
  o2 = i64x2.add(o2, low(d2, r0));
  o3 = i64x2.add(o3, low(d2, r1));
  o4 = i64x2.add(o4, low(d2, r2));
  o0 = i64x2.add(o0, low(d2, m3));
  o1 = i64x2.add(o1, low(d2, m4));
  e1 = i64x2.add(e1, low(f3, n3));
  e2 = i64x2.add(e2, high(d3, n3));
  e2 = i64x2.add(e2, low(d3, n4));
  e3 = i64x2.add(e3, high(i32x4.shl(f3, 2), n4));
  o3 = i64x2.add(o3, low(d3, r0));
  o4 = i64x2.add(o4, low(d3, r1));
  o0 = i64x2.add(o0, low(d3, m2));
  o1 = i64x2.add(o1, low(d3, m3));
  o2 = i64x2.add(o2, low(d3, m4));
  e3 = i64x2.add(e3, low(f4, n4));
  e4 = i64x2.add(e4, high(d4, n4));
  o4 = i64x2.add(o4, low(d4, r0));
  o0 = i64x2.add(o0, low(d4, m1));
  o1 = i64x2.add(o1, low(d4, m2));
  o2 = i64x2.add(o2, low(d4, m3));
  o3 = i64x2.add(o3, low(d4, m4));
  reduce(target, e0, o0, e1, o1, e2, o2, e3, o3, e4, o4);
}

/** Carries the ten columns of a product and packs them. */
// @ts-ignore: decorator
@inline
function reduce(
  target: usize,
  e0: v128,
  o0: v128,
  e1: v128,
  o1: v128,
  e2: v128,
  o2: v128,
  e3: v128,
  o3: v128,
  e4: v128,
  o4: v128,
): void {
  const mask26 = i64x2.splat(0x3ffffff);
  const mask25 = i64x2.splat(0x1ffffff);
  o0 = i64x2.add(o0, i64x2.shr_u(e0, 26));
  o2 = i64x2.add(o2, i64x2.shr_u(e2, 26));
  e0 = v128.and(e0, mask26);
  e2 = v128.and(e2, mask26);
  e1 = i64x2.add(e1, i64x2.shr_u(o0, 25));
  e3 = i64x2.add(e3, i64x2.shr_u(o2, 25));
  o0 = v128.and(o0, mask25);
  o2 = v128.and(o2, mask25);
  o1 = i64x2.add(o1, i64x2.shr_u(e1, 26));
  o3 = i64x2.add(o3, i64x2.shr_u(e3, 26));
  e1 = v128.and(e1, mask26);
  e3 = v128.and(e3, mask26);
  e2 = i64x2.add(e2, i64x2.shr_u(o1, 25));
  e4 = i64x2.add(e4, i64x2.shr_u(o3, 25));
  o1 = v128.and(o1, mask25);
  o3 = v128.and(o3, mask25);
  o2 = i64x2.add(o2, i64x2.shr_u(e2, 26));
  o4 = i64x2.add(o4, i64x2.shr_u(e4, 26));
  e2 = v128.and(e2, mask26);
  e4 = v128.and(e4, mask26);
  const wrapped = i64x2.shr_u(o4, 25);
  o4 = v128.and(o4, mask25);
  e0 = i64x2.add(e0, i64x2.add(wrapped, i64x2.add(i64x2.shl(wrapped, 1), i64x2.shl(wrapped, 4))));
  o0 = i64x2.add(o0, i64x2.shr_u(e0, 26));
  e0 = v128.and(e0, mask26);
  v128.store(target, pack(e0, o0));
  v128.store(target, pack(e1, o1), 16);
  v128.store(target, pack(e2, o2), 32);
  v128.store(target, pack(e3, o3), 48);
  v128.store(target, pack(e4, o4), 64);
}

// @ts-ignore: decorator
@inline
function pack(even: v128, odd: v128): v128 {
  return i32x4.shuffle(even, odd, 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
function swapped(limbs: v128): v128 {
  return i32x4.shuffle(limbs, limbs, 2, 3, 0, 1);
}

// @ts-ignore: decorator
@inline
function nineteen(limbs: v128): v128 {
  return i32x4.add(limbs, i32x4.add(i32x4.shl(limbs, 1), i32x4.shl(limbs, 4)));
}

/** The products of the even limbs. */
// @ts-ignore: decorator
@inline
function low(left: v128, right: v128): v128 {
  return i64x2.extmul_low_i32x4_u(left, right);
}

/** The products of the odd limbs. */
// @ts-ignore: decorator
@inline
function high(left: v128, right: v128): v128 {
  return i64x2.extmul_high_i32x4_u(left, right);
}
