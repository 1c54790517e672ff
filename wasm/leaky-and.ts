// Kernels of src/garbling/authenticated, step 3: random leaky ANDs. Random bits lie in two arrays: K is a key on the peer's bit and M the MAC on one's own (bit 0 of a
// MAC is the bit itself, bit 0 of a key is zero). In each of them x, y and r of a leaky AND are three blocks in a row.
import { maskOfBit0, maskOfPacked } from './sigma';

/** Packs x of this party: bit 0 of each of `count` M[x] (bit i of the result is at byte i div 8, position i mod 8). Writes ceil(count / 8) bytes. */
export function leakyChoices(target: usize, macs: usize, count: u32): void {
  let accumulated: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    accumulated |= (<u32>load<u8>(macs) & 1) << (i & 7);
    macs += 48;
    if ((i & 7) == 7) {
      store<u8>(target++, <u8>accumulated);
      accumulated = 0;
    }
  }
  if (count & 7) store<u8>(target, <u8>accumulated);
}

/** Writes to `target` the three blocks per AND that are hashed: K[x], K[x] ⊕ Δ and M[x]. */
export function leakyHashBlocks(target: usize, keys: usize, macs: usize, count: u32, delta: usize): void {
  const d = v128.load(delta);
  for (let i: u32 = 0; i < count; i++) {
    const key = v128.load(keys);
    v128.store(target, key);
    v128.store(target, v128.xor(key, d), 16);
    v128.store(target, v128.load(macs), 32);
    target += 48;
    keys += 48;
    macs += 48;
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
  keys: usize,
  macs: usize,
  count: u32,
  delta: usize,
): void {
  const d = v128.load(delta);
  for (let i: u32 = 0; i < count; i++) {
    const zero = v128.xor(v128.load(inner), v128.load(outer));
    const one = v128.xor(v128.load(inner, 16), v128.load(outer, 16));
    const mac = v128.xor(v128.load(inner, 32), v128.load(outer, 32));
    const y = v128.load(macs, 16);
    const c = v128.xor(v128.and(maskOfBit0(y), d), v128.xor(v128.load(keys, 16), y));
    v128.store(ciphertexts, v128.xor(v128.xor(zero, one), c));
    const r = v128.load(macs, 32);
    let share = v128.xor(v128.xor(zero, mac), v128.xor(v128.load(keys, 32), r));
    share = v128.xor(share, v128.and(maskOfBit0(v128.load(macs)), c));
    v128.store(partial, v128.xor(share, v128.and(maskOfBit0(r), d)));
    inner += 48;
    outer += 48;
    keys += 48;
    macs += 48;
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
