import { expect, test, vi } from 'vitest';
import { Tape } from '../scripts/error-budget/tape.ts';
import type { Engine, Queue } from '../src/engine/engine.ts';
import { leakyCiphertexts } from '../src/garbling/authenticated/messages.ts';
import { bucketSize } from '../src/garbling/authenticated/parameters.ts';
import { authenticatedPair } from './engine/authenticated-pair.ts';
import { both } from './engine/contract.ts';
import { bitsFrom, noBits, queueRandom } from './engine/random-program.ts';

vi.mock('../src/engine/ahead-limits.ts', () => ({ AHEAD_BATCH: 40, AHEAD_LIMIT: 150 }));
vi.mock('../src/engine/batch-limit.ts', () => ({ BATCH_LIMIT: 60 }));

test.each([1, 2, 3, 4])(
  'of program %i triples are made at a time as the engine makes them, with what is prepared',
  async (seed) => {
    const leaky: number[] = [];
    const pair = await authenticatedPair(seed, {
      intercept: (side, type, fields) => {
        if (side === 'a' && type.name === leakyCiphertexts.name) leaky.push(fields.ciphertexts!.length / 16);
        return fields;
      },
    });
    const run = async (engine: Engine) => {
      await engine.prepare(500, (queue: Queue) => void queueRandom(queue, seed, noBits));
      return engine.reveal(queueRandom(engine, seed, bitsFrom(seed, engine.party)), 'both');
    };
    await both(pair, run);
    const tape = new Tape();
    await run(tape);
    expect(tape.batches.length).toBeGreaterThan(2);
    expect(tape.preparations.map((count) => count * bucketSize(count))).toEqual(leaky);
  },
);
