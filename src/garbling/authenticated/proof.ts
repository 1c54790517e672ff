import { type Bits, packBits, unpackBits } from '../../circuit/bits.ts';
import type { Circuit } from '../../circuit/circuit.ts';
import { equalBytes } from '../../crypto/bytes.ts';
import { check } from '../../crypto/check.ts';
import { blockAt, type Kernel, type Pointer } from '../../crypto/kernel.ts';
import { seededRandom } from '../../crypto/random.ts';
import { tags } from '../../crypto/tags.ts';
import type { Fields } from '../../link/message.ts';
import type { Context } from './context.ts';
import type { Role, Shares } from './correlated-bits.ts';
import { GateValues } from './gate-values.ts';
import { openShares, packShares, verifyShares } from './opening.ts';

/** Random bits whose MACs and values mask the two sums of a proof. */
const MASK_BITS = 128;

/** Random bits that a party's proof of a circuit with at most `ands` gates takes: one for each gate, and the masks. */
export function proofBits(ands: number): number {
  return ands + MASK_BITS;
}

/**
 * What is proved: what `circuit` gives for inputs of the prover. `room` is how many gates had been announced, at least those that it has, and `number` how many statements
 * of the prover come before this one.
 */
export interface Statement {
  readonly circuit: Circuit;
  readonly room: number;
  readonly number: number;
}

/** What is kept of the prover's inputs, one after another: keys and MACs of the shares of their masks, and active labels. `random` are `proofBits(room)` bits. */
export interface ProvenInputs extends Shares {
  readonly labels: Pointer;
  readonly random: Shares;
}

/** What a prover sends. */
export type Proof = Fields<'corrections' | 'first' | 'second' | 'bits' | 'macs'>;

/** Step 13 at the prover, who has entered `bits`. */
export function prove(context: Context, statement: Statement, inputs: ProvenInputs, bits: Bits): Proof {
  const { kernel } = context;
  const { circuit, room } = statement;
  const { macs, random } = inputs;
  const step = stepOf(statement);
  const gates = new GateValues(kernel, circuit, unitOf(context, 'prover'));
  try {
    gates.enter(macs, (i, mac) => bits[i]! ^ (mac & 1));
    gates.multiply(random.macs, (_, product, mac) => product ^ (mac & 1));
    const corrections = packBits(padded(gates.corrections, room));
    const opened = openShares(context, step, gates.outputs(), circuit.outputWires.length);
    const chi = challenges(context, context.role, statement, inputs.labels, corrections);
    const masks = blockAt(random.macs, room);
    const [maskOfFirst, maskOfSecond] = [weighed(kernel, masks), packShares(kernel, masks, MASK_BITS)];
    const first = addTo(gates.sumOfProducts(chi), maskOfFirst);
    const second = addTo(gates.sumOfCrossProducts(chi), maskOfSecond);
    for (const secret of [maskOfFirst, maskOfSecond]) secret.fill(0);
    kernel.free(chi);
    return { corrections, first, second, ...opened };
  } finally {
    gates.free();
  }
}

/** Step 13 at the verifier: what the circuit gives. Throws `ERR_PEER_CHEATED` unless that is proved. */
export function verifyProof(
  context: Context,
  statement: Statement,
  inputs: ProvenInputs,
  proof: Proof,
): Bits {
  const { kernel } = context;
  const { circuit, room } = statement;
  const { keys, macs, labels, random } = inputs;
  const width = circuit.outputWires.length;
  const corrections = unpackBits(proof.corrections);
  check(
    'padding of packed bits',
    corrections.subarray(circuit.ands).every((bit) => bit === 0),
  );
  const count = circuit.inputs.reduce((sum, bits) => sum + bits, 0);
  const masked = unpackBits(packShares(kernel, labels, count), count);
  const shares = unpackBits(packShares(kernel, macs, count), count);
  const gates = new GateValues(kernel, circuit, unitOf(context, 'verifier'));
  try {
    gates.enter(keys, (i) => masked[i]! ^ shares[i]!);
    gates.multiply(random.keys, (and) => corrections[and]!);
    const chi = challenges(context, context.peer, statement, labels, proof.corrections);
    const maskOfSum = weighed(kernel, blockAt(random.keys, room));
    const expected = addTo(gates.sumOfProducts(chi), maskOfSum);
    const factor = addTo(gates.sumOfResults(chi), proof.second);
    const product = timesDelta(context, factor);
    addTo(expected, product);
    kernel.free(chi);
    const holds = equalBytes(expected, proof.first);
    for (const secret of [expected, factor, product, maskOfSum, shares]) secret.fill(0);
    check('proof', holds);
    verifyShares(context, stepOf(statement), gates.outputs(), width, proof);
    return unpackBits(proof.bits, width);
  } finally {
    gates.free();
  }
}

/** Names a statement among those of its prover in hashes and checks. */
function stepOf({ number }: Statement): string {
  return number === 0 ? 'proof' : `proof ${number}`;
}

/** What an authenticated 1 that both know is: the block 1 as a MAC, Δ ⊕ 1 as a key. */
function unitOf({ kernel, delta }: Context, side: 'prover' | 'verifier'): Uint8Array {
  const unit = side === 'prover' ? new Uint8Array(16) : kernel.read(delta, 16);
  unit[0]! ^= 1;
  return unit;
}

/** The coefficients of the gates' equations, one element each: drawn by a hash of all that decides whether these hold. The caller frees them. */
function challenges(
  context: Context,
  prover: Role,
  statement: Statement,
  labels: Pointer,
  corrections: Uint8Array,
): Pointer {
  const { kernel } = context;
  const { circuit } = statement;
  const count = circuit.inputs.reduce((sum, width) => sum + width, 0);
  const entered = packShares(kernel, labels, count);
  const parts = [circuit.digest, entered, corrections];
  const seed = context.digest(tags.authenticatedProof, prover, stepOf(statement), ...parts).subarray(0, 16);
  const chi = kernel.allocate(16 * circuit.ands);
  kernel.write(chi, seededRandom(seed)(16 * circuit.ands));
  return chi;
}

/** Σ block_i·z^i over the blocks of the mask. */
function weighed(kernel: Kernel, blocks: Pointer): Uint8Array {
  const target = kernel.allocate(16);
  kernel.call.weighBlocks(target, blocks, MASK_BITS);
  const sum = kernel.read(target, 16);
  kernel.free(target);
  return sum;
}

function timesDelta({ kernel, delta }: Context, factor: Uint8Array): Uint8Array {
  const target = kernel.allocate(16);
  kernel.write(target, factor);
  kernel.call.multiplyBlocks(target, target, delta, 1);
  const product = kernel.read(target, 16);
  kernel.free(target);
  return product;
}

/** Adds to `sum`, in place, and gives it. */
function addTo(sum: Uint8Array, more: Uint8Array): Uint8Array {
  for (let i = 0; i < sum.length; i += 1) sum[i]! ^= more[i]!;
  return sum;
}

function padded(bits: Bits, width: number): Bits {
  const all = new Uint8Array(width);
  all.set(bits);
  return all;
}
