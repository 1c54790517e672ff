import { describe, expect, test, vi } from 'vitest';
import { attacksOn, honestRuns, inputsFor, runAll, unlessBase } from './harness/campaign.ts';
import { Coverage } from './harness/coverage.ts';
import { duel, outcomeOf } from './harness/duel.ts';
import { course, meetFingerprinted } from './harness/programs.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));
// Limits so low that a small run has several batches, each of several chunks, units and hash keys.
vi.mock('../../src/engine/batch-limit.ts', () => ({ BATCH_LIMIT: 30 }));
vi.mock('../../src/garbling/authenticated/parameters.ts', async (original) => ({
  ...(await original<object>()),
  BATCH_ANDS: 40,
  LEAKY_CHUNK: 64,
  LEAKY_PER_KEY: 128,
  GATE_CHUNK: 8,
  GATES_PER_KEY: 16,
  UNIT_BYTES: 1,
}));

const FULL = process.env.PARLEY_FULL !== undefined;

test('an honest run in several batches is right', async () => {
  for (const seed of [1, 2, 3]) {
    const inputs = inputsFor(course);
    const { a, b, sent } = await duel({ program: course, seed, inputs });
    expect(outcomeOf(a)).toEqual(course.plain('a', inputs.a, inputs.b));
    expect(outcomeOf(b)).toEqual(course.plain('b', inputs.a, inputs.b));
    const count = (name: string) => sent.filter(({ type }) => type.name === `authenticated.${name}`).length;
    expect(count('maskedGates')).toBe(4);
    expect(count('gateCheck')).toBe(4);
    expect(count('leakyCiphertexts')).toBeGreaterThan(20);
  }
});

test('an honest run with fingerprints, masks and inputs in several batches, is right', async () => {
  const inputs = inputsFor(meetFingerprinted);
  const { a, b, sent } = await duel({ program: meetFingerprinted, seed: 1, inputs });
  for (const ending of [a, b]) {
    expect(outcomeOf(ending)).toEqual(meetFingerprinted.plain('a', inputs.a, inputs.b));
  }
  const count = (name: string) => sent.filter(({ type }) => type.name === `authenticated.${name}`).length;
  expect([count('maskedInputs'), count('fingerprint')]).toEqual([11, 2]);
});

describe.each(['a', 'b'] as const)(
  'whatever %s changes in a run of several batches, the other is safe',
  (from) => {
    test('on the wire', async () => {
      const [sent, strange] = await honestRuns(course, 'dealt');
      const all = attacksOn(sent, strange, from).filter(unlessBase);
      const attacks = FULL ? all : all.filter((_, index) => index % 8 === 3);
      const last = sent.findLast(({ side }) => side === from)!;
      await runAll({ program: course, baseOts: 'dealt', coverage: new Coverage(), last }, attacks);
    }, 240_000);

    test('on the wire, with fingerprints', async () => {
      const [sent, strange] = await honestRuns(meetFingerprinted, 'dealt');
      const attacks = attacksOn(sent, strange, from).filter(
        ({ target }, index) =>
          target.message === 'authenticated.fingerprint' ||
          (target.message === 'authenticated.maskedInputs' && (FULL || index % 8 === 3)),
      );
      const last = sent.findLast(({ side }) => side === from)!;
      await runAll({ program: meetFingerprinted, baseOts: 'dealt', coverage: new Coverage(), last }, attacks);
    }, 240_000);
  },
);
