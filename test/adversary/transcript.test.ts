import { afterEach, describe, expect, test, vi } from 'vitest';
import { bigintToBits, packBits } from '../../src/circuit/bits.ts';
import { evaluateCircuit } from '../../src/circuit/evaluate.ts';
import { AuthenticatedEngine } from '../../src/engine/authenticated/engine.ts';
import { AuthenticatedProver } from '../../src/engine/authenticated/prover.ts';
import type { Bits, Party, Queue } from '../../src/engine/engine.ts';
import { proofBits } from '../../src/garbling/authenticated/proof.ts';
import { duel, other } from './harness/duel.ts';
import { hook, type Inside, undoHooks } from './harness/hooks.ts';
import {
  circuitFrom,
  fingerprintsOf,
  inputsOf,
  meet,
  meetCircuit,
  meetFingerprinted,
  type Program,
} from './harness/programs.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));
// So low that a program which is prepared has a batch for each of its circuits.
vi.mock('../../src/engine/ahead-limits.ts', () => ({ AHEAD_BATCH: 20, AHEAD_LIMIT: 1 << 21 }));

/** Seeded runs for each of two inputs. Few show what is sent in the clear, and as much as nearly always agrees; in full a bias of one in eight is seen. */
const FEW = 36;
const FULL = process.env.PARLEY_FULL !== undefined;
const RUNS = FULL ? 2_000 : FEW;
const WIDTH = 7;

/** The observed party's two inputs, complements of each other, and the peer's: no deal with either. */
const inputs = { a: { own: [33n, 94n], peer: 5n }, b: { own: [33n, 94n], peer: 120n } } as const;

/** Every number is entered twice, and met once in each of two batches, all prepared. */
const twice: Program = {
  name: 'meet twice, prepared',
  widths: { a: WIDTH, b: WIDTH },
  async run(engine, own) {
    const circuit = meetCircuit(WIDTH);
    const both = (queue: Queue, bits?: Bits) =>
      [0, 1].map(() => {
        const enter = (owner: Party) => queue.input(owner, WIDTH, owner === engine.party ? bits : undefined);
        return queue.apply(circuit, [enter('a'), enter('b')]);
      });
    await engine.prepare(0, (queue) => void both(queue));
    return [await engine.reveal(engine.concat(...both(engine, own)), 'both')];
  },
  plain: (_party, a, b) => {
    const met = evaluateCircuit(meetCircuit(WIDTH), [a, b]);
    return [Uint8Array.of(...met, ...met)];
  },
};

/** Three bits multiplied in one order, and added to the same in the other order: it gives zeros for any input. */
const zeros = circuitFrom((c) => {
  const x = c.input(WIDTH);
  const one = c.and(c.and(x[1]!, x[2]!), x[3]!);
  const other = c.and(x[1]!, c.and(x[2]!, x[3]!));
  c.output([c.xor(one, other)]);
});

/** Numbers are fingerprinted, and something is proved about them that shows nothing. */
const shown: Program = {
  ...meetFingerprinted,
  name: 'meet, fingerprinted and proved',
  async run(given, own) {
    const engine = given as AuthenticatedEngine;
    engine.expectProof(zeros.ands);
    engine.maskFingerprints((engine as Inside).context.random(16));
    const inputs = inputsOf(this, engine, own);
    engine.fingerprint(...inputs);
    const [mine, theirs] = engine.party === 'a' ? inputs : inputs.toReversed();
    const { send, receive } = fingerprintsOf(engine);
    const release = {
      send: async () => {
        await engine.sendProof(zeros, [mine!], own);
        await send();
      },
      receive: async () => {
        expect(await engine.receiveProof(zeros, [theirs!])).toEqual(Uint8Array.of(0));
        await receive();
      },
    };
    const nothing = { send: async () => undefined, receive: async () => undefined };
    return [await engine.reveal(engine.apply(meetCircuit(WIDTH), inputs), 'both', release, nothing)];
  },
};

/** Ones in each bit position of the transcript. */
class Counts {
  readonly ones: Uint32Array;

  constructor(bits: number) {
    this.ones = new Uint32Array(bits);
  }

  /** Adds every bit of `bytes`, XORed with `bit`. */
  add(bytes: Uint8Array, bit: number): void {
    for (let i = 0; i < bytes.length; i += 1) {
      const byte = bytes[i]! ^ -bit;
      for (let j = 0; j < 8; j += 1) this.ones[8 * i + j]! += (byte >> j) & 1;
    }
  }
}

/** How far transcript bits agree with the party's input, and with its own shares of its inputs' masks, at most. */
async function correlations(
  party: 'a' | 'b',
  runs: number,
  program: Program = meet,
): Promise<{ input: number; masks: number; bits: number }> {
  let counts: { input: [Counts, Counts]; masks: Counts[] } | undefined;
  let bits = 0;
  let masks: number[] = [];
  hook(AuthenticatedEngine, 'maskOwnInputs', party, (self, honestly, batch) => {
    const { node } = batch.inputs.findLast(
      (piece: { node: { owner: string } }) => piece.node.owner === party,
    );
    masks = Array.from({ length: WIDTH }, (_, i) => self.kernel.read(node.storage.macs + 16 * i, 1)[0] & 1);
    return honestly(batch);
  });
  for (let run = 0; run < runs; run += 1) {
    for (const choice of [0, 1] as const) {
      const own = bigintToBits(inputs[party].own[choice], WIDTH);
      const peer = bigintToBits(inputs[party].peer, WIDTH);
      const given = party === 'a' ? { a: own, b: peer } : { a: peer, b: own };
      const { sent } = await duel({ program, seed: 2 * run + choice, inputs: given });
      const parts = sent.filter(({ side }) => side === party).flatMap(({ fields }) => Object.values(fields));
      const transcript = Buffer.concat(parts);
      bits = 8 * transcript.length;
      counts ??= {
        input: [new Counts(bits), new Counts(bits)],
        masks: masks.map(() => new Counts(bits)),
      };
      counts.input[choice].add(transcript, 0);
      for (const [wire, mask] of masks.entries()) counts.masks[wire]!.add(transcript, mask);
    }
  }
  undoHooks();
  const [zero, one] = counts!.input;
  let input = 0;
  let byMask = 0;
  for (let i = 0; i < bits; i += 1) {
    if (zero.ones[i] === one.ones[i] && zero.ones[i]! % runs === 0) continue; // a constant: padding
    input = Math.max(input, Math.abs(zero.ones[i]! - one.ones[i]!));
    for (const { ones } of counts!.masks) byMask = Math.max(byMask, Math.abs(ones[i]! - runs));
  }
  return { input, masks: byMask, bits };
}

/**
 * Hoeffding's bound over all comparisons. Input: P(|n₀ − n₁| ≥ t) ≤ 2·exp(−t² / runs) a bit. Masks: P(|n − runs| ≥ t) ≤ 2·exp(−t² / runs) for
 * each bit and wire, in 2·runs runs.
 */
const threshold = (runs: number, comparisons: number) => Math.sqrt(runs * Math.log((2 * comparisons) / 1e-7));

afterEach(undoHooks);

describe.each(['a', 'b'] as const)(`over 2 · ${RUNS} runs, what %s sends`, (party) => {
  test('does not correlate with its input, nor with its own shares of its inputs’ masks, in any bit', async () => {
    const { input, masks, bits } = await correlations(party, RUNS);
    expect(bits).toBeGreaterThan(50_000);
    expect(input).toBeLessThan(threshold(RUNS, bits));
    expect(masks).toBeLessThan(threshold(RUNS, bits * WIDTH));
  }, 900_000);

  test('nor does it with fingerprints and proofs', async () => {
    const { input, masks, bits } = await correlations(party, RUNS, shown);
    expect(bits).toBeGreaterThan(50_000);
    expect(input).toBeLessThan(threshold(RUNS, bits));
    expect(masks).toBeLessThan(threshold(RUNS, bits * WIDTH));
  }, 900_000);

  test('nor does it where everything is prepared, in two batches', async () => {
    const runs = Math.max(FEW, RUNS / 2);
    const { input, masks, bits } = await correlations(party, runs, twice);
    expect(bits).toBeGreaterThan(50_000);
    expect(input).toBeLessThan(threshold(runs, bits));
    expect(masks).toBeLessThan(threshold(runs, bits * WIDTH));
    expect(threshold(runs, bits)).toBeLessThan(runs);
  }, 900_000);
});

// Both parties are watched alike: that planted faults are seen to is tried at one of them, in full at both.
describe.each(FULL ? (['a', 'b'] as const) : (['a'] as const))('what %s sends', (party) => {
  test('would be seen to, if it sent its input in the clear', async () => {
    hook(AuthenticatedEngine, 'maskOwnInputs', party, (_self, honestly, batch) => {
      const [{ node }] = batch.inputs.filter(
        (piece: { node: { owner: string } }) => piece.node.owner === party,
      );
      const raw = packBits(node.bits);
      honestly(batch);
      return raw;
    });
    const { input, bits } = await correlations(party, FEW);
    expect(input).toBeGreaterThan(threshold(FEW, bits));
  }, 900_000);

  test('would be seen to, if it sent its own shares of masks', async () => {
    hook(AuthenticatedEngine, 'maskOwnInputs', party, (self, honestly, batch) => {
      const [{ node }] = batch.inputs.filter(
        (piece: { node: { owner: string } }) => piece.node.owner === party,
      );
      const shares = Array.from(
        { length: WIDTH },
        (_, i) => self.kernel.read(node.storage.macs + 16 * i, 1)[0] & 1,
      );
      honestly(batch);
      return packBits(Uint8Array.from(shares));
    });
    const { masks, bits } = await correlations(party, FEW);
    expect(masks).toBeGreaterThan(threshold(FEW, bits * WIDTH));
  }, 900_000);

  test('would be seen to, if the random bits of its proof were zeros', async () => {
    expect(zeros.ands).toBe(4);
    for (const each of ['a', 'b'] as const) {
      hook(AuthenticatedProver, 'takeBits', each, (self, honestly) => {
        const shares = honestly();
        for (const blocks of [shares.keys, shares.macs]) {
          self.kernel.view(blocks, 16 * proofBits(zeros.ands)).fill(0);
        }
        return shares;
      });
    }
    const { input, bits } = await correlations(party, FEW, shown);
    expect(input).toBeGreaterThan(threshold(FEW, bits));
  }, 900_000);
});

describe.each(['a', 'b'] as const)('what %s sends', (party) => {
  test.each([meet, twice, shown])('is as long for one input as for another: $name', async (program) => {
    const lengths = new Set<string>();
    for (const value of [0n, 1n, 64n, 127n]) {
      for (const peer of [0n, 77n, 127n]) {
        const given = { [party]: bigintToBits(value, WIDTH), [other(party)]: bigintToBits(peer, WIDTH) };
        const { sent } = await duel({
          program,
          seed: 1,
          inputs: given as { a: Uint8Array; b: Uint8Array },
        });
        lengths.add(
          sent
            .map(
              ({ side, type, fields }) =>
                `${side} ${type.id} ${Object.values(fields).map(({ length }) => length)}`,
            )
            .join(),
        );
      }
    }
    expect(lengths.size).toBe(1);
  });
});
