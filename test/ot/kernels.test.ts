import { createCipheriv } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hash } from '../../src/crypto/hash.ts';
import { blockAt, Kernel } from '../../src/crypto/kernel.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { tags } from '../../src/crypto/tags.ts';
import { hashColumn, hashMatrix } from '../../src/ot/extension/check.ts';
import { bitAt } from '../../src/ot/seeds.ts';

const random = seededRandom(new Uint8Array(16).fill(5));

const POLYNOMIAL = (1n << 128n) | 0x87n;

function multiplyInField(left: bigint, right: bigint): bigint {
  let product = 0n;
  for (let bit = 127n; bit >= 0n; bit--) {
    product <<= 1n;
    if ((product >> 128n) & 1n) product ^= POLYNOMIAL;
    if ((right >> bit) & 1n) product ^= left;
  }
  return product;
}

const toNumber = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

describe('bit matrix transpose', () => {
  it('moves bit r of column c to bit c of row r', () => {
    const kernel = new Kernel();
    for (const blocks of [1, 2, 5]) {
      const stride = blocks * 16;
      const columns = random(128 * stride);
      const source = kernel.allocate(columns.length);
      const target = kernel.allocate(blocks * 2048);
      kernel.write(source, columns);
      kernel.call.transposeColumns(target, source, stride, blocks);
      const rows = kernel.read(target, blocks * 2048);
      let wrong = 0;
      for (let row = 0; row < blocks * 128; row++) {
        for (let column = 0; column < 128; column++) {
          wrong += bitAt(rows, row * 128 + column) ^ bitAt(columns, column * stride * 8 + row);
        }
      }
      expect(wrong).toBe(0);
    }
  });
});

describe('leaf folding', () => {
  it.each([1, 2, 4, 8])('sums the streams with each bit of the leaf number set, depth %i', (depth) => {
    const kernel = new Kernel();
    const width = 1 << depth;
    const blocks = 3;
    const seeds = random(width * 16);
    const seedsAt = kernel.allocate(seeds.length);
    kernel.write(seedsAt, seeds);
    const leaves = kernel.allocate(width * blocks * 16);
    kernel.call.leafInputs(leaves, seedsAt, width, blocks);
    const cipher = createCipheriv('aes-128-ecb', random(16), null).setAutoPadding(false);
    const inputs = kernel.read(leaves, width * blocks * 16);
    const outputs = cipher.update(inputs);
    kernel.write(leaves, outputs);
    const columns = kernel.allocate(depth * blocks * 16);
    const sum = kernel.allocate(blocks * 16);
    kernel.call.foldLeaves(columns, blocks * 16, sum, leaves, seedsAt, depth, blocks);

    const expected = Array.from({ length: depth + 1 }, () => new Uint8Array(blocks * 16));
    for (let leaf = 0; leaf < width; leaf++) {
      for (let at = 0; at < blocks * 16; at++) {
        const counter = at % 16 === 0 ? at / 16 : 0;
        const input = seeds[leaf * 16 + (at % 16)]! ^ counter;
        expect(inputs[leaf * blocks * 16 + at]).toBe(input);
        const stream = outputs[leaf * blocks * 16 + at]! ^ input;
        for (let bit = 0; bit < depth; bit++) if ((leaf >> bit) & 1) expected[bit]![at]! ^= stream;
        expected[depth]![at]! ^= stream;
      }
    }
    for (let bit = 0; bit < depth; bit++) {
      expect(kernel.read(blockAt(columns, bit * blocks), blocks * 16)).toEqual(expected[bit]);
    }
    expect(kernel.read(sum, blocks * 16)).toEqual(expected[depth]);
  });
});

describe('universal hash', () => {
  const segment = 252;

  it('is, for every column, the sum of its segments’ polynomials over GF(2^128) and its last piece', () => {
    const kernel = new Kernel();
    for (const blocks of [2, 3, 8, 66, 101, segment + 1, segment + 2, 2 * segment + 5]) {
      const rows = random(blocks * 2048);
      const seed = random(32);
      const at = kernel.allocate(rows.length);
      kernel.write(at, rows);
      const hashed = hashMatrix(kernel, seed, at, blocks * 128);
      for (const column of blocks < 10 ? [0, 1, 63, 64, 127] : [77]) {
        const packed = new Uint8Array(blocks * 16);
        for (let row = 0; row < blocks * 128; row++) {
          packed[row >> 3]! |= bitAt(rows, row * 128 + column) << (row & 7);
        }
        let expected = toNumber(packed.subarray(-16));
        for (let start = 0; start < blocks - 1; start += segment) {
          const chi = toNumber(hash(tags.cotUniversalHash, seed, start).subarray(0, 16));
          let state = 0n;
          for (let block = start; block < Math.min(start + segment, blocks - 1); block++) {
            state = multiplyInField(state ^ toNumber(packed.subarray(block * 16, block * 16 + 16)), chi);
          }
          expected ^= state;
        }
        const found = new Uint8Array(16);
        for (let row = 0; row < 128; row++)
          found[row >> 3]! |= bitAt(hashed, row * 128 + column) << (row & 7);
        expect(toNumber(found)).toBe(expected);
        const bits = kernel.allocate(packed.length);
        kernel.write(bits, packed);
        expect(toNumber(hashColumn(kernel, seed, bits, blocks * 128))).toBe(expected);
      }
    }
  });

  it('multiplies as AES-GCM does, bits reflected', () => {
    // GHASH is the same polynomial in the same field, the bits of each byte reversed (SP 800-38D, 6.4).
    const kernel = new Kernel();
    const key = random(16);
    const encrypt = (block: Uint8Array) => createCipheriv('aes-128-ecb', key, null).update(block);
    const aad = random(16);
    const iv = random(12);
    const gcm = createCipheriv('aes-128-gcm', key, iv).setAAD(aad);
    gcm.final();
    const mask = encrypt(Uint8Array.of(...iv, 0, 0, 0, 1));
    const expected = gcm.getAuthTag().map((byte, index) => byte ^ mask[index]!);
    const pieces = new Uint8Array(32);
    pieces.set(aad);
    pieces[23] = 128;
    const [state, chi, bits] = [kernel.allocate(16), kernel.allocate(16), kernel.allocate(32)];
    kernel.write(chi, reflected(encrypt(new Uint8Array(16))));
    kernel.write(bits, reflected(pieces));
    kernel.call.hashBits(state, chi, bits, 2);
    expect(reflected(kernel.read(state, 16))).toEqual(new Uint8Array(expected));
  });
});

function reflected(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes, (byte) => {
    let result = 0;
    for (let bit = 0; bit < 8; bit++) result |= ((byte >> bit) & 1) << (7 - bit);
    return result;
  });
}
