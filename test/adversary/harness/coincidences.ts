import { blockAt, xor } from './blocks.ts';

/** Two values that are apart by something that they should not be apart by. */
export interface Found {
  readonly among: string;
  readonly apart: string;
}

export interface Observed {
  /** What the cheater makes of each ciphertext by what it knows. */
  readonly residues: Uint8Array;
  readonly ciphertexts: Uint8Array;
  /** The honest party's hashes. */
  readonly hashes: Uint8Array;
  readonly delta: Uint8Array;
  readonly cheaterDelta: Uint8Array;
}

/** Residues whose sums of two are looked at too, of which there are some millions. */
const SUMMED = 1_500;

/**
 * Looks for whatever could be used, among blocks of 16 bytes: any two equal, or apart by Δ, by the cheater's Δ, by both, or by σ of Δ; the same among the sums
 * of any two of `SUMMED` residues; and a group of every `groups`-th residue whose differences do not span all 128 bits. Values are compared by
 * their lower halves: by chance, one of 2²⁴ values is found with probability 2⁻¹⁶ at most.
 */
export function search(observed: Observed, groups: number): Found[] {
  const { residues, ciphertexts, hashes, delta, cheaterDelta } = observed;
  const apart: readonly (readonly [string, bigint])[] = [
    ['nothing', 0n],
    ['Δ', half(delta)],
    ['Δ and the cheater’s Δ', half(xor(delta, cheaterDelta))],
    ['the cheater’s Δ', half(cheaterDelta)],
    ['σ(Δ)', half(delta.slice(8))],
  ];
  return [
    ...pairs('residues', halves(residues), apart),
    ...pairs('ciphertexts', halves(ciphertexts), apart),
    ...pairs('hashes', halves(hashes), apart),
    ...pairs('sums of two residues', sums(halves(residues).subarray(0, SUMMED)), apart),
    ...Array.from({ length: groups }, (_, group) => group)
      .filter((group) => rank(residues, group, groups) < 128)
      .map((group) => ({ among: `residues of group ${group}`, apart: 'a subspace' })),
  ];
}

/** The lower half of a block. */
function half(block: Uint8Array): bigint {
  return new DataView(block.buffer, block.byteOffset).getBigUint64(0, true);
}

/** The lower half of each block. */
function halves(blocks: Uint8Array): BigUint64Array {
  const all = new BigUint64Array(blocks.slice().buffer);
  return all.filter((_, index) => index % 2 === 0);
}

function pairs(
  among: string,
  values: BigUint64Array,
  differences: readonly (readonly [string, bigint])[],
): Found[] {
  const sorted = values.slice().sort();
  const found: Found[] = [];
  for (const [apart, difference] of differences) {
    const shifted = difference === 0n ? undefined : values.map((value) => value ^ difference).sort();
    for (let i = 0, j = 0; i < sorted.length; i += 1) {
      if (shifted === undefined) {
        if (i > 0 && sorted[i] === sorted[i - 1]) found.push({ among, apart });
        continue;
      }
      while (j < shifted.length && shifted[j]! < sorted[i]!) j += 1;
      if (shifted[j] === sorted[i]) found.push({ among, apart });
    }
  }
  return found;
}

function sums(values: BigUint64Array): BigUint64Array {
  const all = new BigUint64Array((values.length * (values.length - 1)) / 2);
  let at = 0;
  for (let i = 0; i < values.length; i += 1)
    for (let j = 0; j < i; j += 1) all[at++] = values[i]! ^ values[j]!;
  return all;
}

/** The dimension of what the differences of a group's first 300 blocks span. */
function rank(blocks: Uint8Array, group: number, groups: number): number {
  const basis: bigint[] = [];
  const size = Math.min(300, Math.floor(blocks.length / 16 / groups));
  for (let n = 1; n < size; n += 1) {
    const difference = xor(blockAt(blocks, group), blockAt(blocks, group + n * groups));
    let value = BigInt(`0x${Buffer.from(difference).toString('hex')}`);
    for (const vector of basis) if ((value ^ vector) < value) value ^= vector;
    if (value !== 0n) basis.push(value);
  }
  return basis.length;
}
