import { describe, expect, test } from 'vitest';
import { BATCH_LIMIT } from '../../src/engine/batch-limit.ts';
import { ApplyNode, cutIntoBatches, InputNode } from '../../src/engine/batches.ts';
import { clearEngines } from '../../src/engine/clear.ts';
import { engineContract, give } from './contract.ts';
import { picker, randomCircuit } from './random-circuit.ts';

describe('clear engine', () => {
  engineContract(async () => clearEngines());

  test('a party that closes wakes the one that waits', async () => {
    const { a, b } = clearEngines();
    const waiting = a.reveal(give(a, 'b', Uint8Array.of(1)), 'both');
    b.close();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_PEER_LEFT' });
    expect(() => a.input('b', 1)).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }));
  });
});

describe('batches', () => {
  test('hold at most BATCH_LIMIT input bits and gates, and lose nothing', () => {
    const circuit = randomCircuit(picker(1), { inputs: [4], gates: 3000, outputs: 2 });
    const wide = new InputNode('a', BATCH_LIMIT + 5, undefined);
    const many = new ApplyNode(circuit, [[]], [true], 1000);
    const batches = [...cutIntoBatches([wide, many, { free: many }])];
    for (const batch of batches) {
      expect(batch.ands).toBeLessThanOrEqual(BATCH_LIMIT);
      expect(batch.inputBits).toBeLessThanOrEqual(BATCH_LIMIT);
    }
    const bits = batches.flatMap(({ inputs }) => inputs.map(({ start, end }) => [start, end]));
    expect(bits).toEqual([
      [0, BATCH_LIMIT],
      [BATCH_LIMIT, BATCH_LIMIT + 5],
    ]);
    let copies = 0;
    for (const step of batches.flatMap(({ steps }) => steps)) {
      if (!('node' in step)) continue;
      expect(step.first).toBe(copies);
      copies += step.copies;
    }
    expect(copies).toBe(1000);
    expect(batches.at(-1)!.steps.at(-1)).toBe(many);
  });

  test('a copy with more gates than a batch holds is a batch alone, however many follow', () => {
    const large = randomCircuit(picker(2), { inputs: [4], gates: 100, outputs: 2 });
    const small = randomCircuit(picker(3), { inputs: [4], gates: 8, outputs: 2 });
    expect(large.ands).toBeGreaterThan(2 * small.ands);
    const [many, last] = [new ApplyNode(large, [[]], [true], 3), new ApplyNode(small, [[]], [true], 1)];
    const batches = [...cutIntoBatches([many, last], () => 2 * small.ands)];
    expect(batches.map(({ ands }) => ands)).toEqual([large.ands, large.ands, large.ands, small.ands]);
  });
});
