import { describe, expect, test } from 'vitest';
import { blockAt, Kernel } from '../../src/crypto/kernel.ts';
import { type Random, seededRandom } from '../../src/crypto/random.ts';
import { Evaluator } from '../../src/garbling/half-gates/evaluator.ts';
import { GATES_PER_KEY, Garbler } from '../../src/garbling/half-gates/garbler.ts';
import {
  TABLE_BYTES,
  type TableSink,
  type TableSource,
  Workspace,
} from '../../src/garbling/half-gates/tables.ts';
import { ScheduleCache } from '../../src/garbling/loaded-schedule.ts';
import { Permutation } from '../../src/garbling/permutation.ts';
import { andCircuit } from '../engine/contract.ts';
import { evaluatePlain, picker, randomBits, randomCircuit } from '../engine/random-circuit.ts';

function xor(left: Uint8Array, right: Uint8Array): Uint8Array {
  return left.map((byte, i) => byte ^ right[i]!);
}

/** Tables in memory, in messages of `size` gates. */
class Tape implements TableSink, TableSource {
  readonly tables: Uint8Array[] = [];
  room = 0;
  private readonly size: number;
  private taken = 0;

  constructor(size: number) {
    this.size = size;
  }

  append(tables: Uint8Array): void {
    for (let i = 0; i < tables.length; i += TABLE_BYTES) this.tables.push(tables.slice(i, i + TABLE_BYTES));
    this.room -= tables.length / TABLE_BYTES;
  }

  take(gates: number): Uint8Array {
    this.room -= gates;
    this.taken += gates;
    return Uint8Array.from(this.tables.slice(this.taken - gates, this.taken).flatMap((table) => [...table]));
  }

  async flush(): Promise<void> {
    this.room = this.size;
  }

  async fill(): Promise<void> {
    this.room = this.size;
  }
}

/** Both roles on one kernel, and the labels between them. */
function setUp(random: Random) {
  const kernel = new Kernel();
  const delta = random(16);
  delta[0]! |= 1;
  const pointer = kernel.allocate(16);
  kernel.write(pointer, delta);
  const { blocks, tables } = new Workspace(kernel);
  const sessionId = random(32);
  const newHash = () => new Permutation(kernel, 'test', sessionId);
  return {
    kernel,
    delta,
    garbler: new Garbler(kernel, newHash(), pointer, blocks, tables),
    evaluator: new Evaluator(kernel, newHash(), blocks, tables),
    schedules: new ScheduleCache(kernel),
  };
}

describe('half gates', () => {
  test('one AND gate: every pair of inputs and of colours gives the label of the product', async () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 64; seed += 1) {
      const random = seededRandom(new Uint8Array(16).fill(seed));
      const { kernel, delta, garbler, evaluator, schedules } = setUp(random);
      const loaded = schedules.load(andCircuit);
      const plane = kernel.allocate(loaded.schedule.slots * 16);
      const zeros = [random(16), random(16)] as const;
      const out = blockAt(plane, loaded.schedule.outputSlots[0]!);
      const gates = new Tape(1);
      kernel.write(blockAt(plane, 2), Uint8Array.of(...zeros[0], ...zeros[1]));
      await garbler.garble(loaded, plane, 1, gates);
      const zero = kernel.read(out, 16);
      const [x, y] = [seed & 1, (seed >> 1) & 1];
      zeros.forEach((label, i) => {
        kernel.write(blockAt(plane, 2 + i), [x, y][i] === 1 ? xor(label, delta) : label);
      });
      gates.room = 0;
      await evaluator.evaluate(loaded, plane, 1, gates);
      expect(kernel.read(out, 16)).toEqual((x & y) === 1 ? xor(zero, delta) : zero);
      expect(gates.tables.length).toBe(1);
      seen.add([x, y, zeros[0][0]! & 1, zeros[1][0]! & 1].join(''));
    }
    expect(seen.size).toBe(16);
  });

  test.each([
    [1, 1],
    [3, 5],
    [1_000, 40],
  ])('random circuits, tables in messages of %i, %i copies', async (size, copies) => {
    const pick = picker(size);
    const random = seededRandom(new Uint8Array(16).fill(size & 0xff));
    const circuit = randomCircuit(pick, { inputs: [12], gates: 200, outputs: 20 });
    const { kernel, delta, garbler, evaluator, schedules } = setUp(random);
    const loaded = schedules.load(circuit);
    const plane = kernel.allocate(loaded.schedule.slots * copies * 16);
    const gates = new Tape(size);
    for (let round = 0; round < 2; round += 1) {
      const labels = random(12 * copies * 16);
      const read = () =>
        Array.from({ length: copies }, (_, copy) =>
          [...loaded.schedule.outputSlots].map((slot) =>
            kernel.read(blockAt(plane, slot * copies + copy), 16),
          ),
        );
      kernel.write(blockAt(plane, 2 * copies), labels);
      await garbler.garble(loaded, plane, copies, gates);
      const zeros = read();
      const inputs = Array.from({ length: copies }, () => randomBits(12, pick));
      kernel.write(blockAt(plane, 2 * copies), labels);
      inputs.forEach((bits, copy) => {
        bits.forEach((bit, wire) => {
          const at = blockAt(plane, (2 + wire) * copies + copy);
          if (bit === 1) kernel.write(at, xor(kernel.read(at, 16), delta));
        });
      });
      gates.room = 0;
      await evaluator.evaluate(loaded, plane, copies, gates);
      read().forEach((outputs, copy) => {
        const values = evaluatePlain(circuit, [inputs[copy]!]);
        outputs.forEach((label, i) => {
          expect(label).toEqual(values[i] === 1 ? xor(zeros[copy]![i]!, delta) : zeros[copy]![i]);
        });
      });
      gates.room = 0;
    }
    expect(gates.tables.length).toBe(2 * copies * circuit.ands);
  });

  test('equal labels give unrelated tables at every gate, and across a change of key', async () => {
    const random = seededRandom(new Uint8Array(16).fill(1));
    const { kernel, garbler, schedules } = setUp(random);
    const loaded = schedules.load(andCircuit);
    const copies = 4_096;
    const plane = kernel.allocate(loaded.schedule.slots * copies * 16);
    const labels = [random(16), random(16)] as const;
    const seen = new Set<string>();
    let gates = 0;
    while (gates <= GATES_PER_KEY) {
      const tape = new Tape(copies);
      for (let i = 0; i < 2; i += 1) {
        for (let copy = 0; copy < copies; copy += 1)
          kernel.write(blockAt(plane, (2 + i) * copies + copy), labels[i]!);
      }
      await garbler.garble(loaded, plane, copies, tape);
      if (gates === 0 || gates + copies >= GATES_PER_KEY) {
        for (const table of tape.tables) {
          seen.add(Buffer.from(table.subarray(0, 16)).toString('hex'));
          seen.add(Buffer.from(table.subarray(16)).toString('hex'));
        }
      }
      gates += copies;
    }
    expect(seen.size).toBe(3 * 2 * copies);
  });
});
