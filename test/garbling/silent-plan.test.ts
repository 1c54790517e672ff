import { expect, test } from 'vitest';
import { planFor, roomOf } from '../../src/garbling/authenticated/silent-plan.ts';
import { SILENT_FROM } from '../../src/ot/index.ts';

test('who makes random bits follows from public counts', () => {
  expect(planFor(SILENT_FROM - 1, 0)).toEqual({ stocked: 0, spoken: SILENT_FROM - 1, rounds: [] });
  expect(planFor(SILENT_FROM, 1)).toEqual({ stocked: 1, spoken: SILENT_FROM - 1, rounds: [] });
  expect(planFor(100, 200)).toEqual({ stocked: 100, spoken: 0, rounds: [] });
  expect(planFor(SILENT_FROM, 0).rounds).toHaveLength(1);
  expect(planFor(7_000_000, 0).rounds).toHaveLength(3);
});

test('the bits of 2^19 AND gates, ten each, take two extensions', () => {
  expect(planFor(10 * 2 ** 19, 0).rounds).toHaveLength(2);
});

test('there is room for all bits of a plan', () => {
  for (const [count, available] of [
    [SILENT_FROM, 0],
    [5_300_000, 7_000],
    [7_000_000, 0],
  ] as const) {
    expect(roomOf(planFor(count, available))).toBeGreaterThan(count);
  }
});
