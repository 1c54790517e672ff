import { afterEach, expect, test, vi } from 'vitest';
import { tags } from '../../src/crypto/tags.ts';
import { GateBatch } from '../../src/garbling/authenticated/gates.ts';
import { gateCheck } from '../../src/garbling/authenticated/messages.ts';
import { changeField, flip } from './harness/changes.ts';
import { codeOf, duel } from './harness/duel.ts';
import { hook, undoHooks } from './harness/hooks.ts';
import { circuitFrom, once } from './harness/programs.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));

const WIDTH = 8;
const FULL = process.env.PARLEY_FULL !== undefined;
const SEEDS = FULL ? 200 : 20;

/** Gate 0 is u = b₀ ∧ b₁, gate 1 + i is u ∧ aᵢ: with b = 0 the outcome says nothing of a. */
const program = once(
  'own bit and theirs',
  circuitFrom((c) => {
    const [a, b] = [c.input(WIDTH), c.input(2)];
    const u = c.and(b[0]!, b[1]!);
    c.output(a.map((bit) => c.and(bit, u)));
  }),
);

afterEach(undoHooks);

/**
 * The evaluator lies about Λ of u. Then c of gate 1 + i is aᵢ, and the garbler's answer is a hash of MACs that the evaluator can compute
 * for either value: for all guesses at a, before the answer comes.
 */
function readAnswer(): { bits: number[] | undefined } {
  const read: { bits: number[] | undefined } = { bits: undefined };
  const guesses = new Map<string, number[]>();
  hook(GateBatch, 'expectCheck', 'b', (self, honestly) => {
    const { context, count } = self;
    const { kernel } = context;
    const lie = (blocks: number, gate: number) => {
      kernel.view(blocks + 16 * gate, 1)[0] ^= 1;
    };
    lie(self.fresh, 0);
    for (let gate = 1; gate < count; gate += 1) lie(self.rights, gate);
    honestly();
    const delta = kernel.read(context.delta, 16);
    const toggle = (gate: number) => {
      const block = kernel.view(self.sigma.keys + 16 * gate, 16);
      for (let j = 0; j < 16; j += 1) block[j] ^= delta[j];
    };
    toggle(0);
    for (let guess = 0; guess < 1 << WIDTH; guess += 1) {
      const bits = Array.from({ length: WIDTH }, (_, i) => (guess >> i) & 1);
      const apply = () => {
        for (const [i, bit] of bits.entries()) if (bit === 1) toggle(1 + i);
      };
      apply();
      const keys = context.blocks(self.sigma.keys, count);
      const digest = context.digest(tags.authenticatedGates, 'garbler', 'gate check', keys);
      apply();
      guesses.set(Buffer.from(digest).toString('hex'), bits);
    }
    return new Uint8Array(32);
  });
  hook(GateBatch, 'receiveGateCheck', 'b', async (self) => {
    const { macs } = await self.context.link.receive(gateCheck, undefined);
    read.bits = guesses.get(Buffer.from(macs).toString('hex'));
  });
  return read;
}

const lie = changeField({ from: 'b', message: 'authenticated.maskedGates' }, 'values', flip(0));
const inputs = (seed: number) => ({
  a: Uint8Array.from({ length: WIDTH }, (_, i) => ((seed * 37 + 11) >> i) & 1),
  b: new Uint8Array(2),
});

test('a lying evaluator reads the garbler’s whole input off the gate check, if labels are not verified first', async () => {
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const read = readAnswer();
    await duel({
      program,
      seed,
      inputs: inputs(seed),
      cheater: 'b',
      rule: lie,
      off: ['labels of masked gates'],
    });
    expect(read.bits).toEqual([...inputs(seed).a]);
    undoHooks();
  }
}, 120_000);

test('the garbler does not answer a lying evaluator', async () => {
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const read = readAnswer();
    const { a, sent } = await duel({ program, seed, inputs: inputs(seed), cheater: 'b', rule: lie });
    expect(codeOf(a)).toBe('ERR_PEER_CHEATED');
    expect(a.failed).toEqual(['labels of masked gates']);
    expect(sent.map(({ type }) => type)).not.toContain(gateCheck);
    expect(sent.at(-1)!.type.name).toBe('authenticated.maskedGates');
    expect(read.bits).toBeUndefined();
    undoHooks();
  }
}, 120_000);
