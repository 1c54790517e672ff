import { createHash } from 'node:crypto';
import type { Circuit } from '../../src/circuit/circuit.ts';
import type { Bits } from '../../src/engine/engine.ts';

/** A source of uniform integers below a bound, reproducible from a seed. */
export function picker(seed: number): (bound: number) => number {
  let counter = 0;
  return (bound) => {
    const digest = createHash('sha256').update(`${seed}/${counter}`).digest();
    counter += 1;
    return digest.readUInt32LE(0) % bound;
  };
}

export function randomBits(width: number, pick: (bound: number) => number): Bits {
  return Uint8Array.from({ length: width }, () => pick(2));
}

/** A random circuit: gates read any lower wire (constants included), outputs are any wires, repeated or not. */
export function randomCircuit(
  pick: (bound: number) => number,
  { inputs, gates, outputs }: { inputs: readonly number[]; gates: number; outputs: number },
): Circuit {
  const first = 2 + inputs.reduce((sum, width) => sum + width, 0);
  const kinds = new Uint8Array(gates);
  const left = new Int32Array(gates);
  const right = new Int32Array(gates);
  for (let gate = 0; gate < gates; gate += 1) {
    kinds[gate] = pick(2);
    left[gate] = pick(first + gate);
    right[gate] = pick(4) === 0 ? pick(first + gate) : Math.max(0, first + gate - 1 - pick(12));
  }
  const outputWires = Int32Array.from({ length: outputs }, () => pick(first + gates));
  return circuitOf({ inputs, outputs: [outputs], kinds, left, right, outputWires });
}

/** Completes a circuit with its AND count and a digest. */
export function circuitOf(parts: Omit<Circuit, 'ands' | 'digest'>): Circuit {
  const digest = createHash('sha256');
  for (const array of [parts.kinds, parts.left, parts.right, parts.outputWires]) {
    digest.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
  return {
    ...parts,
    ands: parts.kinds.reduce((sum, kind) => sum + kind, 0),
    digest: new Uint8Array(digest.update(JSON.stringify([parts.inputs, parts.outputs])).digest()),
  };
}

/** The values of a circuit's outputs, gate by gate. */
export function evaluatePlain(circuit: Circuit, inputs: readonly Bits[]): Bits {
  const values = [0, 1, ...inputs.flatMap((bits) => [...bits])];
  circuit.kinds.forEach((kind, gate) => {
    const x = values[circuit.left[gate]!]!;
    const y = values[circuit.right[gate]!]!;
    values.push(kind === 1 ? x & y : x ^ y);
  });
  return Uint8Array.from(circuit.outputWires, (wire) => values[wire]!);
}
