import { afterEach, expect, test, vi } from 'vitest';
import { tags } from '../../src/crypto/tags.ts';
import { equalityAnswer } from '../../src/garbling/authenticated/messages.ts';
import { TripleProtocol } from '../../src/garbling/authenticated/triples.ts';
import { shuffled } from '../support/shuffled.ts';
import { changeField } from './harness/changes.ts';
import { codeOf, duel, type Sent } from './harness/duel.ts';
import { hook, undoHooks } from './harness/hooks.ts';
import { ands } from './harness/programs.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));
// Two leaky ANDs a bucket, so that an attack on a whole bucket can be shown: against seven it takes 2³⁸ tries at coins.
vi.mock('../../src/garbling/authenticated/parameters.ts', async (original) => ({
  ...(await original<object>()),
  bucketSize: () => 2,
}));

const GATES = 34;
const program = ands(GATES);
const CHECK = 'opening of the coins';
const SEEDS = 32;

afterEach(undoHooks);

const bit = (bytes: Uint8Array, index: number) => (bytes[index >> 3]! >> (index & 7)) & 1;

/**
 * The evaluator adds a constant to two of its G's: unnoticed in a quarter of all runs, and then x is 0 in the garbler's share of
 * both. With the garbler's coins known it tries coins of its own until both fall into one bucket, whose triple's x it then knows.
 */
function grindCoins(): { bucket: number | undefined } {
  const found: { bucket: number | undefined } = { bucket: undefined };
  hook(TripleProtocol, 'receiveDigest', 'b', async (self) => {
    const { context } = self;
    const { digest, coins } = await context.link.receive(equalityAnswer, undefined);
    self.peerCoins = coins.slice();
    if (!Buffer.from(digest).equals(self.equalityDigest('garbler'))) return;
    for (let tries = 0; found.bucket === undefined && tries < 4_000; tries += 1) {
      const mine = context.random(32);
      const seed = context.digest(tags.authenticatedCoins, 'garbler', 'order', Buffer.concat([coins, mine]));
      const order = shuffled(2 * GATES, seed.subarray(0, 16));
      const bucket = order.indexOf(0) >> 1;
      if (bucket !== order.indexOf(1) >> 1) continue;
      self.coins.set(mine);
      found.bucket = bucket;
    }
  });
  return found;
}

/** The garbler's input at the gate that uses a triple whose x is known to be zero in the garbler's share. */
function readInput(sent: readonly Sent[], gate: number): number {
  const fieldOf = (side: string, name: string, field: string) =>
    sent.find(({ side: from, type }) => from === side && type.name === name)!.fields[field]!;
  const maskOfGarbler = bit(fieldOf('a', 'authenticated.openedFits', 'bits'), gate);
  const maskOfEvaluator = bit(fieldOf('b', 'authenticated.openedMasks', 'bits'), gate);
  return bit(fieldOf('a', 'authenticated.maskedInputs', 'values'), gate) ^ maskOfGarbler ^ maskOfEvaluator;
}

test('coins chosen after seeing the other’s put attacked leaky ANDs into one bucket, and read an input', async () => {
  let read = 0;
  let caught = 0;
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const inputs = {
      a: Uint8Array.from({ length: GATES }, (_, i) => ((seed * 7 + i * i) >> 1) & 1),
      b: new Uint8Array(GATES), // the outcome tells nothing
    };
    const rule = changeField(
      { from: 'b', message: 'authenticated.leakyCiphertexts' },
      'ciphertexts',
      (bytes) => {
        bytes[4]! ^= 1;
        bytes[20]! ^= 1;
        return bytes;
      },
    );
    const found = grindCoins();
    const free = await duel({ program, seed, inputs, cheater: 'b', rule, off: [CHECK] });
    if (found.bucket !== undefined) {
      expect(codeOf(free.a)).toBeUndefined();
      expect(readInput(free.sent, found.bucket)).toBe(inputs.a[found.bucket]);
      read += 1;
      undoHooks();
      grindCoins();
      const checked = await duel({ program, seed, inputs, cheater: 'b', rule });
      expect(codeOf(checked.a)).toBe('ERR_PEER_CHEATED');
      expect(checked.a.failed).toEqual([CHECK]);
      caught += 1;
    }
    undoHooks();
  }
  expect(read).toBeGreaterThanOrEqual(2);
  expect(caught).toBe(read);
});
