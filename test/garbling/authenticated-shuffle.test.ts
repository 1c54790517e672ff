import { describe, expect, test } from 'vitest';
import { shuffled } from '../support/shuffled.ts';

const seedOf = (number: number) => {
  const seed = new Uint8Array(16);
  new DataView(seed.buffer).setUint32(0, number);
  return seed;
};

describe('the order of leaky ANDs', () => {
  test.each([1, 2, 34, 238, 50_000])('is a permutation of %i, the same from the same seed', (count) => {
    const order = shuffled(count, seedOf(count));
    expect([...order].sort((x, y) => x - y)).toEqual(Array.from({ length: count }, (_, i) => i));
    expect(shuffled(count, seedOf(count))).toEqual(order);
    if (count > 30) expect(shuffled(count, seedOf(count + 1))).not.toEqual(order);
  });

  test('is uniform: all 24 orders of four come up alike', () => {
    const runs = 4_800;
    const counts = new Map<string, number>();
    for (let seed = 0; seed < runs; seed += 1) {
      const order = shuffled(4, seedOf(seed)).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const expected = runs / 24;
    let chi = 0;
    for (const count of counts.values()) chi += (count - expected) ** 2 / expected;
    expect(chi).toBeLessThan(70); // 23 degrees of freedom: exceeded with probability 10⁻⁶
  });

  test('puts two given places into one bucket as often as chance has it', () => {
    const [buckets, size, runs] = [34, 7, 1_500];
    let together = 0;
    for (let seed = 0; seed < runs; seed += 1) {
      const order = shuffled(buckets * size, seedOf(seed));
      const bucketOf = (place: number) => Math.floor(order.indexOf(place) / size);
      together += Number(bucketOf(0) === bucketOf(1));
    }
    const chance = (size - 1) / (buckets * size - 1);
    const deviation = Math.sqrt(runs * chance * (1 - chance));
    expect(Math.abs(together - runs * chance)).toBeLessThan(5 * deviation);
  });
});
