import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unpackBits } from '../../src/circuit/bits.ts';
import { type Combinations, combine } from '../../src/circuit/combinations.ts';
import { blockAt, Kernel, type Pointer } from '../../src/crypto/kernel.ts';
import { PeerCheatedError } from '../../src/errors.ts';
import {
  corrections,
  openCombinations,
  verifyCombinations,
} from '../../src/garbling/authenticated/combinations.ts';
import { Context } from '../../src/garbling/authenticated/context.ts';
import type { CorrelatedBits, Role } from '../../src/garbling/authenticated/correlated-bits.ts';
import type { Inside } from '../adversary/harness/hooks.ts';
import { picker, randomBits } from '../engine/random-circuit.ts';
import { combinationsOf } from '../support/combinations.ts';

const xor = (left: Uint8Array, right: Uint8Array) => left.map((byte, i) => byte ^ right[i]!);

function place(kernel: Kernel, { buffer, byteOffset, byteLength }: Uint8Array | Uint32Array): Pointer {
  const pointer = kernel.allocate(byteLength);
  kernel.write(pointer, new Uint8Array(buffer, byteOffset, byteLength));
  return pointer;
}

describe('sums of blocks', () => {
  test('are those of the blocks at their positions', () => {
    const kernel = new Kernel();
    const blocks = fc.array(fc.uint8Array({ minLength: 16, maxLength: 16 }), { minLength: 1, maxLength: 9 });
    const rows = fc.array(fc.array(fc.nat({ max: 99 }), { maxLength: 6 }), { maxLength: 12 });
    fc.assert(
      fc.property(blocks, rows, (all, places) => {
        const { positions, ends } = combinationsOf(places.map((row) => row.map((at) => at % all.length)));
        const given = [Uint8Array.from(all.flatMap((block) => [...block])), positions, ends] as const;
        const [input, at, last] = given.map((bytes) => place(kernel, bytes));
        const target = kernel.allocate(16 * ends.length);
        kernel.call.sumBlocks(target, input!, at!, last!, ends.length);
        const sums = kernel.read(target, 16 * ends.length);
        for (const pointer of [input!, at!, last!, target]) kernel.free(pointer);
        for (const [i, row] of places.entries()) {
          const expected = row.reduce((sum, each) => xor(sum, all[each % all.length]!), new Uint8Array(16));
          expect(sums.subarray(16 * i, 16 * (i + 1))).toEqual(expected);
        }
      }),
    );
    kernel.destroy();
  });
});

const WIDTH = 100;
const pick = picker(9);
const randomBlocks = (count: number) => Uint8Array.from({ length: 16 * count }, () => pick(256));

/** What one party has of the inputs, and the other. Λ, and so the labels, is the sum of the input and of both shares of its mask. */
function dealt(bits: Uint8Array) {
  const delta = randomBlocks(1);
  delta[0]! |= 1;
  const [own, others] = [randomBits(WIDTH, pick), randomBits(WIDTH, pick)];
  const keys = randomBlocks(WIDTH).map((byte, i) => (i % 16 === 0 ? byte & 0xfe : byte));
  const macs = keys.map((byte, i) => byte ^ (own[i >> 4]! * delta[i & 15]!));
  const withBits = (values: Uint8Array) =>
    randomBlocks(WIDTH).map((byte, i) => (i % 16 === 0 ? (byte & 0xfe) | values[i >> 4]! : byte));
  const masked = xor(xor(bits, own), others);
  return {
    prover: { macs, keys: randomBlocks(WIDTH), labels: withBits(masked) },
    verifier: { delta, keys, macs: withBits(others), labels: withBits(masked) },
  };
}

/** One party's inputs in a kernel that has `left` bytes before it must grow; as much as it needs if that is not said. */
function seat(
  role: Role,
  planes: { readonly keys: Uint8Array; readonly macs: Uint8Array; readonly labels: Uint8Array },
  delta: Uint8Array,
  left?: number,
) {
  const kernel = new Kernel();
  const { regions } = kernel as Inside;
  const at = { keys: place(kernel, planes.keys), macs: place(kernel, planes.macs) };
  const inputs = { ...at, labels: place(kernel, planes.labels), width: WIDTH };
  const correlated = { kernel, role, delta: place(kernel, delta) } as unknown as CorrelatedBits;
  const context = new Context(undefined as never, undefined as never, correlated, new Uint8Array(32));
  if (left !== undefined) kernel.allocate(regions.tail - left);
  const sizes = () => [...regions.sizes.values()];
  return { kernel, inputs, context, sizes, size: () => (kernel as Inside).bytes.length };
}

interface Opening {
  /** Bytes before memory grows. */
  readonly left?: number;
  readonly entered?: number;
}

/** What was entered, and what was fixed besides. */
function partsOf({ keys, macs, labels }: ReturnType<typeof seat>['inputs'], entered: number) {
  return {
    input: { keys, macs, labels, width: entered },
    besides: { keys: blockAt(keys, entered), macs: blockAt(macs, entered), width: WIDTH - entered },
  };
}

/** Both sides of an opening, each in a kernel of its own. All bits but the first `entered` are fixed without being entered. */
function openedBy(asked: Combinations, bits: Uint8Array, { left, entered = WIDTH }: Opening = {}) {
  const { prover, verifier } = dealt(bits);
  const one = seat('garbler', prover, new Uint8Array(16), left);
  const other = seat('evaluator', verifier, verifier.delta, left);
  const before = { sizes: [one.sizes(), other.sizes()], size: [one.size(), other.size()] };
  const [own, theirs] = [one, other].map(({ inputs }) => partsOf(inputs, entered));
  const added = corrections(one.context, own!.besides, bits.subarray(entered));
  const besides = { ...theirs!.besides, corrections: unpackBits(added, WIDTH - entered) };
  const opened = openCombinations(one.context, asked, [own!.input, own!.besides], bits);
  const verify = (claim: typeof opened) =>
    verifyCombinations(other.context, asked, theirs!.input, entered < WIDTH ? besides : undefined, claim);
  const values = verify(opened);
  expect([one.sizes(), other.sizes()]).toEqual(before.sizes);
  const grown = one.size() > before.size[0]! && other.size() > before.size[1]!;
  return { opened, values, grown, verify };
}

describe('an opening of combinations', () => {
  const bits = randomBits(WIDTH, pick);
  const asked = combinationsOf(
    Array.from({ length: 60 }, () => Array.from({ length: pick(4) }, () => pick(WIDTH))),
  );

  test('gives what was entered, and gives back all memory', () => {
    const { values, opened, verify, grown } = openedBy(asked, bits);
    expect(values).toEqual(combine(asked, bits));
    expect(grown).toBe(false);
    const other = { bits: opened.bits, macs: opened.macs.map((byte, i) => byte ^ +(i === 31)) };
    expect(() => verify(other)).toThrow(PeerCheatedError);
    expect(verify(opened)).toEqual(values); // keys are left as they were
  });

  test.each([96, 37, 1])('is of what was entered, %i bits, and of what was fixed besides', (entered) => {
    const { values, opened, verify } = openedBy(asked, bits, { entered });
    expect(values).toEqual(combine(asked, bits));
    const other = { bits: opened.bits, macs: opened.macs.map((byte, i) => byte ^ +(i === 0)) };
    expect(() => verify(other)).toThrow(PeerCheatedError);
  });

  // In the order of src/garbling/authenticated/combinations.ts: where memory grows while something of it is allocated, views from before are empty.
  const { positions, ends } = asked;
  const needed = [16 * WIDTH, 16, positions.byteLength, ends.byteLength, 16 * ends.length];
  test.each(
    needed.map((_, i) => needed.slice(0, i).reduce((sum, size) => sum + Math.ceil(size / 16) * 16, 0)),
  )('works where memory grows after %i bytes', (left) => {
    const { values, grown } = openedBy(asked, bits, { left });
    expect(grown).toBe(true);
    expect(values).toEqual(combine(asked, bits));
  });
});
