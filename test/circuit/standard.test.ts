import { createCipheriv, createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  type Circuit,
  compileSchedule,
  evaluateCircuit,
  fromBristol,
  packBits,
  toBristol,
  unpackBits,
} from '../../src/circuit/index.ts';
import { aes128Circuit } from '../support/circuits/aes.ts';
import { checkCircuit, runSchedule, sampleBits } from '../support/circuits/check.ts';
import { sha256Circuit } from '../support/circuits/sha256.ts';

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const aes = aes128Circuit();
const sha256 = sha256Circuit();

function encrypt(circuit: Circuit, key: Uint8Array, block: Uint8Array): string {
  return Buffer.from(packBits(evaluateCircuit(circuit, [unpackBits(key), unpackBits(block)]))).toString(
    'hex',
  );
}

/** Big-endian 32-bit words to bits, each word lowest bit first, and back. */
const toWords = (bytes: Uint8Array): Uint8Array => unpackBits(new Uint8Array(Buffer.from(bytes).swap32()));
const fromWords = (bits: Uint8Array): Buffer => Buffer.from(packBits(bits)).swap32();

const initial = hex('6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19');

function digest(circuit: Circuit, message: Uint8Array): string {
  const padded = Buffer.alloc(Math.ceil((message.length + 9) / 64) * 64);
  padded.set(message);
  padded[message.length] = 0x80;
  padded.writeBigUInt64BE(BigInt(message.length * 8), padded.length - 8);
  let chaining: Uint8Array = initial;
  for (let i = 0; i < padded.length; i += 64) {
    const block = toWords(padded.subarray(i, i + 64));
    chaining = new Uint8Array(fromWords(evaluateCircuit(circuit, [block, toWords(chaining)])));
  }
  return Buffer.from(chaining).toString('hex');
}

describe('AES-128', () => {
  test('has 6,400 ANDs', () => {
    checkCircuit(aes);
    expect(aes.ands).toBe(6400);
  });

  test('FIPS 197, appendices B and C.1', () => {
    expect(
      encrypt(aes, hex('2b7e151628aed2a6abf7158809cf4f3c'), hex('3243f6a8885a308d313198a2e0370734')),
    ).toBe('3925841d02dc09fbdc118597196a0b32');
    expect(
      encrypt(aes, hex('000102030405060708090a0b0c0d0e0f'), hex('00112233445566778899aabbccddeeff')),
    ).toBe('69c4e0d86a7b0430d8cdb78070b4c55a');
  });

  test('agrees with the platform, also through Bristol Fashion', () => {
    const imported = fromBristol(toBristol(aes));
    expect(imported.ands).toBe(6400);
    for (let i = 0; i < 5; i++) {
      const key = packBits(sampleBits(`key ${i}`, 128));
      const block = packBits(sampleBits(`block ${i}`, 128));
      const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
      const expected = cipher.update(block).toString('hex');
      expect(encrypt(aes, key, block)).toBe(expected);
      expect(encrypt(imported, key, block)).toBe(expected);
    }
  });
});

describe('SHA-256', () => {
  test('has no more ANDs than one a bit of each addition, choice and majority', () => {
    checkCircuit(sha256);
    expect(sha256.ands).toBeLessThanOrEqual(48 * 3 * 31 + 64 * (7 * 31 + 2 * 32) + 8 * 31);
  });

  test('FIPS 180-4 examples', () => {
    expect(digest(sha256, Buffer.from('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(digest(sha256, Buffer.from('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'))).toBe(
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    );
  });

  test('agrees with the platform, also through Bristol Fashion', () => {
    const imported = fromBristol(toBristol(sha256));
    expect(imported.ands).toBe(sha256.ands);
    for (const length of [0, 55, 56, 64, 200]) {
      const message = packBits(sampleBits(`message ${length}`, 8 * length));
      const expected = createHash('sha256').update(message).digest('hex');
      expect(digest(sha256, message)).toBe(expected);
      expect(digest(imported, message)).toBe(expected);
    }
  });
});

describe('schedules', () => {
  test.each([
    ['AES-128', aes],
    ['SHA-256', sha256],
  ])('%s: right results, compiled once, slots reused', (_name, circuit) => {
    const schedule = compileSchedule(circuit);
    expect(compileSchedule(circuit)).toBe(schedule);
    const inputs = circuit.inputs.map((width, i) => sampleBits(`schedule ${i}`, width));
    expect(runSchedule(schedule, inputs)).toEqual(evaluateCircuit(circuit, inputs));
    expect(schedule.slots).toBeLessThan(circuit.kinds.length / 8);
  });
});
