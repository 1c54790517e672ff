import { describe, expect, test } from 'vitest';
import { bucketError } from '../../scripts/error-budget/buckets.ts';
import {
  atMost,
  choose,
  type Exact,
  exact,
  largest,
  plus,
  times,
  ZERO,
} from '../../scripts/error-budget/exact.ts';
import { Kernel } from '../../src/crypto/kernel.ts';
import { shuffled } from '../../src/garbling/authenticated/shuffle.ts';
import { testRandom } from '../support/channels.ts';

// The game of docs/error-budget.md, lemma 1: a cheater attacks leaky ANDs batch after batch, and wins once a bucket holds nothing else.

interface Batch {
  readonly buckets: number;
  readonly size: number;
}

/** The chance, exactly, that of `attacked` leaky ANDs in a random order some fill a bucket: by inclusion and exclusion over the buckets filled. */
function fills({ buckets, size }: Batch, attacked: number): Exact {
  const all = buckets * size;
  let sets = 0n;
  for (let full = 1; full * size <= attacked; full += 1) {
    const ways = choose(buckets, full) * choose(all - full * size, attacked - full * size);
    sets += full % 2 === 1 ? ways : -ways;
  }
  return exact(sets, choose(all, attacked));
}

/** Given that attacking `attacked` of a batch is followed by a game worth `later`, what it is worth. */
function worth(batch: Batch, attacked: number, later: Exact): Exact {
  const filled = fills(batch, attacked);
  const missed = exact(filled.under - filled.over, filled.under);
  return times(exact(1n, 1n << BigInt(attacked)), plus(filled, times(missed, later)));
}

/** How many to attack in each batch, and what the game is worth to the cheater that does best. */
function bestPlay(batches: readonly Batch[]): { readonly plan: number[]; readonly value: Exact } {
  let value = ZERO;
  const plan: number[] = [];
  for (const batch of batches.toReversed()) {
    const later = value;
    let best = 0;
    for (let attacked = 1; attacked <= batch.buckets * batch.size; attacked += 1) {
      const gained = worth(batch, attacked, later);
      if (atMost(gained, value)) continue;
      value = gained;
      best = attacked;
    }
    plan.unshift(best);
  }
  return { plan, value };
}

const bound = (batches: readonly Batch[]): Exact =>
  largest(...batches.map(({ buckets, size }) => bucketError(buckets, size)));
const repeated = (batch: Batch, times: number): Batch[] => Array.from({ length: times }, () => batch);
const toNumber = ({ over, under }: Exact): number => Number((over * 10n ** 15n) / under) / 1e15;

const games: readonly (readonly [string, readonly Batch[]])[] = [
  ['one batch of 6 buckets of 2', [{ buckets: 6, size: 2 }]],
  ['40 batches of 6 buckets of 2', repeated({ buckets: 6, size: 2 }, 40)],
  ['40 batches of 5 buckets of 3', repeated({ buckets: 5, size: 3 }, 40)],
  ['batches that grow', Array.from({ length: 12 }, (_, i) => ({ buckets: 3 + i, size: 3 }))],
  ['batches that shrink', Array.from({ length: 12 }, (_, i) => ({ buckets: 14 - i, size: 3 }))],
  [
    'batches of both sizes',
    Array.from({ length: 20 }, (_, i) => (i % 2 ? { buckets: 4, size: 3 } : { buckets: 12, size: 2 })),
  ],
];

describe('the best cheater against buckets, computed exactly', () => {
  test.each(games)('wins no more than the bound: %s', (_, batches) => {
    expect(atMost(bestPlay(batches).value, bound(batches))).toBe(true);
  });

  test('wins more in many batches than in one, and no more however many there are', () => {
    const batch = { buckets: 40, size: 2 };
    const once = bestPlay([batch]).value;
    const often = bestPlay(repeated(batch, 60)).value;
    expect(atMost(often, once)).toBe(false);
    // What a union over the batches would come to is far from what can be had.
    expect(toNumber(often)).toBeLessThan(1.5 * toNumber(once));
    expect(atMost(often, bound([batch]))).toBe(true);
    // The bound is nearly reached, so a smaller one would be wrong.
    expect(toNumber(often)).toBeGreaterThan(0.9 * toNumber(bound([batch])));
  });
});

describe('the same, played', () => {
  const kernel = new Kernel();

  /** How often `runs` games are won by a cheater with this plan, with the order that the engine draws. */
  function play(batches: readonly Batch[], plan: readonly number[], runs: number, seed: number): number {
    const random = testRandom(seed);
    const coin = () => random(1)[0]! & 1;
    const wins = (batch: Batch, attacked: number): boolean => {
      const pointer = shuffled(kernel, batch.buckets * batch.size, random(16));
      const order = new Uint32Array(kernel.read(pointer, 4 * batch.buckets * batch.size).buffer);
      kernel.free(pointer);
      for (let start = 0; start < order.length; start += batch.size) {
        if (order.subarray(start, start + batch.size).every((place) => place < attacked)) return true;
      }
      return false;
    };
    let won = 0;
    for (let run = 0; run < runs; run += 1) {
      for (const [i, batch] of batches.entries()) {
        const attacked = plan[i]!;
        let unnoticed = true;
        for (let k = 0; k < attacked; k += 1) unnoticed &&= coin() === 1;
        if (!unnoticed) break;
        if (attacked > 0 && wins(batch, attacked)) {
          won += 1;
          break;
        }
      }
    }
    return won / runs;
  }

  test.each(games)('comes to what was computed: %s', (_, batches) => {
    const { plan, value } = bestPlay(batches);
    const runs = 20_000;
    const expected = toNumber(value);
    const deviation = Math.sqrt((expected * (1 - expected)) / runs);
    expect(Math.abs(play(batches, plan, runs, 7) - expected)).toBeLessThan(5 * deviation);
  });

  test('other plans win no more than the bound either', () => {
    const batches = repeated({ buckets: 6, size: 2 }, 20);
    const limit = toNumber(bound(batches));
    const runs = 10_000;
    const noise = 5 * Math.sqrt((limit * (1 - limit)) / runs);
    for (const attacked of [1, 2, 3, 4, 6]) {
      const plan = batches.map(() => attacked);
      expect(play(batches, plan, runs, attacked)).toBeLessThan(limit + noise);
    }
  });
});
