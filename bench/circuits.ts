import { ruleOf } from '../protocols/registry.ts';
import { CircuitBuilder } from '../src/circuit/builder.ts';
import type { Circuit } from '../src/circuit/circuit.ts';
import { multiply } from '../src/circuit/gadgets/arithmetic.ts';
import type { Terms } from '../src/documents/terms.ts';

/** The one circuit that a price rule applies under these terms. */
export async function circuitOf(terms: Terms): Promise<Circuit> {
  return ruleOf(terms).under(terms).circuits()[0]!.circuit;
}

/** The circuit of the throughput figures: a product of two 32-bit numbers. */
export function multiplier(): Circuit {
  const builder = new CircuitBuilder();
  const x = builder.input(32);
  const y = builder.input(32);
  builder.output(multiply(builder, x, y));
  return builder.build();
}
