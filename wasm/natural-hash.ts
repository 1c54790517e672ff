// The hash of naturally derived keys, H(x, t) = π(k) ⊕ k with k = σ(x) ⊕ t (src/garbling/README.md, "The hashes"): the step before π. The
// tweak is linear, so two inputs collide whenever σ(x ⊕ x′) = t ⊕ t′: for labels that nobody chooses, never for MACs.
import { sigma } from './sigma';

/** σ(x) ⊕ t, t being a counter in the lower eight bytes and a domain in the upper. */
// @ts-ignore: decorator
@inline
export function naturalInput(x: v128, counter: i64, domain: i64): v128 {
  return v128.xor(sigma(x), i64x2.replace_lane(i64x2.splat(domain), 0, counter));
}

/** target[i] = σ(source[i]) ⊕ (first + i, domain) for `count` blocks. The regions may coincide. */
export function naturalInputs(target: usize, source: usize, count: u32, first: f64, domain: u32): void {
  let counter = <i64>first;
  const end = source + ((<usize>count) << 4);
  for (; source < end; source += 16) {
    v128.store(target, naturalInput(v128.load(source), counter, <i64>domain));
    counter++;
    target += 16;
  }
}
