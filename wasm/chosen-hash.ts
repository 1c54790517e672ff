// The hash of keys that an adversary may have chosen, H(x, t) = π(u ⊕ t) ⊕ u with u = π(x) (src/garbling/README.md, "The hashes"): the step between
// the two passes of π.

/**
 * target = source ⊕ t for `rows` rows of three blocks. The tweaks of row i are the counter first + i in the lower eight bytes and, in the upper, the
 * domain of the block's place. The regions may coincide.
 */
export function addTweaks(
  target: usize,
  source: usize,
  rows: u32,
  first: f64,
  domain0: u32,
  domain1: u32,
  domain2: u32,
): void {
  let t0 = i64x2(<i64>first, <i64>domain0);
  let t1 = i64x2(<i64>first, <i64>domain1);
  let t2 = i64x2(<i64>first, <i64>domain2);
  const next = i64x2(1, 0);
  for (let i: u32 = 0; i < rows; i++) {
    v128.store(target, v128.xor(v128.load(source), t0));
    v128.store(target, v128.xor(v128.load(source, 16), t1), 16);
    v128.store(target, v128.xor(v128.load(source, 32), t2), 32);
    t0 = i64x2.add(t0, next);
    t1 = i64x2.add(t1, next);
    t2 = i64x2.add(t2, next);
    source += 48;
    target += 48;
  }
}
