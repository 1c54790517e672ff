// Kernel of src/ot/silent, step 6: a public 10-local linear code.

/** Rows whose indices are drawn at a time. */
const ROWS: u32 = 32;

/** Four lanes of rotations to the left by `by` bits. */
// @ts-ignore: decorator
@inline
function rotate(words: v128, by: i32): v128 {
  return v128.or(i32x4.shl(words, by), i32x4.shr_u(words, 32 - by));
}

/**
 * Adds to each of `rows` blocks (a multiple of 32) ten blocks of `secret`, whose numbers are the low bits of ten outputs of a generator; `mask` is the number of
 * the secret's blocks, a power of two, less one. The generator is xoshiro128++ in four lanes, whose outputs are taken in turn; `state` (64 bytes: words s0 of all lanes,
 * then s1, s2, s3) goes on from call to call. `scratch` holds 1,280 bytes. Indices are public, blocks secret.
 */
export function addEncoded(target: usize, secret: usize, state: usize, scratch: usize, rows: u32, mask: u32): void {
  let s0 = v128.load(state);
  let s1 = v128.load(state, 16);
  let s2 = v128.load(state, 32);
  let s3 = v128.load(state, 48);
  const low = i32x4.splat(mask);
  const first = i32x4.splat(<i32>secret);
  for (let row: u32 = 0; row < rows; row += ROWS) {
    for (let at = scratch, end = scratch + 1280; at < end; at += 16) {
      const word = i32x4.add(rotate(i32x4.add(s0, s3), 7), s0);
      v128.store(at, i32x4.add(i32x4.shl(v128.and(word, low), 4), first));
      const shifted = i32x4.shl(s1, 9);
      s2 = v128.xor(s2, s0);
      s3 = v128.xor(s3, s1);
      s1 = v128.xor(s1, s2);
      s0 = v128.xor(s0, s3);
      s2 = v128.xor(s2, shifted);
      s3 = rotate(s3, 11);
    }
    for (let at = scratch, end = scratch + 1280; at < end; at += 40) {
      const a = v128.xor(block(at, 0), block(at, 4));
      const b = v128.xor(block(at, 8), block(at, 12));
      const c = v128.xor(block(at, 16), block(at, 20));
      const d = v128.xor(block(at, 24), block(at, 28));
      const e = v128.xor(block(at, 32), block(at, 36));
      const sum = v128.xor(v128.xor(v128.xor(a, b), v128.xor(c, d)), e);
      v128.store(target, v128.xor(v128.load(target), sum));
      target += 16;
    }
  }
  v128.store(state, s0);
  v128.store(state, s1, 16);
  v128.store(state, s2, 32);
  v128.store(state, s3, 48);
}

/** The block whose address is `index` bytes after `addresses`. */
// @ts-ignore: decorator
@inline
function block(addresses: usize, index: usize): v128 {
  return v128.load(load<u32>(addresses + index));
}
