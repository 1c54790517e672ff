import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bits, packBits } from '../../src/circuit/bits.ts';
import { blockAt, Kernel, type Pointer } from '../../src/crypto/kernel.ts';
import {
  addHash,
  addHashOf,
  addHashOfBlocks,
  allocatePieces,
  HASH_LENGTH,
} from '../../src/crypto/polynomial-hash.ts';
import { element, multiply, polynomialHash } from './polynomial-hash-reference.ts';

const kernel = new Kernel();
const block = fc.uint8Array({ minLength: HASH_LENGTH, maxLength: HASH_LENGTH });
/** Lengths on both sides of whole pieces and of whole bytes. */
const count = fc.oneof(
  fc.constantFrom(1, 7, 8, 9, 127, 128, 129, 255, 256, 257, 384),
  fc.integer({ min: 1, max: 700 }),
);
const bitsOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length, max: 1 });
const column = count.chain(bitsOf);

function hashOf(bits: Bits, key: Uint8Array, sum = new Uint8Array(HASH_LENGTH)): bigint {
  addHashOf(kernel, sum, key, packBits(bits));
  return element(sum);
}

/** The hash of bits packed in the kernel's memory by its own kernel, from bit 0 of a block each. */
function hashInPlace(bits: Bits, key: Uint8Array): bigint {
  const sum = new Uint8Array(HASH_LENGTH);
  const blocks = kernel.allocate(16 * bits.length);
  // What is above bit 0 must not count.
  for (const [i, bit] of bits.entries())
    kernel
      .view(blockAt(blocks, i), 16)
      .fill(0xfe)
      .set([0xfe | bit]);
  const packed = allocatePieces(kernel, bits.length);
  kernel.call.packBits(packed, blocks, bits.length, 0);
  addHash(kernel, sum, key, packed, bits.length);
  for (const region of [blocks, packed]) kernel.free(region);
  return element(sum);
}

function hashOfBlocks(blocks: readonly Uint8Array[], key: Uint8Array): bigint {
  const sum = new Uint8Array(HASH_LENGTH);
  withBlocks(blocks, (pointer) => addHashOfBlocks(kernel, sum, key, pointer, blocks.length));
  return element(sum);
}

function withBlocks(blocks: readonly Uint8Array[], use: (pointer: Pointer) => void): void {
  const pointer = kernel.allocate(16 * blocks.length);
  for (const [i, bytes] of blocks.entries()) kernel.write(blockAt(pointer, i), bytes);
  use(pointer);
  kernel.free(pointer);
}

test('is the polynomial of the pieces, without a constant term, for packed bytes and for regions', () => {
  fc.assert(
    fc.property(column, block, (bits, key) => {
      const expected = polynomialHash(bits, key);
      expect(hashOf(bits, key)).toBe(expected);
      expect(hashInPlace(bits, key)).toBe(expected);
    }),
    { numRuns: 60 },
  );
});

test('of zeros, or under the key 0, is 0; of one piece under the key 1 is the piece', () => {
  const bits = Uint8Array.from({ length: 300 }, (_, i) => +(i % 3 === 1));
  expect(hashOf(new Uint8Array(300), new Uint8Array(HASH_LENGTH).fill(7))).toBe(0n);
  expect(hashOf(bits, new Uint8Array(HASH_LENGTH))).toBe(0n);
  const one = new Uint8Array(HASH_LENGTH);
  one[0] = 1;
  expect(hashOf(bits.subarray(0, 128), one)).toBe(element(packBits(bits.subarray(0, 128))));
});

test('is added to the sum, and linear in the bits', () => {
  const pair = count.chain((length) => fc.tuple(bitsOf(length), bitsOf(length)));
  fc.assert(
    fc.property(pair, block, block, ([left, right], key, start) => {
      const both = left.map((bit, i) => bit ^ right[i]!);
      expect(hashOf(both, key)).toBe(hashOf(left, key) ^ hashOf(right, key));
      expect(hashOf(left, key, start.slice())).toBe(element(start) ^ hashOf(left, key));
    }),
    { numRuns: 40 },
  );
});

test('of blocks is Σ block_r·z^r of each 128, hashed alike', () => {
  const blocks = count.chain((length) => fc.array(block, { minLength: length, maxLength: length }));
  fc.assert(
    fc.property(blocks, block, (list, key) => {
      const pieces = Math.ceil(list.length / 128);
      let state = 0n;
      for (let piece = 0; piece < pieces; piece += 1) {
        const weighed = list
          .slice(128 * piece, 128 * piece + 128)
          .reduce((sum, bytes, r) => sum ^ multiply(element(bytes), 1n << BigInt(r)), 0n);
        state = multiply(state ^ weighed, element(key));
      }
      expect(hashOfBlocks(list, key)).toBe(state);
    }),
    { numRuns: 12 },
  );
});

test('of MACs is that of the keys, plus Δ times that of the bits', () => {
  fc.assert(
    fc.property(column, block, block, fc.infiniteStream(block), (bits, key, delta, stream) => {
      const keys = Array.from(bits, () => stream.next().value as Uint8Array);
      const macs = keys.map((bytes, i) => bytes.map((byte, j) => byte ^ (bits[i]! * delta[j]!)));
      const difference = multiply(hashOf(bits, key), element(delta));
      expect(hashOfBlocks(macs, key)).toBe(hashOfBlocks(keys, key) ^ difference);
    }),
    { numRuns: 20 },
  );
});

test('two strings have the same hash under at most as many keys as they have pieces', () => {
  // c_1·χ² ⊕ c_2·χ = 0 for c_2 = c_1·k at χ = k, and at 0 only.
  fc.assert(
    fc.property(block, block, block, (piece, root, other) => {
      const product = multiply(element(piece), element(root));
      const bits = (value: bigint) =>
        Array.from({ length: 128 }, (_, i) => Number((value >> BigInt(i)) & 1n));
      const string = Uint8Array.of(...bits(element(piece)), ...bits(product));
      expect(hashOf(string, root)).toBe(0n);
      const elsewhere = element(other);
      fc.pre(element(piece) !== 0n && elsewhere !== 0n && elsewhere !== element(root));
      expect(hashOf(string, other)).not.toBe(0n);
    }),
    { numRuns: 20 },
  );
});

test('keeps nothing in the kernel’s memory', () => {
  const held = () => [
    ...(kernel as unknown as { regions: { sizes: Map<number, number> } }).regions.sizes.values(),
  ];
  const before = held();
  hashOf(new Uint8Array(500).fill(1), new Uint8Array(HASH_LENGTH).fill(9));
  hashOfBlocks(
    Array.from({ length: 200 }, () => new Uint8Array(16).fill(3)),
    new Uint8Array(HASH_LENGTH).fill(9),
  );
  expect(held()).toEqual(before);
});
