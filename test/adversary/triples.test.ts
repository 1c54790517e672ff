import { describe, expect, test, vi } from 'vitest';
import { blockAt, type Pointer } from '../../src/crypto/kernel.ts';
import { duel } from './harness/duel.ts';
import type { SeatedEvaluator, SeatedGarbler } from './harness/engines.ts';
import type { Inside } from './harness/hooks.ts';
import type { Program } from './harness/programs.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));
vi.mock('../../src/garbling/authenticated/parameters.ts', async (original) => ({
  ...(await original<object>()),
  BATCH_ANDS: 100,
}));

const TRIPLES = 534;
const SIZES = [100, 100, 100, 100, 100, 34];

/** Prepares, a batch of at most 100 after another, and leaves everything in the pools. */
const prepareOnly: Program = {
  name: 'prepare',
  widths: { a: 1, b: 1 },
  async run(engine) {
    await engine.prepare(TRIPLES);
    this.look?.(engine);
    return [];
  },
  plain: () => [],
} as Program & { look?: (engine: unknown) => void };

/** Both parties' blocks of one column of the pool of triples: keys and MACs of x, of y, of z. */
function columns(seated: SeatedGarbler | SeatedEvaluator): Uint8Array[] {
  const pool = (seated.engine as Inside).pools.triples;
  expect(pool.available).toBe(TRIPLES);
  return pool.pointers.map((pointer: Pointer) =>
    seated.kernel.read(blockAt(pointer, pool.used), 16 * TRIPLES),
  );
}

async function preparedTriples(seed: number) {
  const found: Record<string, Uint8Array[]> = {};
  const deltas: Record<string, Uint8Array> = {};
  let seats: (SeatedGarbler | SeatedEvaluator)[] = [];
  (prepareOnly as Inside).look = (engine: unknown) => {
    const seated = seats.find((each) => each.engine === engine)!;
    found[seated.engine.party] = columns(seated);
    deltas[seated.engine.party] = seated.kernel.read(seated.correlated.delta, 16);
  };
  const run = await duel({
    program: prepareOnly,
    seed,
    inputs: { a: new Uint8Array(1), b: new Uint8Array(1) },
    seated: (each) => {
      seats = [...seats, each];
    },
  });
  return { a: found.a!, b: found.b!, deltas: { a: deltas.a!, b: deltas.b! }, sent: run.sent };
}

describe('triples of several batches', () => {
  test('are authenticated, multiply, and none is zero in all shares; each batch uses every combination', async () => {
    for (let seed = 0; seed < 5; seed += 1) {
      const { a, b, deltas, sent } = await preparedTriples(seed);
      expect(sent.filter(({ type }) => type.name === 'authenticated.openedDifferences')).toHaveLength(
        2 * SIZES.length,
      );
      const blocks = { a, b };
      const block = (party: 'a' | 'b', column: number, i: number) =>
        blocks[party][column]!.subarray(16 * i, 16 * i + 16);
      const share = (party: 'a' | 'b', value: number, i: number) => block(party, 2 * value + 1, i)[0]! & 1;
      let start = 0;
      for (const size of SIZES) {
        const combinations = new Set<string>();
        for (let i = start; i < start + size; i += 1) {
          for (const [holder, keeper] of [
            ['a', 'b'],
            ['b', 'a'],
          ] as const) {
            for (let value = 0; value < 3; value += 1) {
              const mac = block(holder, 2 * value + 1, i);
              const key = block(keeper, 2 * value, i);
              const delta = deltas[keeper];
              const expected = key.map((byte, j) => byte ^ (share(holder, value, i) * delta[j]!));
              expect([...mac]).toEqual([...expected]);
              expect(mac.some((byte) => byte !== 0)).toBe(true);
              expect(key.some((byte) => byte !== 0)).toBe(true);
            }
          }
          const [x, y, z] = [0, 1, 2].map((value) => share('a', value, i) ^ share('b', value, i));
          expect(z).toBe(x! & y!);
          const shares = [0, 1, 2].map((value) => `${share('a', value, i)}${share('b', value, i)}`);
          combinations.add(shares.slice(0, 2).join());
        }
        // 16 combinations of the shares of x and y: in 34 triples a uniform draw misses six or more with probability below 10⁻⁴.
        expect(combinations.size).toBeGreaterThan(9);
        start += size;
      }
    }
  });

  test('no triple repeats, within a batch or between batches', async () => {
    const { a } = await preparedTriples(9);
    const keys = new Set(
      Array.from({ length: TRIPLES }, (_, i) => String(a[0]!.subarray(16 * i, 16 * i + 16))),
    );
    expect(keys.size).toBe(TRIPLES);
  });
});
