import { message } from '../../link/message.ts';

/** Bytes of a packed string of `count` bits. */
export const packed = (count: number): number => (count + 7) >> 3;

const opened = (count: number) => ({ bits: packed(count), macs: 32 });

/** Step 1: a commitment to this party's half of the coins that shuffle the leaky ANDs. */
export const coinCommitment = message(0x50, 'authenticated.coinCommitment', () => ({ commitment: 32 }));

/** Step 3: G of `ands` leaky ANDs. */
export const leakyCiphertexts = message(0x51, 'authenticated.leakyCiphertexts', (ands: number) => ({
  ciphertexts: 16 * ands,
}));

/** Step 3: bit 1 of each S. */
export const leakyBits = message(0x52, 'authenticated.leakyBits', (ands: number) => ({ bits: packed(ands) }));

/** Step 4, evaluator: a commitment to its digest of all L. */
export const equalityCommitment = message(0x53, 'authenticated.equalityCommitment', () => ({
  commitment: 32,
}));

/** Step 4, garbler: its digest of all L, and its coins, which opens their commitment. */
export const equalityAnswer = message(0x54, 'authenticated.equalityAnswer', () => ({
  digest: 32,
  coins: 32,
}));

/** Step 4, evaluator: opens its digest and its coins. */
export const equalityOpening = message(0x55, 'authenticated.equalityOpening', () => ({
  digest: 32,
  nonce: 32,
  coins: 32,
}));

/** Step 5: this party's shares of the differences d within buckets, with their MACs. */
export const openedDifferences = message(0x56, 'authenticated.openedDifferences', opened);

/** Step 6: this party's shares of ε_α of every gate, then of ε_β, with their MACs. */
export const openedFits = message(0x57, 'authenticated.openedFits', opened);

/** Step 8: this party's shares of the masks of its peer's inputs, with their MACs. */
export const openedMasks = message(0x58, 'authenticated.openedMasks', opened);

/** Step 8: this party's inputs under their masks. */
export const maskedInputs = message(0x59, 'authenticated.maskedInputs', (bits: number) => ({
  values: packed(bits),
}));

/** Step 8, garbler: what the active labels of a batch's inputs follow from, where tables are still to come. */
export const inputLabelSeed = message(0x60, 'authenticated.inputLabelSeed', () => ({ seed: 16 }));

/** Step 8, garbler: the active label of every input of one party, where tables have gone out before. */
export const inputLabels = message(0x5a, 'authenticated.inputLabels', (bits: number) => ({
  labels: 16 * bits,
}));

/** Step 7, garbler: G₀ and G₁ of some gates, and the bit b of each. */
export const garbledGates = message(0x5b, 'authenticated.garbledGates', (gates: number) => ({
  tables: 32 * gates,
  permutes: packed(gates),
}));

/** Step 10, evaluator: the masked value of every AND gate, and a digest of the labels it holds for them. */
export const maskedGates = message(0x5c, 'authenticated.maskedGates', (gates: number) => ({
  values: packed(gates),
  labels: 32,
}));

/** Step 10, garbler: a digest of its MACs on every gate's c. */
export const gateCheck = message(0x5d, 'authenticated.gateCheck', () => ({ macs: 32 }));

/** Step 11: this party's shares of the masks of revealed wires, with their MACs. */
export const openedOutputs = message(0x5e, 'authenticated.openedOutputs', opened);

/** Step 12: this party's fingerprint, and the sum Z of its MACs that proves it. */
export const fingerprint = message(0x5f, 'authenticated.fingerprint', () => ({ value: 16, proof: 16 }));

/** Step 13: what the prover adds to a random bit for each gate, two sums over all gates, and the outputs with their MACs. */
export const proof = message(
  0x61,
  'authenticated.proof',
  ({ gates, outputs }: { readonly gates: number; readonly outputs: number }) => ({
    corrections: packed(gates),
    first: 16,
    second: 16,
    ...opened(outputs),
  }),
);

/** Step 14: what makes random bits of the sender those that it fixes without entering them. */
export const fixedBits = message(0x63, 'authenticated.fixedBits', (bits: number) => ({
  corrections: packed(bits),
}));

/** Step 14: combinations of what the sender has fixed, with their MACs. */
export const openedCombinations = message(0x62, 'authenticated.openedCombinations', opened);
