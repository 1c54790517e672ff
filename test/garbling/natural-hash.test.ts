import { createCipheriv, createDecipheriv } from 'node:crypto';
import { expect, test } from 'vitest';
import { hash } from '../../src/crypto/hash.ts';
import { blockAt, Kernel, type Pointer } from '../../src/crypto/kernel.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { tags } from '../../src/crypto/tags.ts';
import { Permutation } from '../../src/garbling/permutation.ts';

const random = seededRandom(new Uint8Array(16).fill(7));
const sessionId = random(32);

function toBigint(block: Uint8Array): bigint {
  return Buffer.from(block)
    .reverse()
    .reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function toBlock(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 16 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

/** H by its definition, on numbers. */
function definition(label: Uint8Array, counter: bigint, domain: bigint, key: Uint8Array): Uint8Array {
  const x = toBigint(label);
  const upper = x >> 64n;
  const lower = x & (2n ** 64n - 1n);
  const k = (((lower ^ upper) << 64n) | upper) ^ ((domain << 64n) | counter);
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  return toBlock(toBigint(cipher.update(toBlock(k))) ^ k);
}

test('is π(σ(x) ⊕ t) ⊕ σ(x) ⊕ t, under a key of its purpose, session and epoch', () => {
  const kernel = new Kernel();
  const labels = random(16 * 40);
  const [input, inputs, outputs] = [0, 1, 2].map(() => kernel.allocate(labels.length)) as [
    Pointer,
    Pointer,
    Pointer,
  ];
  kernel.write(input, labels);
  const first = 2 ** 40 + 5;
  kernel.call.naturalInputs(inputs, input, 40, first, 9);
  const permutation = new Permutation(kernel, 'test', sessionId);
  for (const epoch of [0, 3, 0]) {
    permutation.permute(outputs, inputs, 40, epoch);
    kernel.call.xorBlocks(outputs, outputs, inputs, 40);
    const key = hash(tags.labelHashKey, 'test', sessionId, epoch).subarray(0, 16);
    for (let i = 0; i < 40; i += 1) {
      const expected = definition(labels.subarray(16 * i, 16 * i + 16), BigInt(first + i), 9n, key);
      expect(kernel.read(blockAt(outputs, i), 16)).toEqual(expected);
    }
  }
});

test('different purposes, sessions and epochs give different permutations', () => {
  const kernel = new Kernel();
  const [input, output] = [kernel.allocate(16), kernel.allocate(16)];
  const seen = new Set<string>();
  for (const purpose of ['one', 'other']) {
    for (const id of [sessionId, random(32)]) {
      const permutation = new Permutation(kernel, purpose, id);
      for (const epoch of [0, 1, 2 ** 32]) {
        permutation.permute(output, input, 1, epoch);
        seen.add(Buffer.from(kernel.read(output, 16)).toString('hex'));
      }
    }
  }
  expect(seen.size).toBe(12);
});

test('the feed-forward hides the label: π can be undone, H cannot', () => {
  const key = random(16);
  const label = random(16);
  /** The label behind a block if that were π(σ(label) ⊕ 4); σ⁻¹ takes (u, v) to (v, u ⊕ v). */
  const undo = (block: Uint8Array) => {
    const decipher = createDecipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    const inverted = toBigint(decipher.update(block));
    const upper = inverted >> 64n;
    const lower = (inverted & (2n ** 64n - 1n)) ^ 4n;
    return toBlock((lower << 64n) | (upper ^ lower));
  };
  const hashed = definition(label, 4n, 0n, key);
  const x = toBigint(label);
  const k = ((((x & (2n ** 64n - 1n)) ^ (x >> 64n)) << 64n) | (x >> 64n)) ^ 4n;
  expect(undo(toBlock(toBigint(hashed) ^ k))).toEqual(label);
  expect(undo(hashed)).not.toEqual(label);
});

test('permuting in place and large batches give the same blocks', () => {
  const kernel = new Kernel();
  const blocks = random(16 * 5_000);
  const [source, target] = [kernel.allocate(blocks.length), kernel.allocate(blocks.length)];
  kernel.write(source, blocks);
  const permutation = new Permutation(kernel, 'test', sessionId);
  for (let i = 0; i < 5_000; i += 1) permutation.permute(blockAt(target, i), blockAt(source, i), 1, 2);
  permutation.permute(source, source, 5_000, 2);
  expect(kernel.read(source, blocks.length)).toEqual(kernel.read(target, blocks.length));
});
