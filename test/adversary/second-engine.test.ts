import { describe, expect, test, vi } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { attacksOn, honestRuns, inputsFor, runAll, unlessBase } from './harness/campaign.ts';
import { Coverage } from './harness/coverage.ts';
import { duel, outcomeOf } from './harness/duel.ts';
import type { Inside } from './harness/hooks.ts';
import { meet, type Program } from './harness/programs.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));

/** A second engine over the link and the setup of the first, Δ included: a second negotiation of one session. */
function nextEngine(engine: Engine): Engine {
  const { link, random, correlated } = (engine as Inside).context;
  const sessionId = new Uint8Array(32).fill(0xee);
  return new (engine.constructor as Inside)({ link, random, party: engine.party, correlated, sessionId });
}

const twice: Program = {
  name: 'two engines, one setup',
  widths: meet.widths,
  async run(engine, own) {
    const first = await meet.run(engine, own);
    engine.close();
    const next = nextEngine(engine);
    const second = await meet.run(next, own);
    next.close();
    return [...first, ...second];
  },
  plain: (party, a, b) => [...meet.plain(party, a, b), ...meet.plain(party, a, b)],
};

test('two engines over one setup are right, and send nothing twice', async () => {
  const inputs = inputsFor(twice);
  const { a, b, sent } = await duel({ program: twice, seed: 1, inputs });
  expect(outcomeOf(a)).toEqual(twice.plain('a', inputs.a, inputs.b));
  expect(outcomeOf(b)).toEqual(twice.plain('b', inputs.a, inputs.b));
  const fields = sent.flatMap(({ fields }) => Object.values(fields)).filter(({ length }) => length >= 16);
  expect(new Set(fields.map((bytes) => Buffer.from(bytes).toString('hex'))).size).toBe(fields.length);
});

describe.each(['a', 'b'] as const)('nothing that %s sent to the first engine', (from) => {
  test('is any use to it with the second', async () => {
    const [sent, strange] = await honestRuns(twice, 'dealt');
    const replays = attacksOn(sent, strange, from)
      .filter(unlessBase)
      .filter(({ target }) => from === 'a' || target.message !== 'authenticated.maskedInputs') // another input
      .filter(({ change, target }) => change === 'replayed from before' && (target.occurrence ?? 0) > 0);
    expect(replays.length).toBeGreaterThan(10);
    const last = sent.findLast(({ side }) => side === from)!;
    await runAll({ program: twice, baseOts: 'dealt', coverage: new Coverage(), last }, replays);
  });
});
