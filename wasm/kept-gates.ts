// Kernels of src/garbling/authenticated, steps 9 and 10, at an evaluator that has the tables before there are inputs. What step 9 adds to each other whatever the inputs are
// is added beforehand, so that it takes less room: W = M[σ] ⊕ M[λγ], G₀ ⊕ M[λβ] and G₁ ⊕ M[λα]. Bit 0 of W is then the share of σ ⊕ λγ; those of λα and λβ go to bits 1
// and 2 of the byte that holds b.
import { maskOfBit0 } from './sigma';

/** All ones if bit `bit` of the number is set, else zero. */
// @ts-ignore: decorator
@inline
function maskOfBit(number: u32, bit: u32): v128 {
  return i64x2.splat(-(<i64>((number >> bit) & 1)));
}

/** Does so for `count` gates, in place: W takes the place of M[σ]. */
export function foldMacs(
  tables: usize,
  permutes: usize,
  sigmas: usize,
  alphas: usize,
  betas: usize,
  gammas: usize,
  count: u32,
): void {
  for (let i: u32 = 0; i < count; i++) {
    const alpha = v128.load(alphas);
    const beta = v128.load(betas);
    v128.store(tables, v128.xor(v128.load(tables), beta));
    v128.store(tables, v128.xor(v128.load(tables, 16), alpha), 16);
    v128.store(sigmas, v128.xor(v128.load(sigmas), v128.load(gammas)));
    const shares = ((i32x4.extract_lane(alpha, 0) & 1) << 1) | ((i32x4.extract_lane(beta, 0) & 1) << 2);
    store<u8>(permutes, load<u8>(permutes) | <u8>shares);
    tables += 32;
    permutes++;
    sigmas += 16;
    alphas += 16;
    betas += 16;
    gammas += 16;
  }
}

/** Step 9 as evaluateGates does it (authenticated-gates.ts), by what foldMacs has left, with W of each gate at `sums`. */
export function evaluateKeptGates(
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
  sums: usize,
  index: u32,
): void {
  sums += <usize>index << 4;
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
      let label = v128.xor(v128.xor(a, b), v128.load(sums));
      label = v128.xor(label, v128.and(maskOfBit0(leftLabel), v128.load(tables)));
      label = v128.xor(label, v128.and(maskOfBit0(rightLabel), v128.xor(v128.load(tables, 16), leftLabel)));
      label = v128.xor(label, i64x2.replace_lane(i64x2.splat(0), 0, <i64>(load<u8>(permutes) & 1)));
      v128.store(fresh, label);
      v128.store(out, label);
      inputs += 32;
      outputs += 32;
      left += 16;
      right += 16;
      out += 16;
      lefts += 16;
      rights += 16;
      fresh += 16;
      tables += 32;
      permutes++;
      sums += 16;
    }
    ands += 12;
  }
}

/** Step 10: adds to bit 0 of each W what the evaluator's shares of λα and λβ add to c_γ, Λα·λβ ⊕ Λβ·λα, for gateCheckExpected (authenticated-gates.ts). */
export function keptCheckShares(sums: usize, permutes: usize, lefts: usize, rights: usize, count: u32): void {
  const low = i64x2(1, 0);
  for (let i: u32 = 0; i < count; i++) {
    const shares = <u32>load<u8>(permutes);
    const left = v128.and(maskOfBit(shares, 2), v128.load(lefts));
    const right = v128.and(maskOfBit(shares, 1), v128.load(rights));
    v128.store(sums, v128.xor(v128.load(sums), v128.and(v128.xor(left, right), low)));
    sums += 16;
    permutes++;
    lefts += 16;
    rights += 16;
  }
}
