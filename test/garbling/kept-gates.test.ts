import { expect, test } from 'vitest';
import { Kernel, type Pointer } from '../../src/crypto/kernel.ts';
import { seededRandom } from '../../src/crypto/random.ts';

const GATES = 21;
const COPIES = 3;
const COUNT = GATES * COPIES;
const WIRES = 2 * GATES;

/** What an evaluator has of some gates, at random, and always the same. */
function setting() {
  const random = seededRandom(new Uint8Array(16).fill(7));
  const kernel = new Kernel();
  const place = (bytes: Uint8Array): Pointer => {
    const pointer = kernel.allocate(bytes.length);
    kernel.write(pointer, bytes);
    return pointer;
  };
  const words = (list: readonly number[]) => place(new Uint8Array(Uint32Array.from(list).buffer));
  const blocks = (count: number) => place(random(16 * count));
  const gates = Array.from({ length: GATES }, (_, i) => [(5 * i) % WIRES, (11 * i + 3) % WIRES, WIRES + i]);
  return {
    kernel,
    words,
    ands: words(gates.flat()),
    plane: blocks((WIRES + GATES) * COPIES),
    inputs: blocks(2 * COUNT),
    outputs: blocks(2 * COUNT),
    tables: blocks(2 * COUNT),
    permutes: place(random(COUNT).map((byte) => byte & 1)),
    alphas: blocks(COUNT),
    betas: blocks(COUNT),
    sigmas: blocks(COUNT),
    gammas: blocks(COUNT),
    keys: blocks(COUNT),
    lefts: blocks(COUNT),
    rights: blocks(COUNT),
    fresh: blocks(COUNT),
    delta: blocks(1),
  };
}

type Setting = ReturnType<typeof setting>;

/** Labels of all wires, of the gates' operands and results, and what the garbler must answer, as far as it does not follow from keys. */
function resultsOf({ kernel, plane, lefts, rights, fresh, keys }: Setting) {
  const read = (pointer: Pointer, count: number) => kernel.read(pointer, 16 * count);
  const labels = [read(plane, 3 * COUNT), read(lefts, COUNT), read(rights, COUNT), read(fresh, COUNT)];
  return [...labels, read(keys, COUNT)];
}

function expectAnswer(made: Setting): void {
  const { kernel, keys, sigmas, lefts, rights, fresh, delta } = made;
  kernel.call.gateCheckExpected(keys, sigmas, lefts, rights, fresh, COUNT, delta);
}

test('gates whose MACs were added up beforehand have the labels and the check of all others', () => {
  const usual = setting();
  {
    const { words, inputs, outputs, tables, permutes, ands, plane } = usual;
    const { alphas, betas, sigmas, gammas, lefts, rights, fresh } = usual;
    const { call } = usual.kernel;
    const material = words([alphas, betas, sigmas, gammas]);
    const places = [lefts, rights, fresh, tables, permutes, inputs, outputs, plane, ands] as const;
    call.evaluateGates(...places, GATES, COPIES, material, 0);
    call.gateCheckSums(sigmas, gammas, alphas, betas, lefts, rights, COUNT);
    expectAnswer(usual);
  }
  const kept = setting();
  const untouched = resultsOf(kept);
  {
    const { inputs, outputs, tables, permutes, ands, plane } = kept;
    const { alphas, betas, sigmas, gammas, lefts, rights, fresh } = kept;
    const { call } = kept.kernel;
    call.foldMacs(tables, permutes, sigmas, alphas, betas, gammas, COUNT);
    const places = [lefts, rights, fresh, tables, permutes, inputs, outputs, plane, ands] as const;
    call.evaluateKeptGates(...places, GATES, COPIES, sigmas, 0);
    call.keptCheckShares(sigmas, permutes, lefts, rights, COUNT);
    expectAnswer(kept);
  }
  expect(resultsOf(kept)).toEqual(resultsOf(usual));
  expect(resultsOf(kept)).not.toEqual(untouched);
});
