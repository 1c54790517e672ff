import { systemRandom } from '../../src/crypto/random.ts';
import { Permutation } from '../../src/garbling/permutation.ts';
import { Regions } from './kernel-subject.ts';
import type { Subject } from './measure.ts';

const GATES = 64;
const LABELS = 256;

/** The label hash, and half gates: labels and input bits are secret. */
export function halfGates(): Subject[] {
  return [...labelHash(), ...gates(), ...inputs()];
}

function labelHash(): Subject[] {
  const regions = new Regions();
  const { kernel } = regions;
  const labels = regions.random(16 * LABELS);
  const inputs = regions.random(16 * LABELS);
  const permutation = new Permutation(kernel, 'timing', systemRandom(32));
  return [
    regions.subject('labelHash.inputs', labels, 16 * LABELS, () =>
      kernel.call.naturalInputs(inputs, labels, LABELS, 0, 0),
    ),
    regions.subject('labelHash.permute', labels, 16 * LABELS, () =>
      permutation.permute(inputs, labels, LABELS, 0),
    ),
  ];
}

/** One layer of gates; every wire's label, and so its colour, is secret. */
function gates(): Subject[] {
  const regions = new Regions();
  const { kernel } = regions;
  const { call } = kernel;
  const operands = 2 * GATES;
  const plane = regions.random(16 * (operands + GATES));
  const triples = regions.words(...layer(operands));
  const delta = regions.random(16);
  const blocks = regions.random(64 * GATES);
  const tables = regions.random(32 * GATES);
  const subject = (id: string, run: () => void) => regions.subject(id, plane, 16 * operands, run);
  return [
    subject('halfGates.garblePrepare', () =>
      call.garblePrepare(blocks, plane, triples, 1, 0, GATES, delta, 0),
    ),
    subject('halfGates.garbleFinish', () =>
      call.garbleFinish(tables, blocks, plane, triples, 1, 0, GATES, delta, 0),
    ),
    subject('halfGates.evaluatePrepare', () => call.evaluatePrepare(blocks, plane, triples, 1, 0, GATES, 0)),
    subject('halfGates.evaluateFinish', () =>
      call.evaluateFinish(tables, blocks, plane, triples, 1, 0, GATES, 0),
    ),
  ];
}

/** Gate i takes wires 2i and 2i + 1 and writes the i-th wire after all operands. */
function layer(operands: number): number[] {
  return Array.from({ length: GATES }, (_, i) => [2 * i, 2 * i + 1, operands + i]).flat();
}

/** The garbler's choice of labels by its input bits, and the evaluator's bits read off its labels. */
function inputs(): Subject[] {
  const regions = new Regions();
  const { kernel } = regions;
  const { call } = kernel;
  const labels = regions.random(16 * LABELS);
  const target = regions.random(16 * LABELS);
  const delta = regions.random(16);
  const bits = regions.random(LABELS);
  const select = regions.subject('halfGates.xorSelected', bits, LABELS, () =>
    call.xorSelected(target, labels, bits, delta, LABELS),
  );
  return [
    regions.subject('halfGates.extractBits', labels, 16 * LABELS, () =>
      call.extractBits(target, labels, 0, LABELS),
    ),
    {
      ...select,
      load: () =>
        kernel.write(
          bits,
          select.input.map((byte) => byte & 1),
        ),
    },
  ];
}
