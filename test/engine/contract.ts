import { expect, test } from 'vitest';
import type { Engine, Wires } from '../../src/engine/engine.ts';
import { circuitOf, evaluatePlain, picker, randomBits, randomCircuit } from './random-circuit.ts';

type Pair = { a: Engine; b: Engine };

/** One AND of two one-bit inputs. */
export const andCircuit = circuitOf({
  inputs: [1, 1],
  outputs: [1],
  kinds: Uint8Array.of(1),
  left: Int32Array.of(2),
  right: Int32Array.of(3),
  outputWires: Int32Array.of(4),
});

/** Runs the same program at both parties. */
export function both<T>(pair: Pair, program: (engine: Engine) => Promise<T>): Promise<[T, T]> {
  return Promise.all([program(pair.a), program(pair.b)]);
}

/** `bits` at the owner, nothing elsewhere. */
export function give(engine: Engine, owner: 'a' | 'b', bits: Uint8Array): Wires {
  return engine.input(owner, bits.length, engine.party === owner ? bits : undefined);
}

/** Tests that any engine must pass. */
export function engineContract(open: (seed: number) => Promise<Pair>): void {
  test.each([0, 1, 2, 3])('an AND gate, inputs number %i', async (row) => {
    const pair = await open(row);
    const [x, y] = [row & 1, row >> 1];
    const results = await both(pair, (engine) =>
      engine.reveal(
        engine.apply(andCircuit, [give(engine, 'a', Uint8Array.of(x)), give(engine, 'b', Uint8Array.of(y))]),
        'both',
      ),
    );
    expect(results).toEqual([Uint8Array.of(x & y), Uint8Array.of(x & y)]);
  });

  test('random circuits, with constants, shared wires and repeated outputs', async () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const pick = picker(seed);
      const circuit = randomCircuit(pick, {
        inputs: [1 + pick(9), 1 + pick(9)],
        gates: pick(120),
        outputs: 1 + pick(20),
      });
      const x = randomBits(circuit.inputs[0]!, pick);
      const y = randomBits(circuit.inputs[1]!, pick);
      const results = await both(await open(seed), (engine) =>
        engine.reveal(engine.apply(circuit, [give(engine, 'a', x), give(engine, 'b', y)]), 'both'),
      );
      const expected = evaluatePlain(circuit, [x, y]);
      expect(results).toEqual([expected, expected]);
    }
  });

  test('many copies, with one input shared by all of them', async () => {
    for (const copies of [2, 7, 300]) {
      const pick = picker(copies);
      const circuit = randomCircuit(pick, { inputs: [5, 3, 4], gates: 90, outputs: 6 });
      const x = randomBits(5 * copies, pick);
      const shared = randomBits(3, pick);
      const z = randomBits(4 * copies, pick);
      const results = await both(await open(copies), (engine) =>
        engine.reveal(
          engine.apply(
            circuit,
            [give(engine, 'a', x), give(engine, 'b', shared), give(engine, 'b', z)],
            copies,
          ),
          'both',
        ),
      );
      const expected = Array.from({ length: copies }, (_, copy) => [
        ...evaluatePlain(circuit, [x.slice(copy * 5, copy * 5 + 5), shared, z.slice(copy * 4, copy * 4 + 4)]),
      ]).flat();
      for (const result of results) expect([...result!]).toEqual(expected);
    }
  });

  test('wires carry over between applies and reveals, sliced, joined and released', async () => {
    const pick = picker(77);
    const first = randomCircuit(pick, { inputs: [8, 8], gates: 150, outputs: 12 });
    const second = randomCircuit(pick, { inputs: [6, 4], gates: 150, outputs: 9 });
    const x = randomBits(8, pick);
    const y = randomBits(8, pick);
    const fresh = randomBits(2, pick);
    const results = await both(await open(5), async (engine) => {
      const [left, right] = [give(engine, 'a', x), give(engine, 'b', y)];
      const middle = engine.apply(first, [left, right]);
      engine.release(left, right);
      const shown = await engine.reveal(engine.slice(middle, 3, 9), 'both');
      const late = give(engine, 'b', fresh);
      const joined = engine.concat(engine.slice(middle, 0, 2), late, engine.slice(middle, 10));
      const last = engine.apply(second, [joined, engine.slice(middle, 5, 9)]);
      engine.release(middle);
      return [
        shown,
        await engine.reveal(engine.concat(engine.slice(last, 4), engine.slice(last, 0, 4)), 'both'),
      ];
    });
    const middle = evaluatePlain(first, [x, y]);
    const last = evaluatePlain(second, [
      Uint8Array.of(...middle.slice(0, 2), ...fresh, ...middle.slice(10)),
      middle.slice(5, 9),
    ]);
    for (const [shown, end] of results) {
      expect(shown).toEqual(middle.slice(3, 9));
      expect(end).toEqual(Uint8Array.of(...last.slice(4), ...last.slice(0, 4)));
    }
  });

  test('an outcome opens only to the party it is for', async () => {
    for (const to of ['a', 'b'] as const) {
      const [a, b] = await both(await open(9), (engine) =>
        engine.reveal(
          engine.concat(give(engine, 'a', Uint8Array.of(1, 0)), give(engine, 'b', Uint8Array.of(0, 1))),
          to,
        ),
      );
      expect(to === 'a' ? a : b).toEqual(Uint8Array.of(1, 0, 0, 1));
      expect(to === 'a' ? b : a).toBeUndefined();
    }
  });

  test('release: both parts happen, and each before the share goes out', async () => {
    const arrived: Record<string, () => void> = {};
    const signals = Object.fromEntries(
      ['a', 'b'].map((party) => [
        party,
        new Promise<void>((resolve) => {
          arrived[party] = resolve;
        }),
      ]),
    );
    const log: string[] = [];
    const results = await both(await open(3), (engine) => {
      const peer = engine.party === 'a' ? 'b' : 'a';
      return engine.reveal(
        engine.apply(andCircuit, [give(engine, 'a', Uint8Array.of(1)), give(engine, 'b', Uint8Array.of(1))]),
        'both',
        {
          send: async () => {
            log.push(`${engine.party} sent`);
            arrived[engine.party]!();
          },
          receive: async () => {
            await signals[peer];
            log.push(`${engine.party} received`);
          },
        },
      );
    });
    expect(results).toEqual([Uint8Array.of(1), Uint8Array.of(1)]);
    expect(log.toSorted()).toEqual(['a received', 'a sent', 'b received', 'b sent']);
  });

  test('reveals that are not waited for run one after another', async () => {
    const results = await both(await open(12), (engine) => {
      const x = give(engine, 'a', Uint8Array.of(1, 0, 1));
      const y = give(engine, 'b', Uint8Array.of(1, 1, 0));
      const first = engine.reveal(x, 'both');
      const product = engine.apply(andCircuit, [x, y], 3);
      engine.release(x);
      return Promise.all([first, engine.reveal(product, 'both'), engine.reveal(y, 'a')]);
    });
    for (const [x, product] of results) {
      expect(x).toEqual(Uint8Array.of(1, 0, 1));
      expect(product).toEqual(Uint8Array.of(1, 0, 0));
    }
    expect([results[0][2], results[1][2]]).toEqual([Uint8Array.of(1, 1, 0), undefined]);
  });

  test('misuse is refused before anything is queued', async () => {
    const { a, b } = await open(4);
    const usage = expect.objectContaining({ code: 'ERR_USAGE' });
    expect(() => a.input('a', 2)).toThrow(usage);
    expect(() => a.input('a', 2, Uint8Array.of(1))).toThrow(usage);
    expect(() => a.input('a', 2, Uint8Array.of(1, 2))).toThrow(usage);
    expect(() => a.input('b', 2, Uint8Array.of(1, 1))).toThrow(usage);
    expect(() => a.input('a', 0, new Uint8Array())).toThrow(usage);
    const x = a.input('a', 2, Uint8Array.of(1, 1));
    expect(() => a.slice(x, 1, 3)).toThrow(usage);
    expect(() => a.apply(andCircuit, [x])).toThrow(usage);
    expect(() => a.apply(andCircuit, [x, x], 3)).toThrow(usage);
    expect(() => a.apply(andCircuit, [x, x], 0)).toThrow(usage);
    expect(() => b.slice(x, 0, 1)).toThrow(usage);
    expect(() => b.concat(x)).toThrow(usage);
    const half = a.slice(x, 0, 1);
    a.release(half);
    expect(() => a.concat(x)).toThrow(usage);
    expect(() => a.apply(andCircuit, [half, half])).toThrow(usage);
    await expect(a.reveal(x, 'both')).rejects.toThrow(usage);
    expect(a.slice(x, 1, 2).width).toBe(1);
  });

  test('after close everything throws', async () => {
    const { a } = await open(6);
    const x = a.input('a', 1, Uint8Array.of(1));
    a.close();
    a.close();
    const closed = expect.objectContaining({ code: 'ERR_CLOSED' });
    expect(() => a.input('a', 1, Uint8Array.of(1))).toThrow(closed);
    expect(() => a.apply(andCircuit, [x, x])).toThrow(closed);
    expect(() => a.release(x)).toThrow(closed);
    await expect(a.reveal(x, 'both')).rejects.toThrow(closed);
    await expect(a.prepare(1)).rejects.toThrow(closed);
  });
}
