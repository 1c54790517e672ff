import { afterEach, describe, expect, test, vi } from 'vitest';
import { AuthenticatedEngine } from '../../src/engine/authenticated/engine.ts';
import { messageTypes } from '../../src/link/message.ts';
import { honestRuns, inputsFor, runAll } from '../adversary/harness/campaign.ts';
import { changeField, drop, flip, messageChanges, setFields } from '../adversary/harness/changes.ts';
import { Coverage } from '../adversary/harness/coverage.ts';
import { duel, type Rule } from '../adversary/harness/duel.ts';
import { dropHooks, hook, undoHooks } from '../adversary/harness/hooks.ts';
import { meet } from '../adversary/harness/programs.ts';

vi.mock('../../src/crypto/check.ts', () => import('../adversary/harness/checks.ts'));

const attack = (message: string, field: string) => () => changeField({ from: 'a', message }, field, flip(0));
const run = (rule?: Rule) =>
  duel({ program: meet, seed: 1, inputs: inputsFor(meet), cheater: 'b', ...(rule && { rule }) });

describe('C14: an attack is on something', () => {
  afterEach(() => void dropHooks());

  test('C14: on a message that nobody declares, it throws', () => {
    expect(messageTypes().map(({ name }) => name)).toContain('COT batch');
    expect(attack('COT bach', 'macHash')).toThrow('COT bach');
    const target = { from: 'a', message: 'COT bach' } as const;
    expect(() => drop(target)).toThrow('COT bach');
    expect(() => setFields(target, {})).toThrow('COT bach');
    for (const change of Object.values(messageChanges)) expect(() => change(target, [])).toThrow('COT bach');
  });

  test('C14: on a field that its message does not have, it throws', () => {
    expect(attack('COT batch', 'macHahs')).toThrow('macHahs');
    expect(() => setFields({ from: 'a', message: 'COT batch' }, { macHahs: new Uint8Array(32) })).toThrow(
      'macHahs',
    );
  });

  test('C14: on one that is declared, it does not', () => {
    expect(attack('COT batch', 'macHash')).not.toThrow();
  });

  test('C14: a rule that changes nothing in a run fails it', async () => {
    const never = changeField({ from: 'b', message: 'COT batch', occurrence: 999 }, 'macHash', flip(0));
    await expect(run(never)).rejects.toThrow('changed nothing');
    await expect(
      run(changeField({ from: 'b', message: 'COT batch' }, 'macHash', flip(0))),
    ).resolves.toBeDefined();
  });

  test('C14: a campaign without attacks, or whose message is never sent, fails', async () => {
    const [sent] = await honestRuns(meet, 'dealt');
    const campaign = {
      program: meet,
      baseOts: 'dealt',
      coverage: new Coverage(),
      last: sent.at(-1)!,
    } as const;
    await expect(runAll(campaign, [])).rejects.toThrow();
    const target = { from: 'b', message: 'COT batch', occurrence: 999 } as const;
    const nowhere = { target, field: undefined, change: 'empty', rule: messageChanges.empty!(target, sent) };
    await expect(runAll(campaign, [nowhere])).rejects.toThrow('never sent');
  });

  test('C14: a hook that nothing comes to fails its test', async () => {
    hook(AuthenticatedEngine, 'maskFingerprints', 'b', (_self, honestly, mask) => honestly(mask));
    await run();
    expect(undoHooks).toThrow('maskFingerprints of b');
    hook(AuthenticatedEngine, 'maskOwnInputs', 'b', (_self, honestly, batch) => honestly(batch));
    await run();
    expect(undoHooks).not.toThrow();
  });
});
