import { afterEach, describe, expect, test, vi } from 'vitest';
import { seededRandom } from '../../src/crypto/random.ts';
import { bucketSize } from '../../src/garbling/authenticated/parameters.ts';
import { TripleProtocol } from '../../src/garbling/authenticated/triples.ts';
import { type Bets, betOnTrees, losingTo, xOf } from './harness/bets.ts';
import { bitOf, isZero, twice, xor } from './harness/blocks.ts';
import { codeOf, duel, other } from './harness/duel.ts';
import { seedOf } from './harness/engines.ts';
import { hook, type Inside, undoHooks } from './harness/hooks.ts';
import { linearTweaks } from './harness/linear-tweaks.ts';
import { ands } from './harness/programs.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));
afterEach(undoHooks);

const FULL = process.env.PARLEY_FULL !== undefined;

interface Attack {
  readonly gates: number;
  /** Trees bet on: the run has probability 2^(−bets). */
  readonly bets: number;
  /** Pairs of leaky ANDs, each of which gives Δ with probability ½. */
  readonly pairs: number;
}

const attacks: readonly Attack[] = [
  { gates: 34, bets: 32, pairs: 1 },
  { gates: 34, bets: 28, pairs: 1 },
  ...(FULL
    ? [
        { gates: 4_000, bets: 27, pairs: 2 },
        { gates: 4_000, bets: 26, pairs: 2 },
      ]
    : []),
];
const SEEDS = FULL ? 16 : 6;

/** What the cheater takes for Δ: the difference of what two of the other party's G show, where two of its own MACs are apart as it wanted. */
function readDelta(cheater: 'a' | 'b', leaky: number, { pairs }: Bets): Uint8Array[] {
  const read: Uint8Array[] = [];
  hook(TripleProtocol, 'complete', cheater, (self: Inside, honestly, start, end, ciphertexts: Uint8Array) => {
    expect([start, end]).toEqual([0, Math.min(leaky, 1 << 14)]);
    const { kernel } = self.context;
    const block = (array: number, i: number) => kernel.read(array + 16 * i, 16) as Uint8Array;
    const { keys, macs } = self.bits;
    for (const [i, j] of pairs) {
      expect(xor(block(macs, xOf(i)), block(macs, xOf(j)))).toEqual(twice(i ^ j));
      const shown = (n: number) =>
        xor(ciphertexts.slice(16 * n, 16 * n + 16), block(keys, xOf(n) + 1), block(macs, xOf(n) + 1));
      read.push(xor(shown(i), shown(j)));
    }
    return honestly(start, end, ciphertexts);
  });
  return read;
}

/** In runs in which all bets hold: pairs tried, those that gave the honest party's Δ, those that gave the cheater's own, and honest parties that aborted. */
async function campaign(cheater: 'a' | 'b', { gates, bets, pairs }: Attack, build: () => void) {
  const honest = other(cheater);
  const program = ands(gates);
  const leaky = gates * bucketSize(gates);
  const seen = { tried: 0, read: 0, own: 0, caught: 0 };
  for (let seed = 0; seed < SEEDS; seed += 1) {
    build();
    const plan = betOnTrees(cheater, leaky, bets, pairs, seededRandom(seedOf(seed, 9)));
    const candidates = readDelta(cheater, leaky, plan);
    const deltas: Partial<Record<'a' | 'b', Uint8Array>> = {};
    const random = seededRandom(seedOf(seed, 10));
    const run = await duel({
      program,
      seed,
      inputs: { a: random(gates).map((byte) => byte & 1), b: random(gates).map((byte) => byte & 1) },
      cheater,
      random: (party, usual) => (party === honest ? losingTo(usual, () => plan.trees) : usual),
      seated: ({ correlated, kernel }) => {
        deltas[correlated.role === 'garbler' ? 'a' : 'b'] = kernel.read(correlated.delta, 16);
      },
    });
    undoHooks();
    for (const tree of plan.trees) expect(bitOf(deltas[honest]!, 4 * tree + 3)).toBe(1);
    seen.tried += plan.pairs.length;
    seen.caught += Number(codeOf(run[honest]) !== undefined);
    const is = (party: 'a' | 'b') => (candidate: Uint8Array) => isZero(xor(candidate, deltas[party]!));
    seen.read += candidates.filter(is(honest)).length;
    seen.own += candidates.filter(is(cheater)).length;
  }
  return seen;
}

describe.each(['a', 'b'] as const)(
  'MACs that %s chooses by bets in its trees, where all bets hold',
  (cheater) => {
    test.each(attacks)(
      'read Δ off two G where tweaks are linear: $gates gates, $bets bets',
      async (attack) => {
        const { tried, read, own, caught } = await campaign(cheater, attack, linearTweaks);
        expect(caught).toBe(0);
        expect(tried).toBeGreaterThan(1);
        expect(read).toBeGreaterThan(0);
        expect(read + own).toBe(tried); // every pair gives one of the two, by the honest party's y
      },
      300_000,
    );

    test.each(attacks)(
      'tell nothing: $gates gates, $bets bets',
      async (attack) => {
        const { tried, ...seen } = await campaign(cheater, attack, () => undefined);
        expect(tried).toBeGreaterThan(1);
        expect(seen).toEqual({ read: 0, own: 0, caught: 0 });
      },
      300_000,
    );
  },
);

test('bets that nobody arranged hold as guesses do, and are caught otherwise', async () => {
  for (const bets of [1, 2]) {
    let agreed = 0;
    let held = 0;
    const runs = FULL ? 64 : 16;
    for (let seed = 0; seed < runs; seed += 1) {
      const plan = betOnTrees('b', 34 * bucketSize(34), bets, 0, seededRandom(seedOf(seed, 9)));
      let delta = new Uint8Array(16);
      const run = await duel({
        program: ands(34),
        seed: seed + 100,
        inputs: { a: new Uint8Array(34), b: new Uint8Array(34) },
        cheater: 'b',
        seated: ({ correlated, kernel }) => {
          if (correlated.role === 'garbler')
            delta = kernel.read(correlated.delta, 16) as Uint8Array<ArrayBuffer>;
        },
      });
      undoHooks();
      const hold = plan.trees.every((tree) => bitOf(delta, 4 * tree + 3) === 1);
      held += Number(hold);
      agreed += Number(hold === (codeOf(run.a) === undefined));
    }
    expect(agreed).toBe(runs);
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThan(runs);
  }
}, 120_000);
