import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockAt, byteAt, Kernel } from '../../src/crypto/kernel.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { type LoadedSchedule, ScheduleCache } from '../../src/garbling/loaded-schedule.ts';
import { type BlockRun, copiesAtOnce, scatterGroup } from '../../src/garbling/planes.ts';
import { picker, randomCircuit } from '../engine/random-circuit.ts';
import { isZero, memoryOf } from '../support/kernel-memory.ts';

const random = seededRandom(new Uint8Array(16));

/** `blocks` cut at random places into runs, each somewhere else in memory. */
function cutIntoRuns(kernel: Kernel, blocks: Uint8Array, cuts: readonly number[]): BlockRun[] {
  const count = blocks.length / 16;
  const places = [0, ...cuts.map((cut) => cut % (count + 1)).sort((left, right) => left - right), count];
  return places.slice(1).flatMap((end, i) => {
    const start = places[i]!;
    if (start === end) return [];
    const pointer = kernel.allocate((end - start) * 16);
    kernel.write(pointer, blocks.subarray(start * 16, end * 16));
    return [{ pointer, count: end - start }];
  });
}

test('scatterGroup puts block (wire, copy) where the plane has it, however the wires lie in memory', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 7 }),
      fc.nat(6),
      fc.nat(4),
      fc.array(fc.nat(100), { maxLength: 5 }),
      fc.boolean(),
      (width, copies, first, slot, cuts, shared) => {
        const kernel = new Kernel();
        const total = first + copies + 2;
        const blocks = random(width * (shared ? 1 : total) * 16);
        const runs = cutIntoRuns(kernel, blocks, cuts);
        const slots = slot + width + 1;
        const plane = kernel.allocate(slots * copies * 16);
        scatterGroup(kernel, plane, slot, width, runs, shared, first, copies);
        for (let at = 0; at < slots; at += 1) {
          for (let copy = 0; copy < copies; copy += 1) {
            const wire = at - slot;
            const from = shared ? wire : (first + copy) * width + wire;
            const inside = wire >= 0 && wire < width;
            const expected = inside ? blocks.slice(from * 16, from * 16 + 16) : new Uint8Array(16);
            expect(kernel.read(blockAt(plane, at * copies + copy), 16)).toEqual(expected);
          }
        }
      },
    ),
    { numRuns: 150 },
  );
});

test('xorTriples, collectSlots, xorSelected and extractBits do what they say', () => {
  const kernel = new Kernel();
  for (const copies of [1, 3]) {
    const blocks = random(5 * copies * 16);
    const plane = kernel.allocate(blocks.length);
    kernel.write(plane, blocks);
    const triples = kernel.allocate(24);
    kernel.write(triples, new Uint8Array(Int32Array.of(0, 1, 4, 4, 4, 2).buffer));
    kernel.call.xorTriples(plane, triples, 2, copies);
    for (let i = 0; i < copies * 16; i += 1) {
      expect(kernel.read(byteAt(plane, 4 * copies * 16 + i), 1)[0]).toBe(
        blocks[i]! ^ blocks[copies * 16 + i]!,
      );
      expect(kernel.read(byteAt(plane, 2 * copies * 16 + i), 1)[0]).toBe(0);
    }
    const list = kernel.allocate(8);
    kernel.write(list, new Uint8Array(Int32Array.of(3, 0).buffer));
    const collected = kernel.allocate(2 * copies * 16);
    kernel.call.collectSlots(collected, plane, list, 2, copies);
    const row = (slot: number, copy: number) => [
      ...blocks.slice((slot * copies + copy) * 16, (slot * copies + copy + 1) * 16),
    ];
    const expected = Array.from({ length: copies }, (_, copy) => [...row(3, copy), ...row(0, copy)]).flat();
    expect([...kernel.read(collected, 2 * copies * 16)]).toEqual(expected);
  }
  const source = kernel.allocate(48);
  const blocks = random(48);
  kernel.write(source, blocks);
  const bits = kernel.allocate(3);
  kernel.write(bits, Uint8Array.of(1, 0, 1));
  const delta = kernel.allocate(16);
  const offset = random(16);
  kernel.write(delta, offset);
  const target = kernel.allocate(48);
  kernel.call.xorSelected(target, source, bits, delta, 3);
  expect(kernel.read(target, 48)).toEqual(
    blocks.map((byte, i) => (i >> 4 === 1 ? byte : byte ^ offset[i & 15]!)),
  );
  kernel.call.extractBits(bits, source, 9, 3);
  expect([...kernel.read(bits, 3)]).toEqual([0, 1, 2].map((i) => (blocks[16 * i + 1]! >> 1) & 1));
});

test('copiesAtOnce keeps planes within the budget, and is at least one', () => {
  const kernel = new Kernel();
  const cache = new ScheduleCache(kernel);
  const circuit = randomCircuit(picker(3), { inputs: [30], gates: 300, outputs: 5 });
  const loaded = cache.load(circuit);
  expect(cache.load(circuit)).toBe(loaded);
  const { slots } = loaded.schedule;
  expect(copiesAtOnce(loaded, 16, 16 * slots * 5 + 15)).toBe(5);
  expect(copiesAtOnce(loaded, 16, 1)).toBe(1);
  cache.clear();
  expect(isZero(memoryOf(kernel)())).toBe(true);
});

test('a cache of schedules drops the oldest past its limit, and reloads it alike', () => {
  const kernel = new Kernel();
  const circuits = [1, 2, 3].map((seed) =>
    randomCircuit(picker(seed), { inputs: [8], gates: 400, outputs: 4 }),
  );
  const size = Math.max(...circuits.map(({ kinds }) => kinds.length * 12 + 4 * 200));
  const cache = new ScheduleCache(kernel, 2 * size);
  const triples = ({ ands, schedule }: LoadedSchedule) => kernel.read(ands, schedule.ands.byteLength);
  const first = cache.load(circuits[0]!);
  const before = triples(first);
  const second = cache.load(circuits[1]!);
  cache.load(circuits[2]!);
  expect(cache.load(circuits[1]!)).toBe(second);
  const again = cache.load(circuits[0]!);
  expect(again).not.toBe(first);
  expect(triples(again)).toEqual(before);
  expect(new Int32Array(before.buffer)).toEqual(again.schedule.ands);
});
