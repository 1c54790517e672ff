// Planes: one 16-byte block for each wire slot and copy, block (slot, copy) at plane + (slot * copies + copy) * 16. Labels, keys
// and MACs each have a plane; a schedule's slots are int32.

/** For each of `count` triples (left, right, target): target slot = left slot XOR right slot, in every copy, in order. */
export function xorTriples(plane: usize, triples: usize, count: u32, copies: u32): void {
  const end = triples + <usize>count * 12;
  const row = (<usize>copies) << 4;
  if (copies == 1) {
    for (; triples < end; triples += 12) {
      const left = v128.load(plane + ((<usize>load<u32>(triples)) << 4));
      const right = v128.load(plane + ((<usize>load<u32>(triples, 4)) << 4));
      v128.store(plane + ((<usize>load<u32>(triples, 8)) << 4), v128.xor(left, right));
    }
    return;
  }
  for (; triples < end; triples += 12) {
    let left = plane + <usize>load<u32>(triples) * row;
    let right = plane + <usize>load<u32>(triples, 4) * row;
    let target = plane + <usize>load<u32>(triples, 8) * row;
    const stop = target + row;
    while (target < stop) {
      v128.store(target, v128.xor(v128.load(left), v128.load(right)));
      left += 16;
      right += 16;
      target += 16;
    }
  }
}

/**
 * Transposes values kept copy after copy (`width` blocks each) into slots: source block i is position `first` + i of that
 * order, and position p goes to slot p / width's remainder and copy p / width. `slots` is the address of the first slot in the plane.
 */
export function scatterCopies(slots: usize, source: usize, width: u32, copies: u32, first: u32, count: u32): void {
  const row = (<usize>copies) << 4;
  let wire = first % width;
  let target = slots + <usize>wire * row + ((<usize>(first / width)) << 4);
  const end = source + ((<usize>count) << 4);
  const back = <usize>width * row - 16;
  while (source < end) {
    v128.store(target, v128.load(source));
    source += 16;
    target += row;
    wire += 1;
    if (wire == width) {
      wire = 0;
      target -= back;
    }
  }
}

/** Fills `count` slots from `slots` on, each in every copy, with `count` blocks at `source`. */
export function broadcastSlots(slots: usize, source: usize, count: u32, copies: u32): void {
  const end = source + ((<usize>count) << 4);
  for (; source < end; source += 16) {
    const value = v128.load(source);
    const stop = slots + ((<usize>copies) << 4);
    for (; slots < stop; slots += 16) v128.store(slots, value);
  }
}

/** Copies the slots listed at `list` (`width` int32) out of a plane, copy after copy. */
export function collectSlots(target: usize, plane: usize, list: usize, width: u32, copies: u32): void {
  for (let copy: u32 = 0; copy < copies; copy++) {
    for (let output: u32 = 0; output < width; output++) {
      const slot = load<u32>(list + ((<usize>output) << 2));
      v128.store(target, v128.load(plane + ((<usize>slot * copies + copy) << 4)));
      target += 16;
    }
  }
}

/** target[i] = source[i] XOR bits[i]·delta for `count` blocks; bits are bytes 0 or 1. The regions may coincide. */
export function xorSelected(target: usize, source: usize, bits: usize, delta: usize, count: u32): void {
  const offset = v128.load(delta);
  const end = bits + <usize>count;
  for (; bits < end; bits++) {
    const mask = i64x2.splat(-(<i64>load<u8>(bits)));
    v128.store(target, v128.xor(v128.load(source), v128.and(offset, mask)));
    target += 16;
    source += 16;
  }
}

/** target[i] (a byte, 0 or 1) = bit `bit` (below 64) of source block i, for `count` blocks. */
export function extractBits(target: usize, source: usize, bit: u32, count: u32): void {
  const end = target + <usize>count;
  for (; target < end; target++) {
    store<u8>(target, <u8>((load<u64>(source) >> <u64>bit) & 1));
    source += 16;
  }
}
