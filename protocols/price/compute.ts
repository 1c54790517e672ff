import type { OutcomeJson } from '../../src/agreement/terms.ts';
import type { Circuit } from '../../src/circuit/circuit.ts';
import type { Bits, Engine, Release } from '../../src/engine/engine.ts';

/**
 * Runs a circuit of two input groups, the seller's and the buyer's, in one reveal; `bits` are this party's. Gives the
 * output bits.
 */
export async function computeOnce(
  engine: Engine,
  circuit: Circuit,
  bits: Bits,
  release: Release,
): Promise<Bits> {
  const [sellerWidth, buyerWidth] = circuit.inputs as readonly [number, number];
  const seller = engine.input('a', sellerWidth, engine.party === 'a' ? bits : undefined);
  const buyer = engine.input('b', buyerWidth, engine.party === 'b' ? bits : undefined);
  bits.fill(0);
  const outcome = engine.apply(circuit, [seller, buyer]);
  const opened = await engine.reveal(outcome, 'both', release);
  return opened!;
}

export const NO_DEAL: OutcomeJson = { deal: false };
