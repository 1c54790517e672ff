/** target[i] = left[i] XOR right[i] for `count` 16-byte blocks; the regions may coincide. */
export function xorBlocks(target: usize, left: usize, right: usize, count: u32): void {
  const end = target + ((<usize>count) << 4);
  while (target < end) {
    v128.store(target, v128.xor(v128.load(left), v128.load(right)));
    target += 16;
    left += 16;
    right += 16;
  }
}

/** target[i] = the sum of the blocks at positions[ends[i − 1]], …, positions[ends[i] − 1], for `count` sums; positions and ends are 32-bit numbers. */
export function sumBlocks(target: usize, blocks: usize, positions: usize, ends: usize, count: u32): void {
  const first = positions;
  for (let i: usize = 0; i < <usize>count; i++) {
    const end = first + (<usize>load<u32>(ends + (i << 2)) << 2);
    let sum = i64x2.splat(0);
    for (; positions < end; positions += 4) sum = v128.xor(sum, v128.load(blocks + (<usize>load<u32>(positions) << 4)));
    v128.store(target + (i << 4), sum);
  }
}
