/**
 * Arithmetic modulo p = 2^255 − 19 on two field elements at once, lanes A and B. An element has ten limbs, of 26 and 25 bits in turn; a pair
 * is five vectors of 32-bit lanes (A_2i, B_2i, A_2i+1, B_2i+1), 80 bytes. Nothing branches on values or uses them as addresses.
 *
 * Bounds: a product is reduced: limbs below 2^26 and 2^25 + 2^17. "m×" means limbs at most m times that. A sum's bounds add
 * up, a difference's grow by two. The left factor of a product may be 8×, the right one and a square's argument 3×, so that 19 times a
 * limb fits in 32 bits and a column of the product in 64.
 */
import { square, multiply } from './field25519-products';

/** Bytes of a pair. */
export const PAIR: usize = 80;

/** target = left + right. */
export function add(target: usize, left: usize, right: usize): void {
  for (let v: usize = 0; v < PAIR; v += 16) {
    v128.store(target + v, i32x4.add(v128.load(left + v), v128.load(right + v)));
  }
}

/** target = left − right, as left + 2p − right; `right` reduced. */
export function subtract(target: usize, left: usize, right: usize): void {
  const first = i32x4.sub(i32x4(0x7ffffda, 0x7ffffda, 0x3fffffe, 0x3fffffe), v128.load(right));
  v128.store(target, i32x4.add(v128.load(left), first));
  for (let v: usize = 16; v < PAIR; v += 16) {
    const rest = i32x4.sub(i32x4(0x7fffffe, 0x7fffffe, 0x3fffffe, 0x3fffffe), v128.load(right + v));
    v128.store(target + v, i32x4.add(v128.load(left + v), rest));
  }
}

/** target = −source, reduced; `source` up to 3×. */
export function negate(target: usize, source: usize): void {
  const first = i32x4(0xfffffb4, 0xfffffb4, 0x7fffffc, 0x7fffffc);
  v128.store(target, i32x4.sub(first, v128.load(source)));
  for (let v: usize = 16; v < PAIR; v += 16) {
    v128.store(target + v, i32x4.sub(i32x4(0xffffffc, 0xffffffc, 0x7fffffc, 0x7fffffc), v128.load(source + v)));
  }
  carry(target, target);
}

/** target = source, reduced; `source` up to 32×. */
export function carry(target: usize, source: usize): void {
  const mask = i32x4(0x3ffffff, 0x3ffffff, 0x1ffffff, 0x1ffffff);
  const last = i32x4.shr_u(v128.load(source, 64), 25);
  let odd = i32x4.add(last, i32x4.add(i32x4.shl(last, 1), i32x4.shl(last, 4)));
  for (let v: usize = 0; v < PAIR; v += 16) {
    const limbs = v128.load(source + v);
    const carries = i32x4.shuffle(odd, i32x4.shr_u(limbs, 26), 2, 3, 4, 5);
    odd = i32x4.shr_u(limbs, 25);
    v128.store(target + v, i32x4.add(v128.and(limbs, mask), carries));
  }
}

/** target = mask ? right : left, lane by lane; masks are all ones or zero in (A, B, A, B). */
export function select(target: usize, left: usize, right: usize, mask: v128): void {
  for (let v: usize = 0; v < PAIR; v += 16) {
    v128.store(target + v, v128.bitselect(v128.load(right + v), v128.load(left + v), mask));
  }
}

export function copy(target: usize, source: usize): void {
  for (let v: usize = 0; v < PAIR; v += 16) v128.store(target + v, v128.load(source + v));
}

/** target = source^(2^times), `times` at least 1. */
export function squareTimes(target: usize, source: usize, times: u32): void {
  square(target, source);
  for (let i: u32 = 1; i < times; i++) square(target, target);
}

/** target = source^((p − 5)/8) = source^(2^252 − 3). `work` holds three pairs. */
export function power(target: usize, source: usize, work: usize): void {
  const a = work;
  const b = work + PAIR;
  const c = work + 2 * PAIR;
  square(a, source); // 2
  squareTimes(b, a, 2); // 8
  multiply(b, source, b); // 9
  multiply(a, a, b); // 11
  square(a, a); // 22
  multiply(a, b, a); // 2^5 − 1
  squareTimes(b, a, 5);
  multiply(a, b, a); // 2^10 − 1
  squareTimes(b, a, 10);
  multiply(b, b, a); // 2^20 − 1
  squareTimes(c, b, 20);
  multiply(b, c, b); // 2^40 − 1
  squareTimes(b, b, 10);
  multiply(a, b, a); // 2^50 − 1
  squareTimes(b, a, 50);
  multiply(b, b, a); // 2^100 − 1
  squareTimes(c, b, 100);
  multiply(b, c, b); // 2^200 − 1
  squareTimes(b, b, 50);
  multiply(a, b, a); // 2^250 − 1
  squareTimes(a, a, 2);
  multiply(target, a, source);
}

/** target = 1/source, zero for zero. `work` holds five pairs. */
export function invert(target: usize, source: usize, work: usize): void {
  const power8 = work + 3 * PAIR;
  const cube = work + 4 * PAIR;
  power(power8, source, work);
  squareTimes(power8, power8, 3); // 2^255 − 24
  square(cube, source);
  multiply(cube, cube, source);
  multiply(target, power8, cube); // p − 2
}

/** Reads two numbers of 32 bytes, little-endian, modulo p; the top bit of each is ignored. */
export function loadPair(target: usize, bytes: usize): void {
  loadLane(target, bytes);
  loadLane(target + 4, bytes + 32);
}

function loadLane(target: usize, bytes: usize): void {
  let bit: usize = 0;
  for (let limb: usize = 0; limb < 10; limb++) {
    const width: u64 = 26 - (<u64>limb & 1);
    const value = (<u64>load<u32>(bytes + (bit >> 3)) >> (<u64>bit & 7)) & ((<u64>1 << width) - 1);
    store<u32>(target + ((limb >> 1) << 4) + ((limb & 1) << 3), <u32>value);
    bit += <usize>width;
  }
}

/** Writes both elements as the least numbers, 32 bytes each, little-endian; `source` reduced. */
export function storePair(bytes: usize, source: usize): void {
  storeLane(bytes, source);
  storeLane(bytes + 32, source + 4);
}

function storeLane(bytes: usize, source: usize): void {
  let quotient: u64 = (19 * limbAt(source, 9) + (1 << 24)) >> 25;
  for (let limb: usize = 0; limb < 10; limb++) quotient = (limbAt(source, limb) + quotient) >> (26 - (<u64>limb & 1));
  let carried: u64 = 19 * quotient;
  let word: u64 = 0;
  let bits: u64 = 0;
  for (let limb: usize = 0; limb < 10; limb++) {
    const width: u64 = 26 - (<u64>limb & 1);
    carried += limbAt(source, limb);
    word |= (carried & ((<u64>1 << width) - 1)) << bits;
    carried >>= width;
    bits += width;
    if (bits >= 32) {
      store<u32>(bytes, <u32>word);
      bytes += 4;
      word >>= 32;
      bits -= 32;
    }
  }
  store<u32>(bytes, <u32>word);
}

// @ts-ignore: decorator
@inline
function limbAt(source: usize, limb: usize): u64 {
  return load<u32>(source + ((limb >> 1) << 4) + ((limb & 1) << 3));
}
