import { afterEach, describe, expect, test, vi } from 'vitest';
import { AuthenticatedGarbler } from '../../src/engine/authenticated/garbler.ts';
import { GateBatch } from '../../src/garbling/authenticated/gates.ts';
import {
  EvaluatorCorrelations,
  GarblerCorrelations,
} from '../../src/garbling/authenticated/ot-correlations.ts';
import { TripleProtocol } from '../../src/garbling/authenticated/triples.ts';
import { codeOf, duel, other } from './harness/duel.ts';
import { hook, type Inside, undoHooks } from './harness/hooks.ts';
import { meet } from './harness/programs.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));

afterEach(undoHooks);

/** Where a cheater uses another Δ than elsewhere: while it runs `method`. */
const places = [
  { where: 'labels of inputs', cheater: 'a', type: AuthenticatedGarbler, method: 'sendLabels' },
  { where: 'tables', cheater: 'a', type: GateBatch, method: 'garble' },
  { where: 'ciphertexts of leaky ANDs', cheater: 'a', type: TripleProtocol, method: 'sendCiphertexts' },
  { where: 'ciphertexts of leaky ANDs', cheater: 'b', type: TripleProtocol, method: 'sendCiphertexts' },
  { where: 'L of leaky ANDs', cheater: 'a', type: TripleProtocol, method: 'receiveBits' },
  { where: 'L of leaky ANDs', cheater: 'b', type: TripleProtocol, method: 'receiveBits' },
  { where: 'the choices of the second direction', cheater: 'a', type: GarblerCorrelations, method: 'begin' },
  { where: 'the keys of the second direction', cheater: 'a', type: GarblerCorrelations, method: 'newSender' },
  {
    where: 'the keys of the first direction',
    cheater: 'b',
    type: EvaluatorCorrelations,
    method: 'newSender',
  },
] as const;

/** Flips bits of Δ in the cheater's memory, none of the two that are fixed. */
function flipDelta(self: Inside): void {
  const { kernel, delta } = 'context' in self ? self.context : self;
  kernel.view(delta, 16)[5] ^= 0x41;
}

describe('a wrong Δ is caught', () => {
  test.each(places)('in $where ($cheater cheats)', async ({ cheater, type, method }) => {
    for (let seed = 0; seed < 6; seed += 1) {
      let used = 0;
      hook(type, method, cheater, (self, honestly, ...args) => {
        used += 1;
        flipDelta(self);
        const result = honestly(...args);
        if (!(result instanceof Promise)) {
          flipDelta(self);
          return result;
        }
        return result.finally(() => flipDelta(self));
      });
      const inputs = { a: Uint8Array.of(1, 0, 1, 0, 0, 1, 0), b: Uint8Array.of(0, 1, 1, 0, 1, 1, 0) };
      const run = await duel({ program: meet, seed, inputs, cheater });
      expect(used).toBeGreaterThan(0);
      expect(codeOf(run[other(cheater)]), `seed ${seed}`).toBe('ERR_PEER_CHEATED');
      undoHooks();
    }
  });
});
