// Half gates (Zahur, Rosulek, Evans 2015, figure 2) over a layer of AND gates with free XOR; colour = bit 0 of a label.
// Gate f of a layer is triple f / copies in copy f % copies, and its tweaks are 2g and 2g + 1 where g = gate + (f - first).
// Between a prepare and its finish, the caller replaces each hash input k by π(k); k itself is made again from the label.
import { naturalInput } from './natural-hash';
import { maskOfBit0, sigma } from './sigma';

// @ts-ignore: decorator
@inline
function garbleInputs(blocks: usize, a: v128, b: v128, offset: v128, tweak: i64): void {
  const ka = naturalInput(a, tweak, 0);
  const kb = naturalInput(b, tweak + 1, 0);
  v128.store(blocks, ka);
  v128.store(blocks, v128.xor(ka, offset), 16);
  v128.store(blocks, kb, 32);
  v128.store(blocks, v128.xor(kb, offset), 48);
}

/** Writes the four hash inputs of gates `first` to `first + count` (labels a0, a1, b0, b1) to `blocks`. */
export function garblePrepare(
  blocks: usize,
  plane: usize,
  triples: usize,
  copies: u32,
  first: u32,
  count: u32,
  delta: usize,
  gate: f64,
): void {
  const offset = sigma(v128.load(delta));
  let tweak = (<i64>gate) << 1;
  let triple = triples + <usize>(first / copies) * 12;
  let copy = first % copies;
  const end = blocks + ((<usize>count) << 6);
  while (blocks < end) {
    let left = plane + ((<usize>load<u32>(triple) * copies + copy) << 4);
    let right = plane + ((<usize>load<u32>(triple, 4) * copies + copy) << 4);
    const run = min<usize>(<usize>(copies - copy), (end - blocks) >> 6);
    const stop = left + (run << 4);
    while (left < stop) {
      garbleInputs(blocks, v128.load(left), v128.load(right), offset, tweak);
      left += 16;
      right += 16;
      blocks += 64;
      tweak += 2;
    }
    triple += 12;
    copy = 0;
  }
}

/** From the permuted blocks of garblePrepare: the two table rows of each gate, and the zero label of its output wire. */
export function garbleFinish(
  tables: usize,
  blocks: usize,
  plane: usize,
  triples: usize,
  copies: u32,
  first: u32,
  count: u32,
  delta: usize,
  gate: f64,
): void {
  const difference = v128.load(delta);
  const offset = sigma(difference);
  let tweak = (<i64>gate) << 1;
  let triple = triples + <usize>(first / copies) * 12;
  let copy = first % copies;
  const end = blocks + ((<usize>count) << 6);
  while (blocks < end) {
    let left = plane + ((<usize>load<u32>(triple) * copies + copy) << 4);
    let right = plane + ((<usize>load<u32>(triple, 4) * copies + copy) << 4);
    let target = plane + ((<usize>load<u32>(triple, 8) * copies + copy) << 4);
    const run = min<usize>(<usize>(copies - copy), (end - blocks) >> 6);
    const stop = left + (run << 4);
    while (left < stop) {
      const a = v128.load(left);
      const b = v128.load(right);
      const pa = maskOfBit0(a);
      const pb = maskOfBit0(b);
      const ha = v128.load(blocks);
      const hb = v128.load(blocks, 32);
      const halfG = v128.xor(v128.xor(ha, v128.load(blocks, 16)), offset);
      const halfE = v128.xor(v128.xor(hb, v128.load(blocks, 48)), offset);
      const tableG = v128.xor(halfG, v128.and(difference, pb));
      v128.store(tables, tableG);
      v128.store(tables, v128.xor(halfE, a), 16);
      const wireG = v128.xor(v128.xor(ha, naturalInput(a, tweak, 0)), v128.and(tableG, pa));
      const wireE = v128.xor(v128.xor(hb, naturalInput(b, tweak + 1, 0)), v128.and(halfE, pb));
      v128.store(target, v128.xor(wireG, wireE));
      left += 16;
      right += 16;
      target += 16;
      blocks += 64;
      tables += 32;
      tweak += 2;
    }
    triple += 12;
    copy = 0;
  }
}

/** Writes the two hash inputs of gates `first` to `first + count` (active labels a, b) to `blocks`. */
export function evaluatePrepare(
  blocks: usize,
  plane: usize,
  triples: usize,
  copies: u32,
  first: u32,
  count: u32,
  gate: f64,
): void {
  let tweak = (<i64>gate) << 1;
  let triple = triples + <usize>(first / copies) * 12;
  let copy = first % copies;
  const end = blocks + ((<usize>count) << 5);
  while (blocks < end) {
    let left = plane + ((<usize>load<u32>(triple) * copies + copy) << 4);
    let right = plane + ((<usize>load<u32>(triple, 4) * copies + copy) << 4);
    const run = min<usize>(<usize>(copies - copy), (end - blocks) >> 5);
    const stop = left + (run << 4);
    while (left < stop) {
      v128.store(blocks, naturalInput(v128.load(left), tweak, 0));
      v128.store(blocks, naturalInput(v128.load(right), tweak + 1, 0), 16);
      left += 16;
      right += 16;
      blocks += 32;
      tweak += 2;
    }
    triple += 12;
    copy = 0;
  }
}

/** From the permuted blocks of evaluatePrepare and the tables: the active label of each gate's output wire. */
export function evaluateFinish(
  tables: usize,
  blocks: usize,
  plane: usize,
  triples: usize,
  copies: u32,
  first: u32,
  count: u32,
  gate: f64,
): void {
  let tweak = (<i64>gate) << 1;
  let triple = triples + <usize>(first / copies) * 12;
  let copy = first % copies;
  const end = blocks + ((<usize>count) << 5);
  while (blocks < end) {
    let left = plane + ((<usize>load<u32>(triple) * copies + copy) << 4);
    let right = plane + ((<usize>load<u32>(triple, 4) * copies + copy) << 4);
    let target = plane + ((<usize>load<u32>(triple, 8) * copies + copy) << 4);
    const run = min<usize>(<usize>(copies - copy), (end - blocks) >> 5);
    const stop = left + (run << 4);
    while (left < stop) {
      const a = v128.load(left);
      const b = v128.load(right);
      const sa = maskOfBit0(a);
      const sb = maskOfBit0(b);
      const ha = v128.xor(v128.load(blocks), naturalInput(a, tweak, 0));
      const hb = v128.xor(v128.load(blocks, 16), naturalInput(b, tweak + 1, 0));
      const wireG = v128.xor(ha, v128.and(v128.load(tables), sa));
      const wireE = v128.xor(hb, v128.and(v128.xor(v128.load(tables, 16), a), sb));
      v128.store(target, v128.xor(wireG, wireE));
      left += 16;
      right += 16;
      target += 16;
      blocks += 32;
      tables += 32;
      tweak += 2;
    }
    triple += 12;
    copy = 0;
  }
}
