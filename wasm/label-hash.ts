// The linear part of the label hash H(x, t) = π(k) ⊕ k with k = σ(x) ⊕ t (src/garbling/label-hash.ts). The tweak t is a counter in
// the lower eight bytes and a domain in the upper.
import { sigma } from './sigma';

/** target[i] = σ(source[i]) ⊕ (first + i, domain) for `count` blocks. The regions may coincide. */
export function hashInputs(target: usize, source: usize, count: u32, first: f64, domain: u32): void {
  let counter = <i64>first;
  const tweak = i64x2.splat(<i64>domain);
  const end = source + ((<usize>count) << 4);
  for (; source < end; source += 16) {
    v128.store(target, v128.xor(sigma(v128.load(source)), i64x2.replace_lane(tweak, 0, counter)));
    counter++;
    target += 16;
  }
}
