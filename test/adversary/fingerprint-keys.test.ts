import { afterEach, describe, expect, test, vi } from 'vitest';
import { bitsToBigint } from '../../src/circuit/bits.ts';
import { AuthenticatedEngine } from '../../src/engine/authenticated/engine.ts';
import type { Bits } from '../../src/engine/engine.ts';
import { InputFingerprints } from '../../src/garbling/authenticated/fingerprint.ts';
import { element, multiply } from '../crypto/polynomial-hash-reference.ts';
import { expectedFingerprint } from '../engine/fingerprinting.ts';
import { codeOf, duel, other, outcomeOf } from './harness/duel.ts';
import { hook, undoHooks } from './harness/hooks.ts';
import { andsCircuit, fingerprinted } from './harness/programs.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));

const SEEDS = 8;
const WIDTH = 256;
const program = fingerprinted('256 ANDs, fingerprinted', andsCircuit(WIDTH));
/** What the cheater is to have entered, by what it shows later. */
const shown = Uint8Array.from({ length: WIDTH }, (_, i) => +(i % 3 === 0));
const others = new Uint8Array(WIDTH).fill(1);

const bitsOf = (value: bigint): number[] =>
  Array.from({ length: 128 }, (_, i) => Number((value >> BigInt(i)) & 1n));

/** Another input with the same hash under `key`: c_1·χ² ⊕ c_2·χ = 0 for c_2 = c_1·χ. */
function collidingWith(bits: Bits, key: Uint8Array): Bits {
  const difference = Uint8Array.of(...bitsOf(1n), ...bitsOf(multiply(1n, element(key))));
  expect(bitsToBigint(difference)).not.toBe(0n);
  return bits.map((bit, i) => bit ^ difference[i]!);
}

/** Runs with `entered` at the cheater. Gives whether the honest party accepts, and whether what is shown fits what it accepted. */
async function enter(cheater: 'a' | 'b', entered: Bits, seed: number) {
  const honest = other(cheater);
  let mask = new Uint8Array();
  let fits = false;
  hook(AuthenticatedEngine, 'maskFingerprints', cheater, (_self, honestly, own) => {
    mask = own.slice();
    honestly(own);
  });
  hook(InputFingerprints, 'verify', honest, (self, honestly, stated) => {
    const accepted = honestly(stated);
    fits = element(accepted) === expectedFingerprint(mask, [shown], self.keys);
    return accepted;
  });
  const inputs = { [cheater]: entered, [honest]: others } as { a: Bits; b: Bits };
  const run = await duel({ program, seed, inputs, cheater });
  expect(codeOf(run[honest])).toBeUndefined();
  expect(outcomeOf(run[honest])).toEqual(program.plain(honest, inputs.a, inputs.b));
  return fits;
}

/** The key of the part, in a run in which the cheater enters `entered`. */
async function keyOf(cheater: 'a' | 'b', entered: Bits, seed: number): Promise<Uint8Array> {
  let key: Uint8Array | undefined;
  hook(InputFingerprints, 'addOwn', cheater, (self, honestly, ...rest) => {
    key = self.keys[0];
    honestly(...rest);
  });
  const inputs = { [cheater]: entered, [other(cheater)]: others } as { a: Bits; b: Bits };
  await duel({ program, seed, inputs, cheater });
  undoHooks();
  return key!;
}

afterEach(undoHooks);

describe.each(['a', 'b'] as const)('%s enters one input and shows another of the same hash', (cheater) => {
  test('where the key is known before inputs are fixed, this works', async () => {
    for (let seed = 0; seed < SEEDS; seed += 1) {
      const known = Uint8Array.from({ length: 16 }, (_, i) => 17 * seed + i + 1);
      for (const party of ['a', 'b'] as const) {
        hook(InputFingerprints, 'nextKey', party, (self, honestly) => {
          const key = honestly();
          if (self.keys.length === 0) return key;
          self.keys[0] = known;
          return known;
        });
      }
      expect(await enter(cheater, collidingWith(shown, known), seed)).toBe(true);
      undoHooks();
    }
  });

  test('what it enters changes the key, and this does not work', async () => {
    for (let seed = 0; seed < SEEDS; seed += 1) {
      expect(await enter(cheater, shown, seed)).toBe(true);
      undoHooks();
      // The best it can know: the key that it would have, had it entered what it shows.
      const key = await keyOf(cheater, shown, seed);
      const entered = collidingWith(shown, key);
      expect(await keyOf(cheater, entered, seed)).not.toEqual(key);
      expect(await enter(cheater, entered, seed)).toBe(false);
      undoHooks();
    }
  });
});
