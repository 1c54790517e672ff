import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { peel, peeledCore, randomCore } from '../scripts/lpn-parameters/core.ts';
import {
  attacks,
  gaussOnCore,
  gaussOnRandomCore,
  hybrid,
  pooledGauss,
} from '../scripts/lpn-parameters/estimates.ts';
import { instance, others, page, used } from '../scripts/lpn-parameters/page.ts';
import { planFor } from '../src/garbling/authenticated/silent-plan.ts';
import { SILENT_FROM } from '../src/ot/index.ts';

const FULL = process.env.PARLEY_FULL !== undefined;

test('docs/lpn-parameters.md is what the script writes', () => {
  expect(readFileSync('docs/lpn-parameters.md', 'utf8')).toBe(page());
});

test('every attack on every size costs 2^128 or more', () => {
  for (const { name, cost } of attacks) {
    for (const each of used) expect(cost(each), name).toBeGreaterThanOrEqual(128);
  }
});

// The last extension of a plan may have few trees, fewer than some attacks look for errors in.
test('nor are the smaller ones that plans have', () => {
  const shapes = [SILENT_FROM, 2_650_000, 5_930_209].map((count) => planFor(count, 0).rounds.at(-1)!);
  const smaller = shapes.map(({ size, trees }) => instance(trees, size.secretBits, size.depth));
  expect(Math.min(...smaller.map(({ blocks }) => blocks))).toBeLessThan(200);
  for (const { name, cost } of attacks) {
    for (const each of smaller)
      expect(cost(each), `${name}, ${each.blocks} trees`).toBeGreaterThanOrEqual(128);
  }
});

test('a core is what random and peeled sets of variables leave', () => {
  // 20,000 rows of 10 indices below 2,048: of these a set of a share s keeps s^10, and s·2,048 are wanted.
  const share = randomCore(20_000 / 2048, 10);
  expect(20_000 * share ** 10).toBeCloseTo(share * 2048, 6);
  // Peeling at full size, by another program: 0.678 at N/k = 8.59, 0.640 at 13.28.
  expect(peeledCore(8.59375, 10)).toBeCloseTo(0.678, 2);
  expect(peeledCore(13.28125, 10)).toBeCloseTo(0.64, 2);
  // With one row a variable or less nothing has to go.
  expect(peel(2 ** 8, 1, 10)).toBe(1);
});

// What was estimated for (1700, 16, 9), which is no longer used, when domain reduction was first looked at.
test('Gauss on cores is what was found for a larger number of trees', () => {
  const larger = instance(1700, 16, 9);
  expect(gaussOnRandomCore(larger)).toBeCloseTo(179, 0);
  expect(gaussOnCore(larger)).toBeLessThan(160.5);
  expect(gaussOnCore(larger)).toBeGreaterThan(155);
});

test.runIf(FULL).each(used)(
  'the core of a code of full size is what the page says: %o',
  (each) => {
    const { secret, blocks, width, locality } = each;
    const perVariable = (blocks * width) / secret;
    const difference = peel(secret, perVariable, locality) - peeledCore(perVariable, locality);
    expect(Math.abs(difference)).toBeLessThan(0.003);
  },
  300_000,
);

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
