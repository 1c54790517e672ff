import { afterEach, describe, expect, test, vi } from 'vitest';
import { seededRandom } from '../../src/crypto/random.ts';
import { tags } from '../../src/crypto/tags.ts';
import { Context } from '../../src/garbling/authenticated/context.ts';
import { GateValues } from '../../src/garbling/authenticated/gate-values.ts';
import { element } from '../crypto/polynomial-hash-reference.ts';
import { equalOutcomes } from './harness/coverage.ts';
import { duel, other } from './harness/duel.ts';
import { hook, undoHooks } from './harness/hooks.ts';
import { andsCircuit, circuitFrom, proved } from './harness/programs.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));

const SEEDS = 3;
/** More gates than a coefficient has bits: some coefficients then add up to zero. */
const GATES = 140;
const statement = circuitFrom((c) => {
  const x = c.input(GATES + 1);
  c.output(x.slice(1).map((bit, i) => c.and(bit, x[i]!)));
});
const program = proved('140 ANDs, proved', andsCircuit(GATES + 1), statement);
const bits = Uint8Array.from({ length: GATES + 1 }, (_, i) => +(i % 3 !== 0));
const inputs = { a: bits, b: bits };
const roles = { a: 'garbler', b: 'evaluator' } as const;

/** Gates whose coefficients, which come from this seed, add up to zero. */
function cancelling(seed: Uint8Array): ReadonlySet<number> {
  const stream = seededRandom(seed.subarray(0, 16))(16 * GATES);
  const rows: { readonly sum: bigint; readonly of: bigint }[] = [];
  for (let gate = 0; gate < GATES; gate += 1) {
    let [sum, of] = [element(stream.subarray(16 * gate, 16 * gate + 16)), 1n << BigInt(gate)];
    for (const row of rows) if ((sum ^ row.sum) < sum) [sum, of] = [sum ^ row.sum, of ^ row.of];
    if (sum === 0n)
      return new Set(Array.from({ length: GATES }, (_, i) => i).filter((i) => (of >> BigInt(i)) & 1n));
    rows.push({ sum, of });
  }
  throw new Error('these coefficients are independent');
}

/** Has the cheater prove wrong gates. Gives whether the honest party accepts something false. */
async function prove(cheater: 'a' | 'b', seed: number, wrong: ReadonlySet<number>): Promise<boolean> {
  hook(GateValues, 'multiply', cheater, (_self, honestly, random, correct) =>
    honestly(random, (and: number, ...rest: unknown[]) => correct(and, ...rest) ^ +wrong.has(and)),
  );
  const honest = other(cheater);
  const ending = (await duel({ program, seed, inputs, cheater }))[honest];
  if (!('outcome' in ending)) {
    expect(ending).toMatchObject({ code: 'ERR_PEER_CHEATED', failed: ['proof'] });
    return false;
  }
  return !equalOutcomes(ending.outcome, program.plain(honest, inputs.a, inputs.b));
}

afterEach(undoHooks);

describe.each(['a', 'b'] as const)('%s proves wrong gates whose coefficients add up to zero', (cheater) => {
  test('where these are known before corrections are sent, this works', async () => {
    for (let seed = 0; seed < SEEDS; seed += 1) {
      const known = Uint8Array.from({ length: 32 }, (_, i) => 31 * seed + i);
      for (const party of ['a', 'b'] as const) {
        hook(Context, 'digest', party, (_self, honestly, tag, ...parts) =>
          tag === tags.authenticatedProof ? known : honestly(tag, ...parts),
        );
      }
      expect(await prove(cheater, seed, cancelling(known))).toBe(true);
      undoHooks();
    }
  });

  test('its corrections change them, and this does not work', async () => {
    for (let seed = 0; seed < SEEDS; seed += 1) {
      // The best it can know: the coefficients that it would have with right corrections.
      let honest = new Uint8Array();
      hook(Context, 'digest', cheater, (_self, honestly, tag, role, ...parts) => {
        const digest = honestly(tag, role, ...parts);
        if (tag === tags.authenticatedProof && role === roles[cheater]) honest = digest;
        return digest;
      });
      await duel({ program, seed, inputs, cheater });
      undoHooks();
      expect(await prove(cheater, seed, cancelling(honest))).toBe(false);
      undoHooks();
    }
  });
});
