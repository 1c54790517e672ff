import { afterAll, describe, expect, test, vi } from 'vitest';
import { AuthenticatedEngine } from '../../src/engine/authenticated/engine.ts';
import { maskWidth } from '../../src/seals/index.ts';
import { attacksOn, honestRuns, inputsFor, runAll } from './harness/campaign.ts';
import { changeField, flip } from './harness/changes.ts';
import { Coverage, equalOutcomes } from './harness/coverage.ts';
import { codeOf, duel, other, outcomeOf } from './harness/duel.ts';
import { hook, undoHooks } from './harness/hooks.ts';
import { sealedMeet, sealedMenu } from './harness/sealed.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));

const FULL = process.env.PARLEY_FULL !== undefined;
/** In a normal run, one change of every field and one of every message. */
const STEP = 9;
/** Bits of a menu's reservation. */
const RESERVATION = 17;
const coverage = new Coverage();
const isAbout = (part: string) => (attack: { target: { message: string } }) =>
  attack.target.message.startsWith(part);

describe.each(['a', 'b'] as const)(
  'whatever %s changes in its seal and link, the other party is safe',
  (from) => {
    test.each([
      ['keys that are known', false, 'seal.'],
      ['the proof', false, 'authenticated.proof'],
      ['keys seen for the first time', true, 'seal.key'],
    ] as const)(
      '%s',
      async (_, strangers, part) => {
        const program = sealedMeet(strangers);
        const [sent, strange] = await honestRuns(program, 'dealt');
        const last = sent.findLast(({ side }) => side === from)!;
        const attacks = attacksOn(sent, strange, from)
          .filter(isAbout(part))
          // A proof that is not looked at is attacked where it is.
          .filter(({ target, field }) => strangers || target.message !== 'seal.key' || field !== 'proof');
        const chosen = FULL ? attacks : attacks.filter((_, index) => index % STEP === (from === 'a' ? 0 : 4));
        await runAll({ program, baseOts: 'dealt', coverage, last }, chosen);
      },
      240_000,
    );

    test('a commitment, and the fingerprint of what is committed to', async () => {
      const program = sealedMenu();
      const [sent, strange] = await honestRuns(program, 'dealt');
      const last = sent.findLast(({ side }) => side === from)!;
      const attacks = attacksOn(sent, strange, from).filter(({ target: { message } }) =>
        ['seal.commitment', 'authenticated.fingerprint'].includes(message),
      );
      const chosen = FULL ? attacks : attacks.filter((_, index) => index % 3 === (from === 'a' ? 0 : 1));
      await runAll({ program, baseOts: 'dealt', coverage, last }, chosen);
    }, 240_000);

    test('the reservation that it enters, where a menu is sealed', async () => {
      const program = sealedMenu();
      const inputs = inputsFor(program);
      // Its masked inputs are those of the mask m and then of the reservation; in a proof it is the other way round.
      const mask = maskWidth(RESERVATION);
      for (const bit of FULL ? [0, mask - 1, mask, mask + 3, mask + RESERVATION - 1] : [mask]) {
        let first = true;
        hook(AuthenticatedEngine, 'maskOwnInputs', from, (_self, honestly, batch) => {
          const values = honestly(batch);
          if (first) values[bit >> 3]! ^= 1 << (bit & 7);
          first = false;
          return values;
        });
        const run = async () => (await duel({ program, seed: 7, inputs, cheater: from }))[other(from)];
        const caught = { code: 'ERR_PEER_CHEATED' };
        // It proves what it has sealed, which is not what it has entered; then what it has entered, which is not what it has sealed. No AND gate reads the top bit
        // of a sum: there it is the output that does not fit.
        const ending = await run();
        expect(ending).toMatchObject(caught);
        expect([['proof'], ['macs of proof']]).toContainEqual('failed' in ending ? ending.failed : undefined);
        first = true;
        hook(AuthenticatedEngine, 'sendProof', from, (_self, honestly, circuit, wires, bits) => {
          const entered = bits.slice();
          entered[bit < mask ? RESERVATION + bit : bit - mask] ^= 1;
          return honestly(circuit, wires, entered);
        });
        expect(await run()).toMatchObject({ ...caught, failed: ['seal link'] });
        undoHooks();
      }
    }, 60_000);

    test('its masked inputs', async () => {
      const program = sealedMeet(false);
      const inputs = inputsFor(program);
      // Its mask has 124 bits; the 7 of its number follow.
      for (const bit of FULL ? [0, 40, 86, 123, 124, 130] : [3, 127]) {
        const rule = changeField({ from, message: 'authenticated.maskedInputs' }, 'values', flip(bit));
        const result = await duel({ program, seed: 7, inputs, cheater: from, rule });
        expect(codeOf(result[other(from)])).toBe('ERR_PEER_CHEATED');
      }
    }, 60_000);
  },
);

test.each([false, true])('honest parties get the outcome (strangers: %s)', async (strangers) => {
  const program = sealedMeet(strangers);
  const inputs = inputsFor(program);
  const result = await duel({ program, seed: 7, inputs });
  for (const party of ['a', 'b'] as const) {
    expect(equalOutcomes(outcomeOf(result[party]), program.plain(party, inputs.a, inputs.b))).toBe(true);
  }
});

describe('coverage', () => {
  test('every field of every message has been attacked', () => {
    expect(coverage.untested([[0x80, 0x8f]])).toEqual([]);
  });

  afterAll(() => console.log(coverage.table(new Map())));
});
