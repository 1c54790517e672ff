import { createCipheriv } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { hash } from '../../src/crypto/hash.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { tags } from '../../src/crypto/tags.ts';
import { Context } from '../../src/garbling/authenticated/context.ts';
import { GateBatch } from '../../src/garbling/authenticated/gates.ts';
import { bucketSize } from '../../src/garbling/authenticated/parameters.ts';
import { UnitGates } from '../../src/garbling/authenticated/unit-gates.ts';
import { blockAt, isZero, twice, xor } from './harness/blocks.ts';
import { codeOf, duel } from './harness/duel.ts';
import { seedOf } from './harness/engines.ts';
import { hook, type Inside, undoHooks } from './harness/hooks.ts';
import { idealBits } from './harness/ideal-bits.ts';
import { linearInputs } from './harness/linear-tweaks.ts';
import { andsCircuit, circuitFrom, inputsOf, type Program } from './harness/programs.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));
afterEach(undoHooks);

const GATES = 34; // of the first batch, and of each layer of the second: no padding
const SECOND = 2 * GATES;
const SEEDS = process.env.PARLEY_FULL === undefined ? 8 : 64;
/** Domains of the hash at garbling (src/garbling/authenticated/gates.ts). */
const [LEFT, RIGHT] = [16, 18];

const first = andsCircuit(GATES);
/** Gate k of the first layer has both its operands from the first batch; gate GATES + k has it as an operand. */
const second = circuitFrom((c) => {
  const p = c.input(GATES);
  const gamma = p.map((bit, k) => c.and(bit, p[(k + 1) % GATES]!));
  c.output(gamma.map((bit, k) => c.and(bit, p[(k + 2) % GATES]!)));
});

/** Two batches: the wires between them are known to the evaluator, labels and masked values, when it makes its bits for the second. */
const program: Program = {
  name: 'two batches',
  widths: { a: GATES, b: GATES },
  async run(engine, own) {
    const between = engine.apply(first, inputsOf(this, engine, own));
    const shown = await engine.reveal(engine.slice(between, 0, 1), 'both');
    return [shown, await engine.reveal(engine.apply(second, [between]), 'both')];
  },
  plain: () => [],
};

/** What the evaluator needs of the second batch before it makes its bits: the labels between, and the key under which it will be garbled. */
function foreseen(
  batch: { labels: Uint8Array },
  engine: Inside,
): { labels: Uint8Array; hashed(k: number): Uint8Array } {
  const context = engine.context.fork() as Context;
  context.advance('apply', second.digest, 1);
  const key = hash(tags.labelHashKey, 'authenticated gate', context.binding, 0).subarray(0, 16);
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  const h = (label: Uint8Array, gate: number, domain: number) => {
    const words = new Uint32Array(Uint8Array.from([...label, ...new Uint8Array(32)]).buffer);
    linearInputs(words, { first: gate, domains: [domain, 0, 0] });
    const input = new Uint8Array(words.buffer, 0, 16);
    return xor(cipher.update(input), input);
  };
  const at = (k: number) => blockAt(batch.labels, k % GATES);
  return {
    labels: batch.labels,
    /** The label of gate k if both operands' masked values are 0, but for the MACs. */
    hashed: (k) => xor(h(at(k), k, LEFT), h(at(k + 1), k, RIGHT)),
  };
}

/**
 * The evaluator makes all MACs of the second batch zero but for bit 0, and those of the output masks of its first layer such that these
 * gates' labels are apart by what σ takes to the difference of the tweaks under which the second layer hashes them.
 */
function chooseLabels(seed: number, target: Uint8Array) {
  const random = seededRandom(seedOf(seed, 9));
  const leaky = SECOND * bucketSize(SECOND);
  const known = { labels: new Uint8Array(0), engine: undefined as Inside, start: 0 };
  hook(GateBatch, 'sendMaskedGates', 'b', (self: Inside, honestly) => {
    if (self.count === GATES) known.labels = self.context.kernel.read(self.fresh, 16 * GATES);
    return honestly();
  });
  let batches = 0;
  const seated = idealBits('b', {
    macs(_position, count) {
      const macs = random(16 * count);
      batches += 1;
      if (batches === 1) return macs;
      for (let at = 0; at < macs.length; at += 1) macs[at]! &= at % 16 === 0 ? 1 : 0;
      const { hashed } = foreseen(known, known.engine);
      expect(count).toBe(3 * leaky + SECOND);
      for (let k = 0; k < GATES; k += 1) {
        const mac = blockAt(macs, 3 * leaky + k);
        const bit = mac[0]! & 1;
        mac.set(xor(target, twice(GATES + k), hashed(k)));
        mac[0] = (mac[0]! & 0xfe) | bit;
      }
      return macs;
    },
  });
  return (one: Inside) => {
    seated(one);
    if (one.correlated.role === 'evaluator') known.engine = one.engine;
  };
}

/** What the evaluator reads off two gates of the second layer whose hash inputs are the same. */
function readDelta() {
  const read = { collisions: 0, candidates: [] as Uint8Array[] };
  hook(UnitGates, 'evaluate', 'b', (self: Inside, honestly, unit, shares, active, sent) => {
    const { kernel } = self.context;
    const rows = kernel.read(sent.tables, 32 * unit.gates) as Uint8Array;
    honestly(unit, shares, active, sent);
    if (unit.gates !== SECOND) return;
    const array = (pointer: number) => kernel.read(pointer, 16 * SECOND) as Uint8Array;
    const [lefts, rights] = [array(active.lefts), array(active.rights)];
    const [alphas, betas] = [array(shares.alpha.macs), array(shares.beta.macs)];
    for (const right of [false, true]) {
      const [labels, macs] = right ? [rights, alphas] : [lefts, betas];
      for (let i = GATES; i < SECOND; i += 1) {
        for (let j = GATES; j < i; j += 1) {
          if (!isZero(xor(blockAt(labels, i), blockAt(labels, j), twice(i), twice(j)))) continue;
          read.collisions += 1;
          const row = (g: number) => blockAt(rows, 2 * g + Number(right));
          const others = right ? [blockAt(lefts, i), blockAt(lefts, j)] : [];
          read.candidates.push(xor(row(i), row(j), blockAt(macs, i), blockAt(macs, j), ...others));
        }
      }
    }
  });
  return read;
}

/** A build in which the key of the labels' hash follows from what is known in advance. */
function withoutCoins(): void {
  for (const party of ['a', 'b'] as const) {
    hook(Context, 'advance', party, (_self, honestly, step: string, ...parts) => {
      if (step !== 'coins') honestly(step, ...parts);
    });
  }
}

test.each([
  {
    title: 'in a build whose key is known in advance, they give all of the garbler’s Δ',
    build: withoutCoins,
    finds: true,
  },
  { title: 'under a key that the coins decide, they give nothing', build: () => undefined, finds: false },
])(
  'labels that an evaluator would choose by its MACs: $title',
  async ({ build, finds }) => {
    const seen = { collisions: 0, found: 0 };
    for (let seed = 0; seed < SEEDS; seed += 1) {
      build();
      const target = seededRandom(seedOf(seed, 10))(16);
      const seated = chooseLabels(seed, target);
      const read = readDelta();
      let delta: Uint8Array | undefined;
      const random = seededRandom(seedOf(seed, 11));
      const { a, b } = await duel({
        program,
        seed,
        inputs: { a: random(GATES).map((byte) => byte & 1), b: random(GATES).map((byte) => byte & 1) },
        cheater: 'b',
        seated(one) {
          seated(one);
          if (one.correlated.role === 'garbler') delta = one.kernel.read(one.correlated.delta, 16);
        },
      });
      undoHooks();
      expect([codeOf(a), codeOf(b)]).toEqual([undefined, undefined]);
      seen.collisions += read.collisions;
      seen.found += Number(read.candidates.some((candidate) => isZero(xor(candidate, delta!))));
    }
    if (finds) expect(seen.found).toBeGreaterThan(SEEDS / 2);
    else expect(seen).toEqual({ collisions: 0, found: 0 });
  },
  300_000,
);
