// Kernels of src/garbling/authenticated, step 5, on entries of leaky ANDs (leaky-and.ts). Bucket i holds the entries
// order[i·size] … order[i·size + size − 1], 32-bit indices. Everything here is linear, so keys and MACs are treated alike.
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
 * For every bucket, with z = r ⊕ d, d being packed `bits` in the order of the entries, and `addends` the blocks that adding a public 1 adds to a key and to a
 * MAC: `sums` to six pointers to arrays, K and M of ⊕ x_j, of y₁ and of ⊕ z_j; `rest` to K[x_j], M[x_j] for j ≥ 1, one after another; `keys` and
 * `macs` to those of y₁ ⊕ y_j for j ≥ 1.
 */
export function fillBuckets(
  sums: usize,
  rest: usize,
  keys: usize,
  macs: usize,
  entries: usize,
  order: usize,
  bits: usize,
  addends: usize,
  buckets: u32,
  size: u32,
): void {
  const keysX = <usize>load<u32>(sums);
  const macsX = <usize>load<u32>(sums, 4);
  const keysY = <usize>load<u32>(sums, 8);
  const macsY = <usize>load<u32>(sums, 12);
  const keysZ = <usize>load<u32>(sums, 16);
  const macsZ = <usize>load<u32>(sums, 20);
  const addendKey = v128.load(addends);
  const addendMac = v128.load(addends, 16);
  for (let i: usize = 0; i < <usize>buckets; i++) {
    let index = load<u32>(order);
    let entry = entries + <usize>index * 96;
    let flips = bitAt(bits, index);
    order += 4;
    let keyX = v128.load(entry);
    let macX = v128.load(entry, 16);
    const keyY = v128.load(entry, 32);
    const macY = v128.load(entry, 48);
    let keyZ = v128.load(entry, 64);
    let macZ = v128.load(entry, 80);
    for (let j: u32 = 1; j < size; j++) {
      index = load<u32>(order);
      entry = entries + <usize>index * 96;
      flips ^= bitAt(bits, index);
      order += 4;
      const key = v128.load(entry);
      const mac = v128.load(entry, 16);
      v128.store(rest, key);
      v128.store(rest, mac, 16);
      rest += 32;
      keyX = v128.xor(keyX, key);
      macX = v128.xor(macX, mac);
      v128.store(keys, v128.xor(keyY, v128.load(entry, 32)));
      v128.store(macs, v128.xor(macY, v128.load(entry, 48)));
      keys += 16;
      macs += 16;
      keyZ = v128.xor(keyZ, v128.load(entry, 64));
      macZ = v128.xor(macZ, v128.load(entry, 80));
    }
    const at = i << 4;
    v128.store(keysX + at, keyX);
    v128.store(macsX + at, macX);
    v128.store(keysY + at, keyY);
    v128.store(macsY + at, macY);
    const mask = i64x2.splat(-(<i64>flips));
    v128.store(keysZ + at, v128.xor(keyZ, v128.and(mask, addendKey)));
    v128.store(macsZ + at, v128.xor(macZ, v128.and(mask, addendMac)));
  }
}

// @ts-ignore: decorator
@inline
function bitAt(bits: usize, index: u32): u32 {
  return (<u32>load<u8>(bits + (index >> 3)) >> (index & 7)) & 1;
}

/** z ⊕= d_j · x_j over j ≥ 1 of every bucket, with `rest` as fillBuckets wrote it and bit i·(size−1) + j−1 of `bits` as d_j of bucket i. */
export function correctBuckets(
  keysZ: usize,
  macsZ: usize,
  rest: usize,
  bits: usize,
  buckets: u32,
  size: u32,
): void {
  let index: u32 = 0;
  for (let i: u32 = 0; i < buckets; i++) {
    let key = v128.load(keysZ);
    let mac = v128.load(macsZ);
    for (let j: u32 = 1; j < size; j++) {
      const mask = maskOfPacked(bits, index++);
      key = v128.xor(key, v128.and(mask, v128.load(rest)));
      mac = v128.xor(mac, v128.and(mask, v128.load(rest, 16)));
      rest += 32;
    }
    v128.store(keysZ, key);
    v128.store(macsZ, mac);
    keysZ += 16;
    macsZ += 16;
  }
}
