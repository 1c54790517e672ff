// Kernels of src/garbling/authenticated, step 3: random leaky ANDs. An entry is 96 bytes: K[x], M[x], K[y], M[y], K[r], M[r], where K is a
// key on the peer's bit and M the MAC on one's own (bit 0 of a MAC is the bit itself, bit 0 of a key is zero).
import { maskOfBit0, maskOfPacked } from './sigma';

/** Assembles `count` entries from arrays of keys and MACs: x at `keys` and `macs`, y and r `total` and 2·`total` blocks further on. */
export function leakyEntries(entries: usize, keys: usize, macs: usize, total: u32, count: u32): void {
  const plane = <usize>total << 4;
  for (let i: u32 = 0; i < count; i++) {
    v128.store(entries, v128.load(keys));
    v128.store(entries, v128.load(macs), 16);
    v128.store(entries, v128.load(keys + plane), 32);
    v128.store(entries, v128.load(macs + plane), 48);
    v128.store(entries, v128.load(keys + 2 * plane), 64);
    v128.store(entries, v128.load(macs + 2 * plane), 80);
    entries += 96;
    keys += 16;
    macs += 16;
  }
}

/** Writes to `target` the three blocks per AND that are hashed: K[x], K[x] ⊕ Δ and M[x]. */
export function leakyHashBlocks(target: usize, entries: usize, count: u32, delta: usize): void {
  const d = v128.load(delta);
  for (let i: u32 = 0; i < count; i++) {
    const key = v128.load(entries);
    v128.store(target, key);
    v128.store(target, v128.xor(key, d), 16);
    v128.store(target, v128.load(entries, 16), 32);
    target += 48;
    entries += 96;
  }
}

/**
 * From the two halves of each hash, which is their XOR: ciphertexts[i] = G = H(K[x]) ⊕ H(K[x] ⊕ Δ) ⊕ C with C = y·Δ ⊕ K[y] ⊕ M[y], and
 * partial[i] = H(K[x]) ⊕ H(M[x]) ⊕ K[r] ⊕ M[r] ⊕ x·C ⊕ r·Δ, which is S without the peer's ciphertext.
 */
export function leakyCiphertexts(
  ciphertexts: usize,
  partial: usize,
  inner: usize,
  outer: usize,
  entries: usize,
  count: u32,
  delta: usize,
): void {
  const d = v128.load(delta);
  for (let i: u32 = 0; i < count; i++) {
    const zero = v128.xor(v128.load(inner), v128.load(outer));
    const one = v128.xor(v128.load(inner, 16), v128.load(outer, 16));
    const mac = v128.xor(v128.load(inner, 32), v128.load(outer, 32));
    const y = v128.load(entries, 48);
    const c = v128.xor(v128.and(maskOfBit0(y), d), v128.xor(v128.load(entries, 32), y));
    v128.store(ciphertexts, v128.xor(v128.xor(zero, one), c));
    const r = v128.load(entries, 80);
    let share = v128.xor(v128.xor(zero, mac), v128.xor(v128.load(entries, 64), r));
    share = v128.xor(share, v128.and(maskOfBit0(v128.load(entries, 16)), c));
    v128.store(partial, v128.xor(share, v128.and(maskOfBit0(r), d)));
    inner += 48;
    outer += 48;
    entries += 96;
    ciphertexts += 16;
    partial += 16;
  }
}

/** S = partial ⊕ x·(peer's ciphertext), in place; x as packed bits. */
export function leakyShares(partial: usize, bits: usize, peerCiphertexts: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const x = maskOfPacked(bits, i);
    v128.store(partial, v128.xor(v128.load(partial), v128.and(x, v128.load(peerCiphertexts))));
    partial += 16;
    peerCiphertexts += 16;
  }
}
