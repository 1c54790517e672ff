import { CircuitBuilder } from '../circuit/builder.ts';
import type { Circuit } from '../circuit/circuit.ts';

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
