import { describe, expect, test } from 'vitest';
import { packBits, unpackBits } from '../../src/circuit/bits.ts';
import { CircuitBuilder } from '../../src/circuit/builder.ts';
import type { Circuit } from '../../src/circuit/circuit.ts';
import { evaluateCircuit } from '../../src/circuit/evaluate.ts';
import { fromBristol, toBristol } from '../../src/circuit/index.ts';
import { aes128Circuit } from '../support/circuits/aes.ts';
import { sha256Circuit } from '../support/circuits/sha256.ts';
import { authenticatedPair } from './authenticated-pair.ts';
import { both, give } from './contract.ts';
import { picker, randomBits } from './random-circuit.ts';

const FULL = process.env.PARLEY_FULL !== undefined;

const WIDTH = 24;

/** Exactly `count` AND gates in layers of at most WIDTH, each on bits of both parties, all of which reach the outputs. */
function circuitOfAnds(count: number): Circuit {
  const c = new CircuitBuilder();
  const [a, b] = [c.input(WIDTH), c.input(WIDTH)];
  let left = [...a];
  let right = [...b];
  for (let done = 0; done < count; done += WIDTH) {
    const wide = Math.min(WIDTH, count - done);
    const products = left.map((bit, i) => (i < wide ? c.and(bit, right[i]!) : bit));
    const rotated = right.map((_, i) => right[(i + 1) % WIDTH]!);
    const mixed = rotated.map((bit, i) => c.xor(bit, products[(i * 5 + 1) % WIDTH]!));
    left = products.map((bit, i) => c.xor(bit, c.xor(left[(i + 7) % WIDTH]!, b[i]!)));
    right = mixed;
  }
  c.output(left);
  c.output(right);
  const circuit = c.build();
  if (circuit.ands !== count) throw new Error(`${circuit.ands} ANDs instead of ${count}`);
  return circuit;
}

async function compute(circuit: Circuit, a: Uint8Array, b: Uint8Array, seed: number): Promise<Uint8Array> {
  const pair = await authenticatedPair(seed, { timeout: 120_000 });
  const [left, right] = await both(pair, (engine) =>
    engine.reveal(engine.apply(circuit, [give(engine, 'a', a), give(engine, 'b', b)]), 'both'),
  );
  expect(left).toEqual(right);
  for (const party of ['a', 'b'] as const) {
    pair[party].close();
    pair.kernels[party].destroy();
  }
  return left!;
}

describe('right outcomes on both sides of every bucket step', () => {
  const sizes = [1, 2, 33, 34, 35, 83, 84, 319, 320, 3_051, 3_052];

  test.each(sizes)('%i AND gates', async (count) => {
    const circuit = circuitOfAnds(count);
    for (let seed = 0; seed < 3; seed += 1) {
      const pick = picker(count + seed);
      const [a, b] = [randomBits(WIDTH, pick), randomBits(WIDTH, pick)];
      expect(await compute(circuit, a, b, seed)).toEqual(evaluateCircuit(circuit, [a, b]));
    }
  });

  test.runIf(FULL).each([280_746, 280_747, 300_000, (1 << 19) + 1])(
    '%i AND gates',
    async (count) => {
      const circuit = circuitOfAnds(count);
      const pick = picker(count);
      const [a, b] = [randomBits(WIDTH, pick), randomBits(WIDTH, pick)];
      expect(await compute(circuit, a, b, 1)).toEqual(evaluateCircuit(circuit, [a, b]));
    },
    300_000,
  );

  test.runIf(FULL)(
    '700,000 AND gates as copies of a circuit, in two batches',
    async () => {
      const circuit = circuitOfAnds(500);
      const copies = 1_400;
      const pick = picker(1);
      const [a, b] = [randomBits(WIDTH * copies, pick), randomBits(WIDTH, pick)];
      const pair = await authenticatedPair(2, { timeout: 120_000 });
      const [left, right] = await both(pair, (engine) =>
        engine.reveal(engine.apply(circuit, [give(engine, 'a', a), give(engine, 'b', b)], copies), 'both'),
      );
      expect(left).toEqual(right);
      for (let copy = 0; copy < copies; copy += 1) {
        const own = a.subarray(WIDTH * copy, WIDTH * (copy + 1));
        const expected = evaluateCircuit(circuit, [own, b]);
        expect(left!.subarray(2 * WIDTH * copy, 2 * WIDTH * (copy + 1))).toEqual(expected);
      }
    },
    300_000,
  );
});

describe('preparing', () => {
  test.each([
    [0, 60],
    [10, 60],
    [50, 60],
    [60, 60],
    [200, 60],
  ])('for %i AND gates, and then using 60 three times', async (prepared, used) => {
    const circuit = circuitOfAnds(used);
    const pair = await authenticatedPair(prepared);
    const pick = picker(prepared);
    const [a, b] = [randomBits(WIDTH, pick), randomBits(WIDTH, pick)];
    const results = await both(pair, async (engine) => {
      const shown: (Uint8Array | undefined)[] = [];
      for (let time = 0; time < 3; time += 1) {
        await engine.prepare(prepared);
        shown.push(
          await engine.reveal(engine.apply(circuit, [give(engine, 'a', a), give(engine, 'b', b)]), 'both'),
        );
      }
      return shown;
    });
    const expected = evaluateCircuit(circuit, [a, b]);
    for (const result of results) expect(result).toEqual([expected, expected, expected]);
  });
});

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));

describe('standard vectors, built with the gadgets and through Bristol Fashion', () => {
  const built = aes128Circuit();

  test.each([
    ['built', built],
    ['imported', fromBristol(toBristol(built))],
  ])('AES-128 (FIPS 197, appendix C.1), %s', async (_how, circuit) => {
    const key = unpackBits(hex('000102030405060708090a0b0c0d0e0f'));
    const block = unpackBits(hex('00112233445566778899aabbccddeeff'));
    const result = packBits(await compute(circuit, key, block, 1));
    expect(Buffer.from(result).toString('hex')).toBe('69c4e0d86a7b0430d8cdb78070b4c55a');
  });

  test('SHA-256 of "abc" (FIPS 180-4), the chaining value from the other party', async () => {
    const words = (bytes: Uint8Array) => unpackBits(new Uint8Array(Buffer.from(bytes).swap32()));
    const block = new Uint8Array(64);
    block.set(Buffer.from('abc'));
    block[3] = 0x80;
    block[63] = 24;
    const initial = hex('6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19');
    const result = await compute(sha256Circuit(), words(block), words(initial), 1);
    expect(Buffer.from(packBits(result)).swap32().toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});
