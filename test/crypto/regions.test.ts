import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Regions } from '../../src/crypto/regions.ts';

const START = 64;
const END = 4_096;

test('regions in use never overlap, and what is given back can be taken again as a whole', () => {
  const step = fc.record({
    size: fc.integer({ min: 1, max: 40 }),
    action: fc.constantFrom('take', 'give', 'shrink'),
    which: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const regions = new Regions(START, END);
      const inUse: { start: number; size: number }[] = [];
      let highest = START;
      for (const { size: sixteenths, action, which } of steps) {
        const size = 16 * sixteenths;
        if (action === 'shrink' && inUse.length > 0) {
          const one = inUse[which % inUse.length]!;
          if (size > one.size) expect(() => regions.shrink(one.start, size)).toThrow('shrinking');
          else {
            expect(regions.shrink(one.start, size)).toBe(one.size);
            one.size = size;
          }
        } else if (action === 'give' && inUse.length > 0) {
          const [{ start, size: taken }] = inUse.splice(which % inUse.length, 1) as [(typeof inUse)[0]];
          expect(regions.give(start)).toBe(taken);
        } else if (regions.fits(size)) {
          const start = regions.take(size);
          const clear = inUse.every((one) => start + size <= one.start || one.start + one.size <= start);
          expect([clear, start >= START, start + size <= END, start % 16]).toEqual([true, true, true, 0]);
          inUse.push({ start, size });
          highest = Math.max(highest, start + size);
        } else {
          expect(() => regions.take(size)).toThrow('taking more than fits');
        }
        expect(regions.highWater).toBe(highest);
      }
      for (const { start } of inUse) regions.give(start);
      expect(regions.tail).toBe(END - START);
      expect(regions.take(END - START)).toBe(START);
    }),
  );
});

test('a region is given back once, by its start', () => {
  const regions = new Regions(START, END);
  const start = regions.take(32);
  expect(() => regions.give(start + 16)).toThrow('not allocated');
  expect(() => regions.shrink(start + 16, 16)).toThrow('not allocated');
  regions.give(start);
  expect(() => regions.give(start)).toThrow('not allocated');
  expect(() => regions.shrink(start, 16)).toThrow('not allocated');
});

test('what is added at the end joins what was free there', () => {
  const regions = new Regions(START, 128);
  expect(regions.fits(80)).toBe(false);
  regions.extend(144);
  expect(regions.tail).toBe(80);
  expect(regions.take(80)).toBe(START);
  expect(regions.tail).toBe(0);
  regions.extend(160);
  expect(regions.tail).toBe(16);
  expect(regions.take(16)).toBe(144);
});
