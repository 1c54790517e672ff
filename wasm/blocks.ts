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
