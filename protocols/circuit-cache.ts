import type { Circuit } from '../src/circuit/circuit.ts';

const KEPT = 64;
const names = new WeakMap<Circuit, string>();

/** The circuits of one rule. A circuit is kept while it is among the last 64 used. Its key names everything that it depends on. */
export class CircuitCache {
  private readonly circuits = new Map<string, Circuit>();

  get(key: string, build: () => Circuit): Circuit {
    const circuit = this.circuits.get(key) ?? build();
    names.set(circuit, key);
    this.circuits.delete(key);
    this.circuits.set(key, circuit);
    if (this.circuits.size > KEPT) this.circuits.delete(this.circuits.keys().next().value!);
    return circuit;
  }
}

/** The key of a cached circuit. */
export function circuitName(circuit: Circuit): string {
  return names.get(circuit) ?? '';
}
