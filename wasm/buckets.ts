// Kernels of src/garbling/authenticated, step 5. `order` is a permutation of the leaky ANDs as 32-bit indices; bucket i holds
// order[i·size] … order[i·size + size − 1]. Each runs on one plane (keys or MACs) at a time: everything here is linear.
import { maskOfPacked } from './sigma';

/** target[i·(size−1) + j−1] = plane[first of bucket i] ⊕ plane[j-th of bucket i]. */
export function bucketDifferences(target: usize, plane: usize, order: usize, buckets: u32, size: u32): void {
  for (let i: u32 = 0; i < buckets; i++) {
    const first = v128.load(plane + (<usize>load<u32>(order) << 4));
    for (let j: u32 = 1; j < size; j++) {
      v128.store(target, v128.xor(first, v128.load(plane + (<usize>load<u32>(order + (j << 2)) << 4))));
      target += 16;
    }
    order += size << 2;
  }
}

/** target[i] = plane[first of bucket i]. */
export function bucketFirsts(target: usize, plane: usize, order: usize, buckets: u32, size: u32): void {
  for (let i: u32 = 0; i < buckets; i++) {
    v128.store(target, v128.load(plane + (<usize>load<u32>(order) << 4)));
    target += 16;
    order += size << 2;
  }
}

/** target[i] = XOR of plane over bucket i. */
export function bucketSums(target: usize, plane: usize, order: usize, buckets: u32, size: u32): void {
  for (let i: u32 = 0; i < buckets; i++) {
    let sum = v128.load(plane + (<usize>load<u32>(order) << 4));
    for (let j: u32 = 1; j < size; j++) {
      sum = v128.xor(sum, v128.load(plane + (<usize>load<u32>(order + (j << 2)) << 4)));
    }
    v128.store(target, sum);
    target += 16;
    order += size << 2;
  }
}

/** target[i] ^= XOR over j ≥ 1 of d_ij · plane[j-th of bucket i], with bit i·(size−1) + j−1 of `bits` as d_ij. */
export function bucketCorrections(
  target: usize,
  plane: usize,
  order: usize,
  bits: usize,
  buckets: u32,
  size: u32,
): void {
  let index: u32 = 0;
  for (let i: u32 = 0; i < buckets; i++) {
    let sum = v128.load(target);
    for (let j: u32 = 1; j < size; j++) {
      const block = v128.load(plane + (<usize>load<u32>(order + (j << 2)) << 4));
      sum = v128.xor(sum, v128.and(maskOfPacked(bits, index++), block));
    }
    v128.store(target, sum);
    target += 16;
    order += size << 2;
  }
}
