import { createCipheriv, createDecipheriv } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { hash } from '../../src/crypto/hash.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { tags } from '../../src/crypto/tags.ts';
import type { AuthenticatedEngine } from '../../src/engine/authenticated/engine.ts';
import { bucketSize, LEAKY_PER_KEY } from '../../src/garbling/authenticated/parameters.ts';
import { ChosenKeyHash } from '../../src/garbling/chosen-hash.ts';
import { blockAt, isZero, twice, xor } from './harness/blocks.ts';
import { type Found, search } from './harness/coincidences.ts';
import { codeOf, duel, other } from './harness/duel.ts';
import { seedOf } from './harness/engines.ts';
import { hook, type Inside, undoHooks } from './harness/hooks.ts';
import { idealBits } from './harness/ideal-bits.ts';
import { linearTweaks } from './harness/linear-tweaks.ts';
import type { Program } from './harness/programs.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));
// The cheater picks its MACs where SoftSpoken OT makes bits (`idealBits`), so that makes all of them, however many there are.
vi.mock(import('../../src/garbling/authenticated/silent-plan.ts'), async (original) => ({
  ...(await original()),
  planFor: (count: number) => ({ stocked: 0, spoken: count, rounds: [] }),
}));
afterEach(undoHooks);

const FULL = process.env.PARLEY_FULL !== undefined;
/** Triples made in a run: 12,176 leaky ANDs, or 2¹⁸, of which four runs make a million. */
const ANDS = FULL ? 1 << 16 : 3_044;
const LEAKY = ANDS * bucketSize(ANDS);
const SEEDS = FULL ? [1, 2] : [1];
const DOMAIN = { a: 1, b: 2 } as const;

/** The public π of the leaky ANDs of one run. */
class Pi {
  private readonly binding: Uint8Array;
  private readonly keys: Uint8Array[] = [];

  constructor(binding: Uint8Array) {
    this.binding = binding;
  }

  forward(block: Uint8Array, leaky: number): Uint8Array {
    return createCipheriv('aes-128-ecb', this.key(leaky), null).setAutoPadding(false).update(block);
  }

  backward(block: Uint8Array, leaky: number): Uint8Array {
    return createDecipheriv('aes-128-ecb', this.key(leaky), null).setAutoPadding(false).update(block);
  }

  private key(leaky: number): Uint8Array {
    const epoch = Math.floor(leaky / LEAKY_PER_KEY);
    this.keys[epoch] ??= hash(tags.labelHashKey, 'leaky and', this.binding, epoch).subarray(0, 16);
    return this.keys[epoch]!;
  }
}

const number = (block: Uint8Array) => BigInt(`0x${Buffer.from(block).reverse().toString('hex')}`);
const block = (value: bigint) =>
  Uint8Array.from(Buffer.from(BigInt.asUintN(128, value).toString(16).padStart(32, '0'), 'hex').reverse());
const tweak = (leaky: number, domain: number) => block((BigInt(domain) << 64n) | BigInt(leaky));

/** What a MAC is chosen by: the leaky AND it is for, π, the domains of the victim's keys and of the cheater's own, and a block that stays the same. */
interface Situation {
  readonly pi: Pi;
  readonly victim: number;
  readonly cheater: number;
  readonly fixed: Uint8Array;
  readonly before: Uint8Array;
}

/** How the cheater picks M[x] of leaky AND i. Each pattern has every ninth leaky AND. */
const patterns: Readonly<Record<string, (i: number, situation: Situation) => Uint8Array>> = {
  'all equal': (_, { fixed }) => fixed,
  'apart by the tweaks’ difference': (i, { fixed, victim }) => xor(fixed, tweak(i, victim)),
  'apart by what σ takes to the tweaks’ difference': (i, { fixed }) => xor(fixed, twice(i)),
  'an arithmetic progression': (i, { fixed }) => block(number(fixed) + BigInt(i) * 0x1_0000_0000_0000_0001n),
  'apart by one bit': (i, { fixed }) => xor(fixed, block(1n << BigInt(i % 128))),
  'so that the cheater’s own second inputs are equal': (i, { fixed, pi, victim }) =>
    pi.backward(xor(fixed, tweak(i, victim)), i),
  'so that the cheater’s own second inputs are a MAC': (i, { fixed, pi, victim }) =>
    pi.backward(xor(fixed, tweak(i, victim)), i - 1 < 0 ? i : i - 1),
  'each π of the one before': (i, { before, pi }) => pi.forward(before, i),
  'apart from the other domain’s by the domains’ difference': (i, { fixed, victim, cheater }) =>
    xor(fixed, twice(i), tweak(0, victim), tweak(0, cheater)),
};
const names = Object.keys(patterns);

/** Makes triples, and nothing else. */
const preparing: Program = {
  name: 'preparing',
  widths: { a: 0, b: 0 },
  async run(engine) {
    await engine.prepare(ANDS);
    return [];
  },
  plain: () => [],
};

/** What the cheater learns in a run on the ideal functionality, and the secrets that it wants. */
interface Run {
  /** G ⊕ H(M[x]) ⊕ M[y] ⊕ K[y] of each leaky AND: H(M[x] ⊕ Δ) ⊕ y·Δ, plus the cheater's own Δ or not. */
  readonly residues: Uint8Array;
  readonly ciphertexts: Uint8Array;
  /** The honest party's hashes: three a leaky AND. */
  readonly hashes: Uint8Array;
  readonly delta: Uint8Array;
  readonly cheaterDelta: Uint8Array;
}

async function run(cheater: 'a' | 'b', seed: number): Promise<Run> {
  const honest = other(cheater);
  const random = seededRandom(seedOf(seed, 9));
  const deltas: Partial<Record<'a' | 'b', Uint8Array>> = {};
  const ciphertexts = new Uint8Array(16 * LEAKY);
  const hashes = new Uint8Array(48 * LEAKY);
  const own = {
    hashes: new Uint8Array(16 * LEAKY),
    y: new Uint8Array(16 * LEAKY),
    keys: new Uint8Array(16 * LEAKY),
  };
  let engine: Inside;
  let before: Uint8Array = random(16);
  const fixed = random(16);

  const seated = idealBits(cheater, {
    macs(position, count) {
      const macs = random(16 * count);
      const pi = new Pi(engine.context.binding);
      for (let at = 0; at < count; at += 1) {
        const i = Math.floor((position + at) / 3);
        const part = (position + at) % 3; // x, y and r of one leaky AND after another
        if (i >= LEAKY) break;
        if (part === 0) {
          const situation = { pi, victim: DOMAIN[honest], cheater: DOMAIN[cheater], fixed, before };
          before = patterns[names[i % names.length]!]!(i, situation);
          macs.set(before, 16 * at);
        } else if (part === 1) own.y.set(blockAt(macs, at), 16 * i);
      }
      return macs;
    },
    // the same blocks on the other party's x as its own MACs: the two domains are all that keeps them apart
    keys(position, count) {
      const keys = random(16 * count);
      for (let at = 0; at < count; at += 1) {
        const i = (position + at) / 3;
        if (Number.isInteger(i) && i < LEAKY) keys.set(xor(fixed, twice(i)), 16 * at);
      }
      return keys;
    },
  });
  hook(
    ChosenKeyHash,
    'hashRows',
    honest,
    (self: Inside, honestly, inner, outer, rows: number, tweaks, epoch) => {
      honestly(inner, outer, rows, tweaks, epoch);
      const [u, v] = [self.kernel.view(inner, 48 * rows), self.kernel.view(outer, 48 * rows)];
      for (let j = 0; j < u.length; j += 1) hashes[48 * tweaks.first + j] = u[j] ^ v[j];
    },
  );
  hook(
    ChosenKeyHash,
    'hashRows',
    cheater,
    (self: Inside, honestly, inner, outer, rows: number, tweaks, epoch) => {
      honestly(inner, outer, rows, tweaks, epoch);
      const [u, v] = [self.kernel.view(inner, 48 * rows), self.kernel.view(outer, 48 * rows)];
      for (let i = 0; i < rows; i += 1) {
        for (let j = 0; j < 16; j += 1)
          own.hashes[16 * (tweaks.first + i) + j] = u[48 * i + 32 + j] ^ v[48 * i + 32 + j];
      }
    },
  );
  const { TripleProtocol } = await import('../../src/garbling/authenticated/triples.ts');
  hook(TripleProtocol, 'complete', cheater, (self: Inside, honestly, start, end, theirs: Uint8Array) => {
    ciphertexts.set(theirs, 16 * start);
    const { kernel } = self.context;
    for (let i = start; i < end; i += 1) own.keys.set(kernel.view(self.bits.keys + 48 * i + 16, 16), 16 * i);
    return honestly(start, end, theirs);
  });
  const { a, b } = await duel({
    program: preparing,
    seed,
    inputs: { a: new Uint8Array(0), b: new Uint8Array(0) },
    cheater,
    timeout: 20_000,
    seated(one) {
      seated(one);
      const party = one.correlated.role === 'garbler' ? 'a' : 'b';
      deltas[party] = one.kernel.read(one.correlated.delta, 16);
      if (party === cheater) engine = one.engine as unknown as AuthenticatedEngine;
    },
  });
  undoHooks();
  expect([codeOf(a), codeOf(b), a.failed, b.failed]).toEqual([undefined, undefined, [], []]);
  return {
    residues: xor(ciphertexts, own.hashes, own.y, own.keys),
    ciphertexts,
    hashes,
    delta: deltas[honest]!,
    cheaterDelta: deltas[cheater]!,
  };
}

/** Pairs of residues that are apart by Δ, with or without the cheater's own. */
function tells(found: readonly Found[]): number {
  return found.filter(({ apart }) => apart.startsWith('Δ')).length;
}

describe.each(['a', 'b'] as const)('MACs chosen freely by %s under the ideal functionality', (cheater) => {
  test.each(SEEDS)(
    `${LEAKY} leaky ANDs tell nothing of the other party’s Δ (seed %i)`,
    async (seed) => {
      const observed = await run(cheater, seed);
      expect(isZero(observed.delta)).toBe(false);
      expect(search(observed, names.length)).toEqual([]);
    },
    300_000,
  );

  test('the same search finds Δ where tweaks are linear', async () => {
    linearTweaks();
    expect(tells(search(await run(cheater, 1), names.length))).toBeGreaterThan(0);
  }, 300_000);
});
