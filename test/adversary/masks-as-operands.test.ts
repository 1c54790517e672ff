import { afterEach, expect, test, vi } from 'vitest';
import { Preparation } from '../../src/garbling/authenticated/preparation.ts';
import { changeField, flip } from './harness/changes.ts';
import { codeOf, duel, outcomeOf } from './harness/duel.ts';
import { hook, undoHooks } from './harness/hooks.ts';
import { ands } from './harness/programs.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));

const FULL = process.env.PARLEY_FULL !== undefined;
const RUNS = FULL ? 2_000 : 100;
const GATES = 34;
const LEAKY = 7 * GATES;
const program = ands(GATES);

afterEach(undoHooks);

/** A build that makes the mask of the evaluator's first input the x of the first leaky AND. */
function useMaskInPlace(): void {
  const mask = 3 * LEAKY + GATES + GATES; // after x, y, r, output masks and the garbler's input masks
  for (const party of ['a', 'b'] as const) {
    hook(Preparation, 'divide', party, (self, honestly) => {
      const { kernel } = self.context;
      for (const plane of [self.keys, self.macs]) {
        if (plane !== undefined) kernel.write(plane, kernel.read(plane + 16 * mask, 16));
      }
      return honestly();
    });
  }
}

/**
 * The garbler adds a constant to its first G, and in the runs it survives guesses that the evaluator's share of its first input's
 * mask is zero. Gives how often it survived, and how often it was right.
 */
async function attack(): Promise<{ survived: number; right: number }> {
  let survived = 0;
  let right = 0;
  const rule = changeField({ from: 'a', message: 'authenticated.leakyCiphertexts' }, 'ciphertexts', flip(77));
  for (let seed = 0; seed < RUNS; seed += 1) {
    const secret = (seed >> 1) & 1;
    const inputs = {
      a: new Uint8Array(GATES), // the outcome tells nothing
      b: Uint8Array.from({ length: GATES }, (_, i) => (i === 0 ? secret : i & 1)),
    };
    const { b, sent } = await duel({ program, seed, inputs, cheater: 'a', rule });
    if (codeOf(b) !== undefined) {
      expect(b.failed).toEqual(['equality of leaky ands']);
      continue;
    }
    expect(outcomeOf(b)).toEqual(program.plain('b', inputs.a, inputs.b));
    survived += 1;
    const firstBit = (side: string, name: string, field: string) =>
      sent.find(({ side: from, type }) => from === side && type.name === `authenticated.${name}`)!.fields[
        field
      ]![0]! & 1;
    const guess = firstBit('b', 'maskedInputs', 'values') ^ firstBit('a', 'openedMasks', 'bits');
    right += Number(guess === secret);
  }
  return { survived, right };
}

/** Six standard deviations of `runs` fair coins: false alarm below 10⁻⁸. */
const slack = (runs: number) => 3 * Math.sqrt(runs);

test('a circuit mask as operand of a leaky AND: who survives the attack has read the input', async () => {
  useMaskInPlace();
  const { survived, right } = await attack();
  expect(Math.abs(survived - RUNS / 2)).toBeLessThan(slack(RUNS));
  expect(right).toBe(survived);
}, 900_000);

test('random operands: the same attack survives as often and reads nothing', async () => {
  const { survived, right } = await attack();
  expect(Math.abs(survived - RUNS / 2)).toBeLessThan(slack(RUNS));
  expect(Math.abs(right - survived / 2)).toBeLessThan(slack(survived));
}, 900_000);

test('what is opened to fit triples is λ ⊕ x: never zero throughout, as it would be for masks in place', async () => {
  for (let seed = 0; seed < 20; seed += 1) {
    const inputs = { a: new Uint8Array(GATES), b: new Uint8Array(GATES) };
    const { sent } = await duel({ program, seed, inputs });
    const fits = sent
      .filter(({ type }) => type.name === 'authenticated.openedFits')
      .map(({ fields }) => fields.bits!);
    expect(fits).toHaveLength(2);
    const opened = fits[0]!.reduce((ones, byte, i) => ones + bitCount(byte ^ fits[1]![i]!), 0);
    expect(Math.abs(opened - GATES)).toBeLessThan(slack(2 * GATES));
  }
});

const bitCount = (byte: number) => byte.toString(2).replaceAll('0', '').length;
