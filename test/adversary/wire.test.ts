import { afterAll, describe, expect, test, vi } from 'vitest';
import { attacksOn, honestRuns, runAll, unlessBase, unnoticed } from './harness/campaign.ts';
import { changeField, fieldChanges, flip, messageChanges } from './harness/changes.ts';
import { Coverage, judge } from './harness/coverage.ts';
import { duel } from './harness/duel.ts';
import {
  ands,
  andsCircuit,
  course,
  meet,
  meetCombined,
  meetFingerprinted,
  meetPrepared,
  meetProved,
  prepared,
} from './harness/programs.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));

/** In full the longer runs have several times as many changes; without, every field is still changed, and every kind of change made, as the last tests see to. */
const FULL = process.env.PARLEY_FULL !== undefined;
const coverage = new Coverage();

describe.each(['a', 'b'] as const)('whatever %s changes on the wire, the other party is safe', (from) => {
  test('one circuit', async () => {
    const [sent, strange] = await honestRuns(meet, 'dealt');
    const last = sent.findLast(({ side }) => side === from)!;
    await runAll(
      { program: meet, baseOts: 'dealt', coverage, last },
      attacksOn(sent, strange, from).filter(unlessBase),
    );
  }, 120_000);

  test('one circuit whose tables go out before its inputs exist', async () => {
    const [sent, strange] = await honestRuns(meetPrepared, 'dealt');
    const last = sent.findLast(({ side }) => side === from)!;
    // What goes at another moment than without preparation, or only then.
    const moved = ['openedMasks', 'openedFits', 'garbledGates', 'maskedInputs', 'inputLabels', 'maskedGates'];
    const attacks = attacksOn(sent, strange, from)
      .filter(({ target }) => moved.includes(target.message.replace('authenticated.', '')))
      .filter(({ target }, index) => FULL || target.message.endsWith('inputLabels') || index % 3 === 1);
    await runAll({ program: meetPrepared, baseOts: 'dealt', coverage, last }, attacks);
  }, 120_000);

  test('base OTs', async () => {
    const [sent, strange] = await honestRuns(meet, 'public');
    const attacks = attacksOn(sent, strange, from).filter(({ target }) =>
      target.message.startsWith('base OT'),
    );
    const last = sent.findLast(({ side }) => side === from)!;
    await runAll({ program: meet, baseOts: 'public', coverage, last }, attacks);
  }, 120_000);

  test('fingerprints, and the inputs and masks that they are of', async () => {
    const [sent, strange] = await honestRuns(meetFingerprinted, 'dealt');
    const ofThem = ['authenticated.fingerprint', 'authenticated.maskedInputs'];
    const attacks = attacksOn(sent, strange, from)
      .filter(unlessBase)
      .filter(({ target }, index) => ofThem.includes(target.message) || (FULL && index % 4 === 1));
    expect(attacks.length).toBeGreaterThan(30);
    const last = sent.findLast(({ side }) => side === from)!;
    const other = () => coverage.times('authenticated.maskedInputs.values b', 'another input');
    const before = other();
    await runAll({ program: meetFingerprinted, baseOts: 'dealt', coverage, last }, attacks);
    expect(other()).toBe(before); // a party cannot state the fingerprint of what was entered in its place
  }, 120_000);

  test.each([
    ['proofs about its input', meetProved, ['authenticated.proof']],
    [
      'combinations of its input and of what it fixes besides',
      meetCombined,
      ['authenticated.fixedBits', 'authenticated.openedCombinations'],
    ],
  ])(
    '%s',
    async (_, program, messages) => {
      const [sent, strange] = await honestRuns(program, 'dealt');
      const attacks = attacksOn(sent, strange, from).filter(
        ({ target }, index) =>
          messages.includes(target.message) ||
          (target.message === 'authenticated.maskedInputs' && (FULL || index % 3 === 0)),
      );
      const last = sent.findLast(({ side }) => side === from)!;
      const other = () => coverage.times('authenticated.maskedInputs.values b', 'another input');
      const before = other();
      await runAll({ program, baseOts: 'dealt', coverage, last }, attacks);
      expect(other()).toBe(before); // a party cannot show anything about what was entered in its place
    },
    120_000,
  );

  test('a run with everything in it', async () => {
    const [sent, strange] = await honestRuns(course, 'dealt');
    const all = attacksOn(sent, strange, from).filter(unlessBase);
    const attacks = FULL ? all : all.filter((_, index) => index % 7 === 1);
    const last = sent.findLast(({ side }) => side === from)!;
    await runAll({ program: course, baseOts: 'dealt', coverage, last }, attacks);
  }, 240_000);
});

test.each([
  ['label', 'authenticated.inputLabels', 'labels', prepared('an AND, prepared', andsCircuit(1))],
  ['seed of labels', 'authenticated.inputLabelSeed', 'seed', ands(1)],
])(
  'a wrong %s passes only where the gate it feeds comes out right by chance',
  async (_, message, field, program) => {
    const inputs = { a: Uint8Array.of(1), b: Uint8Array.of(1) };
    const rule = changeField({ from: 'a', message }, field, flip(64));
    for (let seed = 0; seed < 20; seed += 1) {
      const { b } = await duel({ program, seed, inputs, cheater: 'a', rule });
      const verdict = judge(b, program.plain('b', inputs.a, inputs.b));
      expect(['caught', 'right']).toContain(verdict);
      coverage.record('a', message, field, verdict);
    }
  },
);

describe('coverage', () => {
  test('every field of every message has been attacked', () => {
    const tested = coverage.untested([
      [0x20, 0x23],
      [0x27, 0x3f], // those of silent OT: silent.test.ts
      [0x50, 0x7f],
    ]);
    expect(tested).toEqual([]);
  });

  test('every kind of change has changed some message', () => {
    const kinds = [...Object.keys(fieldChanges), ...Object.keys(messageChanges)];
    expect([...coverage.changes].sort()).toEqual(kinds.sort());
  });

  const own = [...unnoticed].filter(([key]) => key.startsWith('authenticated'));
  test.each(own)('%s may go unnoticed, and does', (key, { allowed }) => {
    expect(coverage.times(key, allowed)).toBeGreaterThan(0);
  });

  afterAll(() => {
    const reasons = new Map([...unnoticed].map(([key, { reason }]) => [key, reason]));
    console.log(coverage.table(reasons));
  });
});
