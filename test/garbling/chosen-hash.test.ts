import { expect, test } from 'vitest';
import { hash } from '../../src/crypto/hash.ts';
import { Kernel } from '../../src/crypto/kernel.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { tags } from '../../src/crypto/tags.ts';
import { LEAKY_PER_KEY } from '../../src/garbling/authenticated/parameters.ts';
import { ChosenKeyHash } from '../../src/garbling/chosen-hash.ts';
import { BLOCKS_PER_KEY } from '../../src/garbling/permutation.ts';
import { hashByDefinition } from './chosen-hash-reference.ts';

const random = seededRandom(new Uint8Array(16).fill(7));
const binding = random(32);

function hashed(
  blocks: Uint8Array,
  tweaks: Parameters<ChosenKeyHash['hashRows']>[3],
  epoch: number,
): Uint8Array {
  const kernel = new Kernel();
  const [inner, outer] = [kernel.allocate(blocks.length), kernel.allocate(blocks.length)];
  kernel.write(outer, blocks);
  new ChosenKeyHash(kernel, 'test', binding).hashRows(inner, outer, blocks.length / 48, tweaks, epoch);
  kernel.call.xorBlocks(outer, outer, inner, blocks.length / 16);
  return kernel.read(outer, blocks.length);
}

test.each([1, 2, 7, 130])(
  'is π(π(x) ⊕ t) ⊕ π(x) in %i rows of three, under a key of its purpose, moment and epoch',
  (rows) => {
    const blocks = random(48 * rows);
    const first = 2 ** 33 - 3;
    for (const epoch of [0, 3]) {
      const result = hashed(blocks, { first, domains: [9, 2, 300] }, epoch);
      const key = hash(tags.labelHashKey, 'test', binding, epoch).subarray(0, 16);
      for (let i = 0; i < 3 * rows; i += 1) {
        const tweak = { counter: BigInt(first + Math.floor(i / 3)), domain: [9n, 2n, 300n][i % 3]! };
        expect(result.subarray(16 * i, 16 * i + 16)).toEqual(
          hashByDefinition(key, blocks.subarray(16 * i, 16 * i + 16), tweak),
        );
      }
    }
  },
);

test('inputs that collide where tweaks are linear do not', () => {
  const rows = 64;
  const fixed = random(16);
  const blocks = new Uint8Array(48 * rows);
  for (let i = 0; i < 3 * rows; i += 1) {
    const row = Math.floor(i / 3);
    const block = fixed.slice();
    block[0]! ^= row; // σ takes (row ‖ row) to the tweaks' difference
    block[8]! ^= row;
    blocks.set(block, 16 * i);
  }
  const linear = (i: number) => {
    const x = blocks.subarray(16 * i, 16 * i + 16);
    const k = Uint8Array.from({ length: 16 }, (_, j) => (j < 8 ? x[8 + j]! : x[j - 8]! ^ x[j]!));
    k[0]! ^= Math.floor(i / 3);
    return Buffer.from(k).toString('hex');
  };
  expect(new Set(Array.from({ length: 3 * rows }, (_, i) => linear(i))).size).toBe(1);
  const result = hashed(blocks, { first: 0, domains: [1, 2, 3] }, 0);
  const outputs = Array.from({ length: 3 * rows }, (_, i) =>
    Buffer.from(result.subarray(16 * i, 16 * i + 16)).toString('hex'),
  );
  expect(new Set(outputs).size).toBe(3 * rows);
});

test('no key serves for more than the blocks of the bound: six a leaky AND', () => {
  expect(6 * LEAKY_PER_KEY).toBeLessThanOrEqual(BLOCKS_PER_KEY);
});
