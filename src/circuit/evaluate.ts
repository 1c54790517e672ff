import type { Bits } from './bits.ts';
import type { Circuit } from './circuit.ts';

/**
 * Evaluates a circuit in the clear. `inputs` are the input groups, each of its group's width; gives all output groups,
 * one after another. Throws RangeError when widths differ from the circuit's.
 */
export function evaluateCircuit(circuit: Circuit, inputs: readonly Bits[]): Bits {
  const inputBits = circuit.inputs.reduce((sum, width) => sum + width, 0);
  if (
    inputs.length !== circuit.inputs.length ||
    inputs.some((bits, i) => bits.length !== circuit.inputs[i])
  ) {
    throw new RangeError('inputs do not have the widths of the circuit');
  }
  const { kinds, left, right } = circuit;
  const wires = new Uint8Array(2 + inputBits + kinds.length);
  wires[1] = 1;
  let next = 2;
  for (const bits of inputs) {
    wires.set(bits, next);
    next += bits.length;
  }
  for (let gate = 0; gate < kinds.length; gate++) {
    const first = wires[left[gate]!]!;
    const second = wires[right[gate]!]!;
    wires[next + gate] = kinds[gate] === 0 ? first ^ second : first & second;
  }
  return Uint8Array.from(circuit.outputWires, (wire) => wires[wire]!);
}
