import { describe, expect, test } from 'vitest';
import { both, engineContract, give } from './contract.ts';
import { evaluatePlain, picker, randomBits, randomCircuit } from './random-circuit.ts';
import { yaoPair } from './yao-pair.ts';

describe.each(['a', 'b'] as const)('yao engine, party %s garbles', (garbles) => {
  engineContract(async (seed) => yaoPair(seed, garbles));
});

describe('yao engine', () => {
  test('streams several batches and messages, numbering gates alike past a change of hash key', async () => {
    const pick = picker(11);
    const circuit = randomCircuit(pick, { inputs: [10, 6], gates: 800, outputs: 8 });
    const copies = 2_000;
    expect(circuit.ands * copies).toBeGreaterThan(1 << 19);
    const x = randomBits(10 * copies, pick);
    const y = randomBits(6, pick);
    const results = await both(yaoPair(8), async (engine) => {
      const out = engine.apply(circuit, [give(engine, 'b', x), give(engine, 'a', y)], copies);
      const last = engine.slice(out, (copies - 40) * 8);
      return engine.reveal(last, 'both');
    });
    const expected = Array.from({ length: 40 }, (_, i) => {
      const copy = copies - 40 + i;
      return [...evaluatePlain(circuit, [x.slice(copy * 10, copy * 10 + 10), y])];
    }).flat();
    for (const result of results) expect([...result!]).toEqual(expected);
  });

  test('a reveal takes three flights, and five with a release', async () => {
    const pair = yaoPair(2);
    await both(pair, (engine) =>
      engine.reveal(
        engine.concat(give(engine, 'a', Uint8Array.of(1)), give(engine, 'b', Uint8Array.of(1))),
        'both',
      ),
    );
    // The dealt transfer is not on the wire; with it, the evaluator's choices come first.
    expect(pair.links.garbler.stats.flights).toBe(2);
  });
});
