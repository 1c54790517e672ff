import { afterAll, describe, expect, test, vi } from 'vitest';
import { fairTerms } from '../support/fair.ts';
import { attacksOn, honestRuns, inputsFor, runAll } from './harness/campaign.ts';
import { Coverage, equalOutcomes } from './harness/coverage.ts';
import { duel, outcomeOf } from './harness/duel.ts';
import { fairRule } from './harness/fair.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));

const FULL = process.env.PARLEY_FULL !== undefined;
/** In a normal run, one change of every message and some of its fields. */
const STEP = 10;
const terms = await fairTerms({
  ...{ seals: 'none', rule: { name: 'zopa' } },
  range: { min: '0', max: '100', step: '1', unit: 'USD', decimals: 0 },
});
const program = fairRule(terms);
const coverage = new Coverage();
/** The messages of the fair reveal, and those that it shares with others. */
const OWN = /^(escrow\.|seal\.challenge|authenticated\.(fixedBits|openedCombinations)|engagement)/;

test.each(['a', 'b'] as const)(
  'whatever %s changes in a fair reveal, the other party is safe',
  async (from) => {
    const [sent, strange] = await honestRuns(program, 'dealt');
    const last = sent.findLast(({ side }) => side === from)!;
    const attacks = attacksOn(sent, strange, from).filter(({ target: { message } }) => OWN.test(message));
    const chosen = FULL ? attacks : attacks.filter((_, index) => index % STEP === (from === 'a' ? 3 : 7));
    await runAll({ program, baseOts: 'dealt', coverage, last }, chosen);
  },
  600_000,
);

test('honest parties get the outcome', async () => {
  const inputs = inputsFor(program);
  const result = await duel({ program, seed: 7, inputs });
  for (const party of ['a', 'b'] as const) {
    expect(equalOutcomes(outcomeOf(result[party]), program.plain(party, inputs.a, inputs.b))).toBe(true);
  }
});

describe('coverage', () => {
  test('every field of every message has been attacked', () => {
    expect(
      coverage.untested([
        [0x62, 0x63],
        [0x90, 0x9f],
      ]),
    ).toEqual([]);
  });

  afterAll(() => console.log(coverage.table(new Map())));
});
