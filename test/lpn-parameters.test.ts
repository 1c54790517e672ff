import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { attacks, hybrid, pooledGauss } from '../scripts/lpn-parameters/estimates.ts';
import { others, page, used } from '../scripts/lpn-parameters/page.ts';

test('docs/lpn-parameters.md is what the script writes', () => {
  expect(readFileSync('docs/lpn-parameters.md', 'utf8')).toBe(page());
});

test('every attack on every size costs 2^128 or more', () => {
  for (const { name, cost } of attacks) {
    for (const each of used) expect(cost(each), name).toBeGreaterThanOrEqual(128);
  }
});

test('fewer trees are no easier to break', () => {
  for (const { name, cost } of attacks) {
    const [smallest] = used;
    const fewer = { ...smallest!, blocks: Math.ceil(smallest!.blocks / 2) };
    expect(cost(fewer), name).toBeGreaterThanOrEqual(cost(smallest!) - 0.5);
  }
});

test('estimates agree with published ones', () => {
  // emp-ot takes as many trees as the hybrid attack allows at 128 bits.
  for (const other of others) {
    expect(hybrid(other)).toBeGreaterThanOrEqual(128);
    expect(hybrid(other)).toBeLessThan(129);
  }
  // 2022/712, table of LPN over GF(2): N = 2^10, k = 652, t = 57.
  expect(pooledGauss({ secret: 652, blocks: 57, width: 1024 / 57, locality: 10 })).toBeCloseTo(111, 0);
});
