import { expect, test, vi } from 'vitest';
import type { Kernel } from '../../src/crypto/kernel.ts';
import type { Queue } from '../../src/engine/engine.ts';
import type { Inside } from '../adversary/harness/hooks.ts';
import { andsCircuit } from '../adversary/harness/programs.ts';
import { authenticatedPair } from './authenticated-pair.ts';
import { both } from './contract.ts';

/** Gates of a batch: enough for silent OT, with four leaky ANDs each. */
const BATCH = 1 << 15;
const WIDTH = 64;
vi.mock('../../src/engine/ahead-limits.ts', () => ({ AHEAD_BATCH: 1 << 15, AHEAD_LIMIT: 1 << 21 }));

/** So many batches, all on the same inputs. */
const program = (batches: number) => (queue: Queue) => {
  const [x, y] = [queue.input('a', WIDTH), queue.input('b', WIDTH)];
  for (let i = 0; i < batches; i += 1) queue.apply(andsCircuit(WIDTH), [x, y], BATCH / WIDTH);
};

/** Memory of each party's kernel once a program is prepared, in bytes for each gate of a batch: how much was ever in use, and what is. */
async function prepared(batches: number) {
  const pair = await authenticatedPair(batches);
  await both(pair, (engine) => engine.prepare(0, program(batches)));
  const of = (kernel: Kernel) => {
    const { highWater, sizes } = (kernel as Inside).regions;
    const inUse = [...sizes.values()].reduce((sum: number, size: number) => sum + size, 0);
    return { touched: highWater / BATCH, inUse: inUse / BATCH };
  };
  return { a: of(pair.kernels.a), b: of(pair.kernels.b) };
}

test('to prepare a batch takes 650 bytes a gate, and another batch no more than what is kept of it', async () => {
  const [one, four] = [await prepared(1), await prepared(4)];
  for (const party of ['a', 'b'] as const) {
    expect(one[party].touched).toBeLessThan(650);
    const kept = four[party].inUse - one[party].inUse;
    expect(kept).toBeGreaterThan(3 * 96 - 1);
    expect(four[party].touched - one[party].touched).toBeLessThan(kept + 1);
  }
}, 60_000);
