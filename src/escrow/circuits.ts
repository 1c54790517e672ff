import { CircuitBuilder } from '../circuit/builder.ts';
import type { Circuit } from '../circuit/circuit.ts';
import { circuitDigest } from '../circuit/digest.ts';
import type { Combination } from './combinations.ts';

/** F4: what combinations of the fixed bits are. Only XORs, gate by gate: some thousand of them, new in each session, in which a builder would look for equal ones in vain. */
export function combinationCircuit(rows: readonly Combination[], fixed: number): Circuit {
  const gates = rows.reduce((sum, { length }) => sum + length - 1, 0);
  const [left, right] = [new Int32Array(gates), new Int32Array(gates)];
  let gate = 0;
  const outputWires = Int32Array.from(rows, ([first, ...more]) => {
    let sum = 2 + first!;
    for (const at of more) {
      left[gate] = sum;
      right[gate] = 2 + at;
      sum = 2 + fixed + gate;
      gate += 1;
    }
    return sum;
  });
  const kinds = new Uint8Array(gates);
  const parts = { inputs: [fixed], outputs: [rows.length], kinds, left, right, outputWires, ands: 0 };
  return { ...parts, digest: circuitDigest(parts) };
}

const maskCircuits = new Map<number, Circuit>();

/** F4: z = y ⊕ o_a ⊕ o_b, of `width` bits each. Only XORs. */
export function maskCircuit(width: number): Circuit {
  let circuit = maskCircuits.get(width);
  if (circuit === undefined) {
    const c = new CircuitBuilder();
    const [y, a, b] = [c.input(width), c.input(width), c.input(width)];
    c.output(y.map((bit, i) => c.xor(c.xor(bit, a[i]!), b[i]!)));
    circuit = c.build();
    maskCircuits.set(width, circuit);
  }
  return circuit;
}
