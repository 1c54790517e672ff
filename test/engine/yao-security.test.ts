import { expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { decoding, garbledTables, labelSeed, outputLabels } from '../../src/garbling/half-gates/messages.ts';
import type { Intercept } from '../../src/link/memory-link.ts';
import { memoryOf } from '../support/kernel-memory.ts';
import { andCircuit, both, give } from './contract.ts';
import { circuitOf } from './random-circuit.ts';
import { newTally, type Tally, worstScore } from './transcript.ts';
import { type YaoPair, yaoPair } from './yao-pair.ts';

/** o = (… ((x₀ ∧ y₀ ⊕ x₁) ∧ y₁ ⊕ x₂) …) ∧ y₇: zero whenever y₇ is. */
const chain = (() => {
  const kinds: number[] = [];
  const left: number[] = [];
  const right: number[] = [];
  let wire = 2;
  for (let i = 0; i < 8; i += 1) {
    if (i > 0) {
      kinds.push(0);
      left.push(wire);
      right.push(2 + i);
      wire = 17 + kinds.length;
    }
    kinds.push(1);
    left.push(wire);
    right.push(10 + i);
    wire = 17 + kinds.length;
  }
  return circuitOf({
    inputs: [8, 8],
    outputs: [1],
    kinds: Uint8Array.from(kinds),
    left: Int32Array.from(left),
    right: Int32Array.from(right),
    outputWires: Int32Array.of(wire),
  });
})();

function bits(value: number): Uint8Array {
  return Uint8Array.from({ length: 8 }, (_, i) => (value >> i) & 1);
}

function computeChain(pair: YaoPair, x: number, y: number) {
  return both(pair, (engine) =>
    engine.reveal(engine.apply(chain, [give(engine, 'a', bits(x)), give(engine, 'b', bits(y))]), 'both'),
  );
}

/** Everything `side` sends in one run. */
async function transcript(
  seed: number,
  side: 'a' | 'b',
  { x, y }: { x: number; y: number },
): Promise<Uint8Array> {
  const sent: Uint8Array[] = [];
  const intercept: Intercept = (from, type, fields) => {
    if (from === side)
      sent.push(Uint8Array.of(type.id), ...Object.values(fields).map((field) => field.slice()));
    return fields;
  };
  const pair = yaoPair(seed, 'a', { intercept });
  const results = await computeChain(pair, x, y);
  expect(results).toEqual([Uint8Array.of(0), Uint8Array.of(0)]);
  for (const kernel of Object.values(pair.kernels)) kernel.destroy(); // their memory serves the next pair
  return Buffer.concat(sent);
}

const RUNS = process.env.PARLEY_FULL ? 2_000 : 120;

test.each([
  { role: 'garbler', side: 'a', one: { x: 0x00, y: 0x2a }, other: { x: 0xff, y: 0x2a } },
  { role: 'evaluator', side: 'b', one: { x: 0x5a, y: 0x00 }, other: { x: 0x5a, y: 0x7f } },
] as const)(
  'no bit that the $role sends depends on its input',
  async ({ side, one, other }) => {
    const tallies: [Tally, Tally] = [newTally(), newTally()];
    for (let run = 0; run < RUNS; run += 1) {
      tallies[0].add(await transcript(2 * run, side, one));
      tallies[1].add(await transcript(2 * run + 1, side, other));
    }
    const { score, limit } = worstScore(tallies[0], tallies[1]);
    expect(score).toBeLessThan(limit);
  },
  300_000,
);

test('the transcript test finds one biased bit', () => {
  const tallies: [Tally, Tally] = [newTally(), newTally()];
  const noise = (run: number, i: number) => (Math.imul(run * 400 + i + 1, 0x9e3779b1) >>> 24) & 0xff;
  for (let run = 0; run < 200; run += 1) {
    for (const [input, tally] of tallies.entries()) {
      const bytes = Uint8Array.from({ length: 400 }, (_, i) => noise(2 * run + input, i));
      if (run % 10 < 9) bytes[123] = (bytes[123]! & 0xfe) | input;
      tally.add(bytes);
    }
  }
  const { score, limit } = worstScore(tallies[0], tallies[1]);
  expect(score).toBeGreaterThan(limit);
});

test('no honest message carries Δ', async () => {
  const sent: Uint8Array[] = [];
  const intercept: Intercept = (_from, _type, fields) => {
    for (const field of Object.values(fields)) sent.push(field.slice());
    return fields;
  };
  const pair = yaoPair(5, 'a', { intercept });
  await computeChain(pair, 0x35, 0x53);
  expect(sent.length).toBeGreaterThan(4);
  for (const field of sent) expect(Buffer.from(field).includes(Buffer.from(pair.delta))).toBe(false);
});

/** Runs the chain with `change` applied to the messages of one type; gives both sides' error codes. */
async function tamper(
  id: number,
  change: (fields: Record<string, Uint8Array>) => void,
): Promise<(string | undefined)[]> {
  const intercept: Intercept = (_from, type, fields) => {
    if (type.id === id) change(fields);
    return fields;
  };
  const pair = yaoPair(3, 'a', { intercept });
  const run = async (engine: Engine, leave: () => void): Promise<string | undefined> => {
    try {
      const wires = engine.apply(chain, [give(engine, 'a', bits(0xff)), give(engine, 'b', bits(0xff))]);
      await engine.reveal(wires, 'both');
      return undefined;
    } catch (error) {
      leave();
      expect(() => engine.input('a', 1)).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }));
      return (error as { code: string }).code;
    }
  };
  return Promise.all([
    run(pair.garbler, () => pair.links.garbler.destroy()),
    run(pair.evaluator, () => pair.links.evaluator.destroy()),
  ]);
}

test('the garbler refuses an output that the evaluator did not compute', async () => {
  const [garbler] = await tamper(outputLabels.id, ({ colours }) => {
    colours![0]! ^= 1;
  });
  expect(garbler).toBe('ERR_PEER_CHEATED');
});

test('the garbler refuses a proof with any bit changed', async () => {
  for (const byte of [0, 17, 31]) {
    const [garbler] = await tamper(outputLabels.id, ({ proof }) => {
      proof![byte]! ^= 0x80;
    });
    expect(garbler).toBe('ERR_PEER_CHEATED');
  }
});

test('padding after packed bits is refused by either side', async () => {
  const [garbler] = await tamper(outputLabels.id, ({ colours }) => {
    colours![0]! |= 2;
  });
  expect(garbler).toBe('ERR_PEER_CHEATED');
  const [, evaluator] = await tamper(decoding.id, ({ colours }) => {
    colours![0]! |= 0x80;
  });
  expect(evaluator).toBe('ERR_PEER_CHEATED');
});

test('changed tables or seeds leave the evaluator without output labels that the garbler accepts', async () => {
  const [afterTables] = await tamper(garbledTables.id, ({ tables }) => {
    for (let i = 0; i < tables!.length; i += 1) tables![i]! ^= 0x55;
  });
  expect(afterTables).toBe('ERR_PEER_CHEATED');
  const [afterSeed] = await tamper(labelSeed.id, ({ seed }) => {
    seed![3]! ^= 1;
  });
  expect(afterSeed).toBe('ERR_PEER_CHEATED');
});

test('after closing, no byte of a secret is left in the kernels', async () => {
  for (const fails of [false, true]) {
    const intercept: Intercept = (_from, type, fields) => {
      if (fails && type.id === outputLabels.id) fields.proof![0]! ^= 1;
      return fields;
    };
    const pair = yaoPair(21, 'b', { intercept });
    const used = { garbler: 0, evaluator: 0 };
    const nonZero = (side: 'garbler' | 'evaluator') =>
      memoryOf(pair.kernels[side])().reduce((count, byte) => count + (byte === 0 ? 0 : 1), 0);
    const run = both(pair, async (engine) => {
      const wires = engine.apply(chain, [give(engine, 'a', bits(0x5a)), give(engine, 'b', bits(0x55))]);
      const side = engine === pair.garbler ? 'garbler' : 'evaluator';
      await engine.reveal(wires, 'both').finally(() => {
        used[side] = nonZero(side);
      });
      engine.apply(andCircuit, [engine.slice(wires, 0, 1), give(engine, 'a', Uint8Array.of(1))]);
    });
    await (fails ? expect(run).rejects.toMatchObject({ code: 'ERR_PEER_CHEATED' }) : run);
    await new Promise((resolve) => setTimeout(resolve, 10));
    pair.garbler.close();
    pair.evaluator.close();
    pair.transfers.sender.close();
    pair.transfers.receiver.close();
    expect(used.evaluator).toBeGreaterThan(100);
    expect([nonZero('garbler'), nonZero('evaluator')]).toEqual([0, 0]);
  }
});
