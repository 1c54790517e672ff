import type { Circuit } from '../src/circuit/circuit.ts';

const KEPT = 64;
const circuits = new Map<string, Circuit>();

/** The circuit of this key, built at most once while it is among the last 64 used. A key names the rule and all it depends on. */
export function cachedCircuit(key: string, build: () => Circuit): Circuit {
  const circuit = circuits.get(key) ?? build();
  circuits.delete(key);
  circuits.set(key, circuit);
  if (circuits.size > KEPT) circuits.delete(circuits.keys().next().value!);
  return circuit;
}
