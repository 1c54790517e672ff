import { describe, expect, test, vi } from 'vitest';
import type { Party } from '../../src/circuit/party.ts';
import { clearEngines } from '../../src/engine/clear.ts';
import type { Engine, Queue } from '../../src/engine/engine.ts';
import { andsCircuit } from '../adversary/harness/programs.ts';
import { type AuthenticatedPair, authenticatedPair } from './authenticated-pair.ts';
import { both } from './contract.ts';
import { bitsFrom, noBits, queueRandom } from './random-program.ts';

const limits = vi.hoisted(() => ({ AHEAD_BATCH: 60, AHEAD_LIMIT: 250 }));
vi.mock('../../src/engine/ahead-limits.ts', () => limits);
vi.mock('../../src/engine/batch-limit.ts', () => ({ BATCH_LIMIT: 90 }));

const FULL = process.env.PARLEY_FULL !== undefined;
const SEEDS = Array.from({ length: FULL ? 60 : 3 }, (_, i) => i);

/** A pair that notes what garbler and evaluator send, by type. */
async function watched(seed: number): Promise<{ pair: AuthenticatedPair; sent: string[] }> {
  const sent: string[] = [];
  const pair = await authenticatedPair(seed, {
    intercept: (_side, { name }, fields) => {
      sent.push(name.replace('authenticated.', ''));
      return fields;
    },
  });
  return { pair, sent };
}

const compute = (engine: Engine, seed: number) =>
  engine.reveal(queueRandom(engine, seed, bitsFrom(seed, engine.party)), 'both');

const program = (seed: number) => (queue: Queue) => void queueRandom(queue, seed, noBits);

describe.each([
  ['all of it in one batch', 1 << 19, 1 << 21],
  ['all of it in batches', 60, 1 << 21],
  ['some of it, in batches', 60, 250],
  ['nothing of it', 60, 0],
])('a program that is prepared, %s', (_, batch, limit) => {
  test.each(SEEDS)('has the outcome of one that is not: number %i', async (seed) => {
    Object.assign(limits, { AHEAD_BATCH: batch, AHEAD_LIMIT: limit });
    const expected = await both(clearEngines(), (engine) => compute(engine, seed));
    const { pair } = await watched(seed);
    const outcomes = await both(pair, async (engine) => {
      await engine.prepare(100, program(seed));
      return compute(engine, seed);
    });
    expect(outcomes).toEqual(expected);
  });
});

test('says after each batch how much is done', async () => {
  Object.assign(limits, { AHEAD_BATCH: 60, AHEAD_LIMIT: 1 << 21 });
  const { pair } = await watched(3);
  const told = { a: [] as number[], b: [] as number[] };
  await both(pair, (engine) => engine.prepare(0, program(3), (done) => void told[engine.party].push(done)));
  expect(told.a).toEqual(told.b);
  expect(told.a.length).toBeGreaterThan(2);
  expect(told.a).toEqual([...told.a].sort((one, other) => one - other));
  expect(told.a[0]).toBeGreaterThan(0);
  expect(told.a.at(-1)).toBe(1);
});

test('leaves nothing to send for its gates but labels, claims and checks', async () => {
  Object.assign(limits, { AHEAD_BATCH: 60, AHEAD_LIMIT: 1 << 21 });
  const { pair, sent } = await watched(3);
  await both(pair, (engine) => engine.prepare(0, program(3)));
  expect(sent).toContain('garbledGates');
  const before = sent.length;
  const flights = pair.links.a.stats.flights;
  await both(pair, (engine) => compute(engine, 3));
  const online = new Set(sent.slice(before));
  expect([...online].sort()).toEqual(
    ['gateCheck', 'inputLabels', 'maskedGates', 'maskedInputs', 'openedOutputs'].sort(),
  );
  expect(flights).toBeGreaterThan(0);
});

test('leaves what it makes for others in the pools, however many batches the program has', async () => {
  Object.assign(limits, { AHEAD_BATCH: 40, AHEAD_LIMIT: 1 << 21 });
  const circuit = andsCircuit(40);
  const { pair, sent } = await watched(4);
  const four = (queue: Queue) => {
    for (let i = 0; i < 4; i += 1) queue.apply(circuit, [queue.input('a', 40), queue.input('b', 40)]);
  };
  await both(pair, (engine) => engine.prepare(4 * 40 + 500, four));
  const before = sent.length;
  const bits = (engine: Engine, party: Party, width: number) =>
    engine.input(party, width, engine.party === party ? new Uint8Array(width) : undefined);
  // The first batch runs as prepared; this is other work, which takes from the pools.
  await both(pair, (engine) => {
    const wide = andsCircuit(200);
    return engine.reveal(engine.apply(wide, [bits(engine, 'a', 200), bits(engine, 'b', 200)]), 'both');
  });
  expect(sent.slice(before)).not.toContain('openedMasks');
});
