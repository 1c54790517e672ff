// Kernels of src/garbling/authenticated, step 5, on the random bits of leaky ANDs (leaky-and.ts). Bucket i holds the leaky ANDs
// order[i·size] … order[i·size + size − 1], 32-bit indices. Everything here is linear, so keys and MACs are treated alike, each by themselves.
import { maskOfPacked } from './sigma';

/**
 * Continues a Fisher–Yates shuffle of `order`, downwards from position `last`, with uniform 32-bit `words`; a draw is rejected where it would
 * be biased (Lemire). Gives the position at which the words were used up; 0 once done.
 */
export function shuffle(order: usize, last: u32, words: usize, count: u32): u32 {
  const end = words + (<usize>count << 2);
  while (last > 0) {
    const bound = <u64>last + 1;
    let product: u64;
    let low: u32;
    do {
      if (words == end) return last;
      product = <u64>load<u32>(words) * bound;
      words += 4;
      low = <u32>product;
    } while (low < <u32>bound && <u64>low < 0x1_0000_0000 % bound);
    const other = order + (<usize>(product >> 32) << 2);
    const here = order + (<usize>last << 2);
    const swapped = load<u32>(here);
    store<u32>(here, load<u32>(other));
    store<u32>(other, swapped);
    last--;
  }
  return 0;
}

/**
 * Keys or MACs of `buckets` buckets, from those of all random bits at `shares`, with z = r ⊕ d, d being packed `bits` in the order of the leaky ANDs, and `addend` the
 * block that adding a public 1 adds: of ⊕ x_j to `x`, of y₁ to `y`, of ⊕ z_j to `z`; of x_j and of y₁ ⊕ y_j for j ≥ 1, one after another, to `rest` and `differences`.
 */
export function fillBuckets(
  x: usize,
  y: usize,
  z: usize,
  rest: usize,
  differences: usize,
  shares: usize,
  order: usize,
  bits: usize,
  addend: usize,
  buckets: u32,
  size: u32,
): void {
  const one = v128.load(addend);
  for (let i: u32 = 0; i < buckets; i++) {
    let index = load<u32>(order);
    let entry = shares + <usize>index * 48;
    let flips = bitAt(bits, index);
    order += 4;
    let sumX = v128.load(entry);
    const firstY = v128.load(entry, 16);
    let sumZ = v128.load(entry, 32);
    for (let j: u32 = 1; j < size; j++) {
      index = load<u32>(order);
      entry = shares + <usize>index * 48;
      flips ^= bitAt(bits, index);
      order += 4;
      const otherX = v128.load(entry);
      v128.store(rest, otherX);
      v128.store(differences, v128.xor(firstY, v128.load(entry, 16)));
      rest += 16;
      differences += 16;
      sumX = v128.xor(sumX, otherX);
      sumZ = v128.xor(sumZ, v128.load(entry, 32));
    }
    v128.store(x, sumX);
    v128.store(y, firstY);
    v128.store(z, v128.xor(sumZ, v128.and(i64x2.splat(-(<i64>flips)), one)));
    x += 16;
    y += 16;
    z += 16;
  }
}

// @ts-ignore: decorator
@inline
function bitAt(bits: usize, index: u32): u32 {
  return (<u32>load<u8>(bits + (index >> 3)) >> (index & 7)) & 1;
}

/** Keys or MACs: z ⊕= d_j · x_j over j ≥ 1 of every bucket, with `rest` as fillBuckets wrote it and bit i·(size−1) + j−1 of `bits` as d_j of bucket i. */
export function correctBuckets(z: usize, rest: usize, bits: usize, buckets: u32, size: u32): void {
  let index: u32 = 0;
  for (let i: u32 = 0; i < buckets; i++) {
    let sum = v128.load(z);
    for (let j: u32 = 1; j < size; j++) {
      sum = v128.xor(sum, v128.and(maskOfPacked(bits, index++), v128.load(rest)));
      rest += 16;
    }
    v128.store(z, sum);
    z += 16;
  }
}
