import { createHash } from 'node:crypto';
import type { Bits } from '../../../src/circuit/bits.ts';
import type { Circuit, Schedule } from '../../../src/circuit/circuit.ts';

/** Throws unless the circuit keeps every promise of circuit.ts but the digest's. */
export function checkCircuit(circuit: Circuit): void {
  const inputs = circuit.inputs.reduce((sum, width) => sum + width, 0);
  const outputs = circuit.outputs.reduce((sum, width) => sum + width, 0);
  const gates = circuit.kinds.length;
  if (circuit.left.length !== gates || circuit.right.length !== gates) throw new Error('operand arrays');
  if (circuit.outputWires.length !== outputs) throw new Error('output wires');
  let ands = 0;
  for (let gate = 0; gate < gates; gate++) {
    const kind = circuit.kinds[gate]!;
    if (kind > 1) throw new Error(`kind of gate ${gate}`);
    ands += kind;
    for (const wire of [circuit.left[gate]!, circuit.right[gate]!]) {
      if (wire < 0 || wire >= 2 + inputs + gate) throw new Error(`operand of gate ${gate}`);
    }
  }
  if (ands !== circuit.ands) throw new Error('AND count');
  for (const wire of circuit.outputWires) {
    if (wire < 0 || wire >= 2 + inputs + gates) throw new Error('output wire');
  }
}

/** Runs a schedule in the clear, checking that a layer's ANDs do not overwrite one another's operands. */
export function runSchedule(schedule: Schedule, inputs: readonly Bits[]): Bits {
  const slots = new Uint8Array(schedule.slots);
  slots[1] = 1;
  let next = 2;
  for (const bits of inputs) {
    slots.set(bits, next);
    next += bits.length;
  }
  let xor = 0;
  let and = 0;
  for (let layer = 0; layer < schedule.xorEnd.length; layer++) {
    for (; xor < schedule.xorEnd[layer]!; xor++) {
      const [left, right, target] = schedule.xors.subarray(3 * xor, 3 * xor + 3) as unknown as number[];
      if (target! < 2) throw new Error('a constant is overwritten');
      slots[target!] = slots[left!]! ^ slots[right!]!;
    }
    const readers = new Map<number, number>();
    const results: [number, number][] = [];
    for (const from = and; and < schedule.andEnd[layer]!; and++) {
      const [left, right, target] = schedule.ands.subarray(3 * and, 3 * and + 3) as unknown as number[];
      if (target! < 2) throw new Error('a constant is overwritten');
      readers.set(left!, from);
      readers.set(right!, from);
      results.push([target!, slots[left!]! & slots[right!]!]);
    }
    for (const [target, value] of results) {
      if (readers.has(target)) throw new Error('an AND overwrites an operand of its layer');
      slots[target] = value;
    }
    if (new Set(results.map(([target]) => target)).size !== results.length)
      throw new Error('a slot is written twice');
  }
  if (xor * 3 !== schedule.xors.length || and * 3 !== schedule.ands.length)
    throw new Error('gates left over');
  return Uint8Array.from(schedule.outputSlots, (slot) => slots[slot]!);
}

/** A repeatable sequence of bits. */
export function sampleBits(seed: string, width: number): Bits {
  const bits = new Uint8Array(width);
  for (let i = 0; i < width; i += 256) {
    const digest = createHash('sha256').update(`${seed}/${i}`).digest();
    for (let j = i; j < Math.min(width, i + 256); j++) bits[j] = (digest[(j - i) >> 3]! >> (j & 7)) & 1;
  }
  return bits;
}
