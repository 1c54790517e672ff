import { rules } from '../protocols/registry.ts';
import { CircuitBuilder } from '../src/circuit/builder.ts';
import type { Circuit } from '../src/circuit/circuit.ts';
import { multiply } from '../src/circuit/gadgets/arithmetic.ts';
import type { Terms } from '../src/documents/terms.ts';
import type { Engine, Wires } from '../src/engine/engine.ts';

/** The one circuit that a price rule applies under these terms. */
export async function circuitOf(terms: Terms): Promise<Circuit> {
  const rule = rules.find(({ name }) => name === terms.rule.name)!;
  let circuit: Circuit | undefined;
  const recorder = {
    party: 'a',
    input: (_owner: unknown, width: number): Wires => ({ width }),
    apply: (applied: Circuit): Wires => {
      circuit = applied;
      return { width: applied.outputWires.length };
    },
    reveal: async (wires: Wires) => new Uint8Array(wires.width),
  } as unknown as Engine;
  const entry = rule.entry(terms, 'a', { reservation: terms.range!.min }, (length) => new Uint8Array(length));
  await rule.compute(recorder, terms, entry, { send: async () => {}, receive: async () => {} });
  return circuit!;
}

/** The circuit of the throughput figures: a product of two 32-bit numbers. */
export function multiplier(): Circuit {
  const builder = new CircuitBuilder();
  const x = builder.input(32);
  const y = builder.input(32);
  builder.output(multiply(builder, x, y));
  return builder.build();
}
