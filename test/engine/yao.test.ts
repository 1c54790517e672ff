import { describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { decoding, garbledTables, labelSeed, outputLabels } from '../../src/garbling/half-gates/messages.ts';
import { message } from '../../src/link/message.ts';
import { andCircuit, both, engineContract, give } from './contract.ts';
import { evaluatePlain, picker, randomBits, randomCircuit } from './random-circuit.ts';
import { yaoPair } from './yao-pair.ts';

const engagement = message(0xfe, 'test engagement', () => ({ body: 4 }));

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

  test('messages on the wire', () => {
    const types = [labelSeed, garbledTables, decoding, outputLabels] as const;
    expect(types.map(({ id, name, lengths }) => [id, name, lengths(9 as never)])).toEqual([
      [0x40, 'yao label seed', { seed: 16 }],
      [0x41, 'yao tables', { tables: 288 }],
      [0x42, 'yao decoding', { colours: 2 }],
      [0x43, 'yao outputs', { colours: 2, proof: 32 }],
    ]);
  });

  test.each([
    ['without release', false, 3],
    ['with release', true, 5],
  ])('flights of a reveal to both, %s', async (_name, released, flights) => {
    const pair = yaoPair(2);
    const release = (engine: Engine) => {
      const link = engine === pair.garbler ? pair.links.garbler : pair.links.evaluator;
      return {
        send: () => link.send(engagement, undefined, { body: new Uint8Array(4) }),
        receive: async () => {
          await link.receive(engagement, undefined);
        },
      };
    };
    const results = await both(pair, (engine) =>
      engine.reveal(
        engine.apply(andCircuit, [give(engine, 'a', Uint8Array.of(1)), give(engine, 'b', Uint8Array.of(1))]),
        'both',
        released ? release(engine) : undefined,
      ),
    );
    expect(results).toEqual([Uint8Array.of(1), Uint8Array.of(1)]);
    expect(Math.max(pair.links.garbler.stats.flights, pair.links.evaluator.stats.flights)).toBe(flights);
  });
});
