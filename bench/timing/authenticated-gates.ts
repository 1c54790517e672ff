import { byteAt, type Pointer } from '../../src/crypto/kernel.ts';
import { Regions } from './kernel-subject.ts';
import type { Subject } from './measure.ts';

const GATES = 64;
const BUCKETS = 32;
const SIZE = 4;

/** Authenticated garbling after its leaky ANDs: labels, keys and MACs are secret, and a MAC's bit 0 is a share. */
export function authenticatedGates(): Subject[] {
  return [...buckets(), ...gates(), ...checks()];
}

function buckets(): Subject[] {
  const regions = new Regions();
  const { kernel } = regions;
  const { call } = kernel;
  const count = BUCKETS * SIZE;
  const shares = regions.random(48 * count);
  const order = regions.words(...Array.from({ length: count }, (_, i) => (i * 37) % count));
  const bits = regions.random(count / 8);
  const addend = regions.random(16);
  const [rest, differences] = [regions.random(16 * count), regions.random(16 * count)];
  const [x, y, z] = [1, 1, 1].map(() => regions.random(16 * BUCKETS)) as [Pointer, Pointer, Pointer];
  return [
    regions.subject('gates.fillBuckets', shares, 48 * count, () =>
      call.fillBuckets(x, y, z, rest, differences, shares, order, bits, addend, BUCKETS, SIZE),
    ),
    regions.subject('gates.correctBuckets', rest, 16 * count, () =>
      call.correctBuckets(z, rest, bits, BUCKETS, SIZE),
    ),
  ];
}

/** One layer of gates, at the garbler (eight arrays of keys and MACs) and at the evaluator (four). */
function gates(): Subject[] {
  const regions = new Regions();
  const { call } = regions.kernel;
  const operands = 2 * GATES;
  const plane = regions.random(16 * (operands + GATES));
  const ands = regions.words(
    ...Array.from({ length: GATES }, (_, i) => [2 * i, 2 * i + 1, operands + i]).flat(),
  );
  const delta = regions.random(16);
  const [inputs, outputs] = [regions.random(64 * GATES), regions.random(64 * GATES)];
  const [tables, permutes] = [regions.random(32 * GATES), regions.random(GATES)];
  const [lefts, rights, fresh] = [1, 1, 1].map(() => regions.random(16 * GATES));
  const arrays = regions.random(8 * 16 * GATES);
  const material = regions.words(...Array.from({ length: 8 }, (_, i) => arrays + i * 16 * GATES));
  const garble = () =>
    call.garbleGates(tables, permutes, fresh!, inputs, outputs, plane, ands, GATES, 1, material, 0, delta);
  const evaluate = () =>
    call.evaluateGates(
      lefts!,
      rights!,
      fresh!,
      tables,
      permutes,
      inputs,
      outputs,
      plane,
      ands,
      GATES,
      1,
      material,
      0,
    );
  const evaluateKept = () =>
    call.evaluateKeptGates(
      lefts!,
      rights!,
      fresh!,
      tables,
      permutes,
      inputs,
      outputs,
      plane,
      ands,
      GATES,
      1,
      arrays,
      0,
    );
  const labels = (id: string, run: () => void) => regions.subject(id, plane, 16 * operands, run);
  const shares = (id: string, run: () => void) => regions.subject(id, arrays, 8 * 16 * GATES, run);
  return [
    labels('gates.garbleInputs', () => call.garbleInputs(inputs, plane, ands, GATES, 1, delta, 16, 0)),
    shares('gates.garbleGates', garble),
    labels('gates.evaluateInputs', () => call.evaluateInputs(inputs, plane, ands, GATES, 1, 16, 0)),
    labels('gates.evaluateGates.labels', evaluate),
    shares('gates.evaluateGates.macs', evaluate),
    labels('gates.evaluateKeptGates.labels', evaluateKept),
    shares('gates.evaluateKeptGates.macs', evaluateKept),
  ];
}

function checks(): Subject[] {
  const regions = new Regions();
  const { call } = regions.kernel;
  const length = 16 * GATES;
  const planes = regions.random(7 * length);
  const [sigmas, gammas, alphas, betas, lefts, rights, fresh] = Array.from(
    { length: 7 },
    (_, i) => planes + i * length,
  ) as [Pointer, Pointer, Pointer, Pointer, Pointer, Pointer, Pointer];
  const packed = regions.random(GATES / 4);
  const [tables, permutes] = [regions.random(32 * GATES), regions.random(GATES)];
  const delta = regions.random(16);
  const subject = (id: string, run: () => void) => regions.subject(id, planes, 7 * length, run);
  return [
    subject('gates.fitTriples', () =>
      call.fitTriples(sigmas, alphas, betas, packed, byteAt(packed, GATES / 8), GATES),
    ),
    subject('gates.gateCheckSums', () =>
      call.gateCheckSums(sigmas, gammas, alphas, betas, lefts, rights, GATES),
    ),
    subject('gates.foldMacs', () => call.foldMacs(tables, permutes, sigmas, alphas, betas, gammas, GATES)),
    subject('gates.keptCheckShares', () => call.keptCheckShares(sigmas, permutes, lefts, rights, GATES)),
    subject('gates.gateCheckExpected', () =>
      call.gateCheckExpected(sigmas, gammas, lefts, rights, fresh, GATES, delta),
    ),
  ];
}
