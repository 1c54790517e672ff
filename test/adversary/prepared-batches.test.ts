import { describe, expect, test, vi } from 'vitest';
import { type Attack, attacksOn, honestRuns, inputsFor, runAll, unlessBase } from './harness/campaign.ts';
import { changeField, flip, isTarget } from './harness/changes.ts';
import { Coverage } from './harness/coverage.ts';
import { codeOf, duel, outcomeOf, type Sent } from './harness/duel.ts';
import { stages } from './harness/programs.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));
// So low that each stage is a batch of its own.
vi.mock('../../src/engine/ahead-limits.ts', () => ({ AHEAD_BATCH: 32, AHEAD_LIMIT: 1 << 21 }));

const FULL = process.env.PARLEY_FULL !== undefined;
const BATCHES = 3;
const plain = stages(false);
const fingerprinted = stages(true);

const named = (name: string) => `authenticated.${name}`;
const count = (sent: readonly Sent[], name: string) =>
  sent.filter(({ type }) => type.name === named(name)).length;

test.each([plain, fingerprinted])(
  'an honest run of $name is right, and has three batches',
  async (program) => {
    const inputs = inputsFor(program);
    const { a, b, sent } = await duel({ program, seed: 1, inputs });
    for (const ending of [a, b]) expect(outcomeOf(ending)).toEqual(program.plain('a', inputs.a, inputs.b));
    for (const name of ['garbledGates', 'maskedGates', 'gateCheck']) expect(count(sent, name)).toBe(BATCHES);
    const names = sent.map(({ type }) => type.name);
    expect(names.lastIndexOf(named('garbledGates'))).toBeLessThan(names.indexOf(named('maskedInputs')));
  },
);

/** The attacks on messages that are sent once the first batch has been prepared. */
function afterTheFirst(sent: readonly Sent[], attacks: readonly Attack[]): Attack[] {
  const first = sent.findIndex(({ type }) => type.name === named('garbledGates'));
  const later = sent.slice(first + 1);
  return attacks.filter(({ target }) => later.some((one) => isTarget(one, target)));
}

const targets = (attacks: readonly Attack[]) =>
  new Set(attacks.map(({ target }) => `${target.message} ${target.occurrence}`));

describe.each(['a', 'b'] as const)(
  'whatever %s changes of the second batch and the third, the other is safe',
  (from) => {
    test('while they are prepared, and once there are inputs', async () => {
      const [sent, strange] = await honestRuns(plain, 'dealt');
      const all = afterTheFirst(sent, attacksOn(sent, strange, from).filter(unlessBase));
      const attacks = FULL ? all : all.filter((_, index) => index % 16 === 3);
      expect(targets(attacks)).toEqual(targets(all));
      const last = sent.findLast(({ side }) => side === from)!;
      await runAll({ program: plain, baseOts: 'dealt', coverage: new Coverage(), last }, attacks);
    }, 900_000);

    test('fingerprints, and what they are of', async () => {
      const [sent, strange] = await honestRuns(fingerprinted, 'dealt');
      const attacks = attacksOn(sent, strange, from).filter(
        ({ target }, index) =>
          target.message === named('fingerprint') ||
          (target.message === named('maskedInputs') && (FULL || index % 8 === 3)),
      );
      const last = sent.findLast(({ side }) => side === from)!;
      await runAll({ program: fingerprinted, baseOts: 'dealt', coverage: new Coverage(), last }, attacks);
    }, 900_000);
  },
);

describe.each([0, 1, 2])('of batch %i', (batch) => {
  const inputs = inputsFor(plain);

  test('a false claim of a masked value is found before its gate check is sent', async () => {
    const rule = changeField(
      { from: 'b', message: named('maskedGates'), occurrence: batch },
      'values',
      flip(5),
    );
    const { a, sent } = await duel({ program: plain, seed: 4, inputs, cheater: 'b', rule });
    expect(a).toMatchObject({ code: 'ERR_PEER_CHEATED', failed: ['labels of masked gates'] });
    expect(count(sent, 'gateCheck')).toBe(batch);
    expect(sent.filter(({ side, type }) => side === 'a' && type.name === named('openedOutputs'))).toEqual([]);
  });

  test('a wrong gate is found before anything is opened', async () => {
    // Each gate uses a row with probability ¾.
    const rule = changeField(
      { from: 'a', message: named('garbledGates'), occurrence: batch },
      'tables',
      (bytes) => bytes.map((byte) => byte ^ 0x55),
    );
    const { b, sent } = await duel({ program: plain, seed: 4, inputs, cheater: 'a', rule });
    expect(codeOf(b)).toBe('ERR_PEER_CHEATED');
    expect(sent.filter(({ side, type }) => side === 'b' && type.name === named('openedOutputs'))).toEqual([]);
  });
});
