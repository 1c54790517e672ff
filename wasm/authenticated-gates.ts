// Kernels of src/garbling/authenticated, steps 6, 7, 9 and 10. In arrays with one entry per gate, the values of a gate are at index
// gate·copies + copy; in a plane of slots, those of a wire are at slot·copies + copy.
import { naturalInput } from './natural-hash';
import { maskOfBit0, maskOfPacked, sigma } from './sigma';

/** sigmas[i] ^= εα·y ⊕ εβ·x for `count` gates, one plane; ε as packed bits. */
export function fitTriples(sigmas: usize, x: usize, y: usize, alpha: usize, beta: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const left = v128.and(maskOfPacked(alpha, i), v128.load(y));
    const right = v128.and(maskOfPacked(beta, i), v128.load(x));
    v128.store(sigmas, v128.xor(v128.load(sigmas), v128.xor(left, right)));
    sigmas += 16;
    x += 16;
    y += 16;
  }
}

/**
 * Hash inputs of `gates` AND gates × `copies`: L_α0, L_α1 under (counter, domain), L_β0, L_β1 under (counter, domain + 2). Not domain + 1: labels of
 * a wire and of its negation differ by the block 1, and σ(1) is that difference of tweaks.
 */
export function garbleInputs(
  target: usize,
  labels: usize,
  ands: usize,
  gates: u32,
  copies: u32,
  delta: usize,
  domain: u32,
  first: f64,
): void {
  const shift = sigma(v128.load(delta));
  let counter = <i64>first;
  for (let g: u32 = 0; g < gates; g++) {
    let left = labels + ((<usize>load<u32>(ands) * copies) << 4);
    let right = labels + ((<usize>load<u32>(ands, 4) * copies) << 4);
    for (let c: u32 = 0; c < copies; c++) {
      const a = naturalInput(v128.load(left), counter, domain);
      const b = naturalInput(v128.load(right), counter, domain + 2);
      v128.store(target, a);
      v128.store(target, v128.xor(a, shift), 16);
      v128.store(target, b, 32);
      v128.store(target, v128.xor(b, shift), 48);
      counter++;
      left += 16;
      right += 16;
      target += 64;
    }
    ands += 12;
  }
}

/**
 * Step 7 for `gates` × `copies` gates. `material` points to eight pointers to per-gate arrays: K[λα], M[λα], K[λβ], M[λβ], K[σ], M[σ], K[λγ],
 * M[λγ]. Writes G₀ and G₁ to `tables`, b (one byte each) to `permutes`, and L_γ0 with bit 0 cleared to `fresh` and its slot.
 */
export function garbleGates(
  tables: usize,
  permutes: usize,
  fresh: usize,
  inputs: usize,
  outputs: usize,
  labels: usize,
  ands: usize,
  gates: u32,
  copies: u32,
  material: usize,
  index: u32,
  delta: usize,
): void {
  const d = v128.load(delta);
  const clear = i64x2(~1, -1);
  const offset = <usize>index << 4;
  let keysAlpha = <usize>load<u32>(material) + offset;
  let macsAlpha = <usize>load<u32>(material, 4) + offset;
  let keysBeta = <usize>load<u32>(material, 8) + offset;
  let macsBeta = <usize>load<u32>(material, 12) + offset;
  let keysSigma = <usize>load<u32>(material, 16) + offset;
  let macsSigma = <usize>load<u32>(material, 20) + offset;
  let keysGamma = <usize>load<u32>(material, 24) + offset;
  let macsGamma = <usize>load<u32>(material, 28) + offset;
  for (let g: u32 = 0; g < gates; g++) {
    let left = labels + ((<usize>load<u32>(ands) * copies) << 4);
    let out = labels + ((<usize>load<u32>(ands, 8) * copies) << 4);
    for (let c: u32 = 0; c < copies; c++) {
      const a0 = v128.xor(v128.load(inputs), v128.load(outputs));
      const a1 = v128.xor(v128.load(inputs, 16), v128.load(outputs, 16));
      const b0 = v128.xor(v128.load(inputs, 32), v128.load(outputs, 32));
      const b1 = v128.xor(v128.load(inputs, 48), v128.load(outputs, 48));
      const beta = v128.xor(v128.load(keysBeta), v128.and(maskOfBit0(v128.load(macsBeta)), d));
      const alpha = v128.xor(v128.load(keysAlpha), v128.and(maskOfBit0(v128.load(macsAlpha)), d));
      v128.store(tables, v128.xor(v128.xor(a0, a1), beta));
      v128.store(tables, v128.xor(v128.xor(b0, b1), v128.xor(v128.load(left), alpha)), 16);
      let label = v128.xor(v128.xor(a0, b0), v128.xor(v128.load(keysSigma), v128.load(keysGamma)));
      const share = v128.xor(v128.load(macsSigma), v128.load(macsGamma));
      label = v128.xor(label, v128.and(maskOfBit0(share), d));
      store<u8>(permutes++, <u8>(i64x2.extract_lane(label, 0) & 1));
      label = v128.and(label, clear);
      v128.store(fresh, label);
      v128.store(out, label);
      left += 16;
      out += 16;
      tables += 32;
      fresh += 16;
      inputs += 64;
      outputs += 64;
      keysAlpha += 16;
      macsAlpha += 16;
      keysBeta += 16;
      macsBeta += 16;
      keysSigma += 16;
      macsSigma += 16;
      keysGamma += 16;
      macsGamma += 16;
    }
    ands += 12;
  }
}

/** Hash inputs of the evaluator: L_α under (counter, domain), L_β under (counter, domain + 2). */
export function evaluateInputs(
  target: usize,
  labels: usize,
  ands: usize,
  gates: u32,
  copies: u32,
  domain: u32,
  first: f64,
): void {
  let counter = <i64>first;
  for (let g: u32 = 0; g < gates; g++) {
    let left = labels + ((<usize>load<u32>(ands) * copies) << 4);
    let right = labels + ((<usize>load<u32>(ands, 4) * copies) << 4);
    for (let c: u32 = 0; c < copies; c++) {
      v128.store(target, naturalInput(v128.load(left), counter, domain));
      v128.store(target, naturalInput(v128.load(right), counter, domain + 2), 16);
      counter++;
      left += 16;
      right += 16;
      target += 32;
    }
    ands += 12;
  }
}

/**
 * Step 9 for `gates` × `copies` gates. `material` points to four pointers to per-gate arrays: M[λα], M[λβ], M[σ], M[λγ]. Bit 0 of an
 * active label is its masked value Λ. Writes the operands' active labels to `lefts` and `rights` and L_γ to `fresh` and its slot.
 */
export function evaluateGates(
  lefts: usize,
  rights: usize,
  fresh: usize,
  tables: usize,
  permutes: usize,
  inputs: usize,
  outputs: usize,
  labels: usize,
  ands: usize,
  gates: u32,
  copies: u32,
  material: usize,
  index: u32,
): void {
  const offset = <usize>index << 4;
  let macsAlpha = <usize>load<u32>(material) + offset;
  let macsBeta = <usize>load<u32>(material, 4) + offset;
  let macsSigma = <usize>load<u32>(material, 8) + offset;
  let macsGamma = <usize>load<u32>(material, 12) + offset;
  for (let g: u32 = 0; g < gates; g++) {
    let left = labels + ((<usize>load<u32>(ands) * copies) << 4);
    let right = labels + ((<usize>load<u32>(ands, 4) * copies) << 4);
    let out = labels + ((<usize>load<u32>(ands, 8) * copies) << 4);
    for (let c: u32 = 0; c < copies; c++) {
      const a = v128.xor(v128.load(inputs), v128.load(outputs));
      const b = v128.xor(v128.load(inputs, 16), v128.load(outputs, 16));
      const leftLabel = v128.load(left);
      const rightLabel = v128.load(right);
      v128.store(lefts, leftLabel);
      v128.store(rights, rightLabel);
      let label = v128.xor(v128.xor(a, b), v128.xor(v128.load(macsSigma), v128.load(macsGamma)));
      const first = v128.xor(v128.load(tables), v128.load(macsBeta));
      const second = v128.xor(v128.xor(v128.load(tables, 16), v128.load(macsAlpha)), leftLabel);
      label = v128.xor(label, v128.and(maskOfBit0(leftLabel), first));
      label = v128.xor(label, v128.and(maskOfBit0(rightLabel), second));
      label = v128.xor(label, i64x2.replace_lane(i64x2.splat(0), 0, <i64>load<u8>(permutes++)));
      v128.store(fresh, label);
      v128.store(out, label);
      left += 16;
      right += 16;
      out += 16;
      lefts += 16;
      rights += 16;
      tables += 32;
      fresh += 16;
      inputs += 32;
      outputs += 32;
      macsAlpha += 16;
      macsBeta += 16;
      macsSigma += 16;
      macsGamma += 16;
    }
    ands += 12;
  }
}

/**
 * Step 10, the garbler's MAC of each c_γ, in place over `sigmas`: M[σ] ⊕ M[λγ] ⊕ Λα·M[λβ] ⊕ Λβ·M[λα]. The evaluator runs it on its keys.
 */
export function gateCheckSums(
  sigmas: usize,
  gammas: usize,
  alphas: usize,
  betas: usize,
  lefts: usize,
  rights: usize,
  count: u32,
): void {
  for (let i: u32 = 0; i < count; i++) {
    const left = v128.and(maskOfBit0(v128.load(lefts)), v128.load(betas));
    const right = v128.and(maskOfBit0(v128.load(rights)), v128.load(alphas));
    const sum = v128.xor(v128.load(sigmas), v128.load(gammas));
    v128.store(sigmas, v128.xor(sum, v128.xor(left, right)));
    sigmas += 16;
    gammas += 16;
    alphas += 16;
    betas += 16;
    lefts += 16;
    rights += 16;
  }
}

/**
 * Step 10, what the evaluator expects from the garbler: keys[i] ^= c·Δ, where c is its own share of c_γ: bit 0 of its summed MAC,
 * plus Λα·Λβ ⊕ Λγ.
 */
export function gateCheckExpected(
  keys: usize,
  macs: usize,
  lefts: usize,
  rights: usize,
  fresh: usize,
  count: u32,
  delta: usize,
): void {
  const d = v128.load(delta);
  for (let i: u32 = 0; i < count; i++) {
    const product = v128.and(v128.load(lefts), v128.load(rights));
    const share = v128.xor(v128.load(macs), v128.xor(product, v128.load(fresh)));
    v128.store(keys, v128.xor(v128.load(keys), v128.and(maskOfBit0(share), d)));
    keys += 16;
    macs += 16;
    lefts += 16;
    rights += 16;
    fresh += 16;
  }
}

/**
 * Runs a whole schedule on one plane of slots, linear parts only: each AND's operands are copied to `lefts` and `rights`, and its
 * output is taken from `fresh` (per-gate arrays). `xorEnd` and `andEnd` are the layers' ends, as in Schedule.
 */
export function propagate(
  plane: usize,
  copies: u32,
  xors: usize,
  ands: usize,
  xorEnd: usize,
  andEnd: usize,
  layers: u32,
  lefts: usize,
  rights: usize,
  fresh: usize,
): void {
  const stride = <usize>copies << 4;
  let x: u32 = 0;
  let a: u32 = 0;
  for (let l: u32 = 0; l < layers; l++) {
    const xs = load<u32>(xorEnd + (l << 2));
    for (; x < xs; x++) {
      let left = plane + <usize>load<u32>(xors) * stride;
      let right = plane + <usize>load<u32>(xors, 4) * stride;
      let out = plane + <usize>load<u32>(xors, 8) * stride;
      const end = out + stride;
      while (out < end) {
        v128.store(out, v128.xor(v128.load(left), v128.load(right)));
        left += 16;
        right += 16;
        out += 16;
      }
      xors += 12;
    }
    const as = load<u32>(andEnd + (l << 2));
    const first = ands;
    const count = as - a;
    for (; a < as; a++) {
      memory.copy(lefts, plane + <usize>load<u32>(ands) * stride, stride);
      memory.copy(rights, plane + <usize>load<u32>(ands, 4) * stride, stride);
      lefts += stride;
      rights += stride;
      ands += 12;
    }
    let and = first;
    for (let g: u32 = 0; g < count; g++) {
      memory.copy(plane + <usize>load<u32>(and, 8) * stride, fresh, stride);
      fresh += stride;
      and += 12;
    }
  }
}
