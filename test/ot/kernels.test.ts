import { createCipheriv } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Kernel } from '../../src/crypto/kernel.ts';
import { seededRandom } from '../../src/crypto/random.ts';
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
      expect(kernel.read(columns + bit * blocks * 16, blocks * 16)).toEqual(expected[bit]);
    }
    expect(kernel.read(sum, blocks * 16)).toEqual(expected[depth]);
  });
});

describe('universal hash', () => {
  it('is the polynomial hash over GF(2^128) of every column', () => {
    const kernel = new Kernel();
    for (const blocks of [1, 2, 7]) {
      const rows = random(blocks * 2048);
      const chi = random(16);
      const at = kernel.allocate(rows.length);
      kernel.write(at, rows);
      const hashed = hashMatrix(kernel, chi, at, blocks * 128);
      for (const column of [0, 1, 63, 64, 127]) {
        let expected = 0n;
        const packed = new Uint8Array(blocks * 16);
        for (let block = 0; block < blocks; block++) {
          let piece = 0n;
          for (let row = 0; row < 128; row++) {
            if (bitAt(rows, (block * 128 + row) * 128 + column) === 0) continue;
            piece |= 1n << BigInt(row);
            packed[block * 16 + (row >> 3)]! |= 1 << (row & 7);
          }
          expected = multiplyInField(expected, toNumber(chi)) ^ piece;
        }
        let found = 0n;
        for (let row = 0; row < 128; row++) {
          if (bitAt(hashed, row * 128 + column) === 1) found |= 1n << BigInt(row);
        }
        expect(found).toBe(expected);
        const bits = kernel.allocate(packed.length);
        kernel.write(bits, packed);
        expect(toNumber(hashColumn(kernel, chi, bits, blocks * 128))).toBe(expected);
      }
    }
  });

  it('multiplies as the field of AES-GCM does, bits reflected', () => {
    // GHASH multiplies in the same field with bit order reversed within bytes (SP 800-38D): product of E(K, 0) and the tag input.
    const kernel = new Kernel();
    const key = random(16);
    const subkey = createCipheriv('aes-128-ecb', key, null).update(new Uint8Array(16));
    const aad = random(16);
    const iv = random(12);
    const gcm = createCipheriv('aes-128-gcm', key, iv).setAAD(aad);
    gcm.final();
    const counter = new Uint8Array(16);
    counter.set(iv);
    counter[15] = 1;
    const mask = createCipheriv('aes-128-ecb', key, null).update(counter);
    const ghash = gcm.getAuthTag().map((byte, index) => byte ^ mask[index]!);
    const lengths = new Uint8Array(16);
    lengths[7] = 128;
    const reflect = (bytes: Uint8Array) =>
      Uint8Array.from(bytes, (byte) =>
        Number.parseInt([...byte.toString(2).padStart(8, '0')].reverse().join(''), 2),
      );
    const pieces = new Uint8Array(48);
    pieces.set(reflect(aad));
    pieces.set(reflect(lengths), 16);
    const bits = kernel.allocate(48);
    kernel.write(bits, pieces);
    expect(reflect(hashColumn(kernel, reflect(subkey), bits, 3 * 128))).toEqual(new Uint8Array(ghash));
  });
});
