// Kernels of src/garbling/authenticated, step 3: random leaky ANDs. K is the plane of keys on the peer's bits, M that of MACs on
// one's own bits (bit 0 of a MAC is the bit itself, bit 0 of a key is zero).
import { maskOfBit0, sigma } from './sigma';

/**
 * Writes three hash inputs an AND to `target`: K[x], K[x] ⊕ Δ under (first + i, domainKeys), then M[x] under
 * (first + i, domainMacs).
 */
export function leakyHashInputs(
  target: usize,
  keysX: usize,
  macsX: usize,
  count: u32,
  delta: usize,
  domainKeys: u32,
  domainMacs: u32,
  first: f64,
): void {
  const shift = sigma(v128.load(delta));
  let counter = <i64>first;
  for (let i: u32 = 0; i < count; i++) {
    const zero = v128.xor(sigma(v128.load(keysX)), i64x2.replace_lane(i64x2.splat(<i64>domainKeys), 0, counter));
    v128.store(target, zero);
    v128.store(target, v128.xor(zero, shift), 16);
    v128.store(
      target,
      v128.xor(sigma(v128.load(macsX)), i64x2.replace_lane(i64x2.splat(<i64>domainMacs), 0, counter)),
      32,
    );
    counter++;
    target += 48;
    keysX += 16;
    macsX += 16;
  }
}

/**
 * From the hash inputs and the cipher's outputs on them: ciphertexts[i] = G = H(K[x]) ⊕ H(K[x] ⊕ Δ) ⊕ C with C = y·Δ ⊕ K[y] ⊕ M[y], and
 * partial[i] = H(K[x]) ⊕ H(M[x]) ⊕ K[r] ⊕ M[r] ⊕ x·C ⊕ r·Δ, which is S but for the peer's ciphertext.
 */
export function leakyCiphertexts(
  ciphertexts: usize,
  partial: usize,
  inputs: usize,
  outputs: usize,
  macsX: usize,
  keysY: usize,
  macsY: usize,
  keysR: usize,
  macsR: usize,
  count: u32,
  delta: usize,
): void {
  const d = v128.load(delta);
  for (let i: u32 = 0; i < count; i++) {
    const zero = v128.xor(v128.load(inputs), v128.load(outputs));
    const one = v128.xor(v128.load(inputs, 16), v128.load(outputs, 16));
    const mac = v128.xor(v128.load(inputs, 32), v128.load(outputs, 32));
    const y = v128.load(macsY);
    const c = v128.xor(v128.and(maskOfBit0(y), d), v128.xor(v128.load(keysY), y));
    v128.store(ciphertexts, v128.xor(v128.xor(zero, one), c));
    const r = v128.load(macsR);
    let share = v128.xor(v128.xor(zero, mac), v128.xor(v128.load(keysR), r));
    share = v128.xor(share, v128.and(maskOfBit0(v128.load(macsX)), c));
    v128.store(partial, v128.xor(share, v128.and(maskOfBit0(r), d)));
    inputs += 48;
    outputs += 48;
    macsX += 16;
    keysY += 16;
    macsY += 16;
    keysR += 16;
    macsR += 16;
    ciphertexts += 16;
    partial += 16;
  }
}

/** S = partial ⊕ x·(peer's ciphertext), in place. */
export function leakyShares(partial: usize, macsX: usize, peerCiphertexts: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const x = maskOfBit0(v128.load(macsX));
    v128.store(partial, v128.xor(v128.load(partial), v128.and(x, v128.load(peerCiphertexts))));
    partial += 16;
    macsX += 16;
    peerCiphertexts += 16;
  }
}
