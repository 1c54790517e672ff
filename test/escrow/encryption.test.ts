import { expect, test } from 'vitest';
import { add, multiplyBase, type Point, randomScalar } from '../../src/crypto/group.ts';
import { InputError } from '../../src/errors.ts';
import { EscrowKey, encrypt, type Place, verifyPossession } from '../../src/escrow/index.ts';
import { arbiter, contextOf, flipped, seeded } from './support.ts';

const { label, key } = contextOf(21);
const place: Place = { label, pair: 7, bit: 1 };
const random = seeded(9);
const opened = { plaintext: random(9), seed: random(32) };
const ciphertext = encrypt(key, place, opened);
const element = ciphertext.subarray(0, 32) as Point;
const moved = (by: Point) => Uint8Array.of(...add(element, by), ...ciphertext.subarray(32));

test('a ciphertext opens at its place, to what was encrypted', () => {
  expect(ciphertext).toHaveLength(64 + 9);
  expect(arbiter.decrypt(place, ciphertext)).toEqual(opened);
  expect(encrypt(key, place, opened)).toEqual(ciphertext);
  for (const length of [0, 1, 31, 32, 33, 64, 200]) {
    const any = { plaintext: random(length), seed: random(32) };
    expect(arbiter.decrypt(place, encrypt(key, place, any))).toEqual(any);
  }
});

test('at no other place, and under no other key', () => {
  const others = [
    { ...place, pair: 8 },
    { ...place, bit: 0 as const },
    { ...place, label: contextOf(21, 'buyer').label },
    { ...place, label: contextOf(21, 'seller', 'another session').label },
    { ...place, label: contextOf(21, 'seller', 'session', EscrowKey.generate(seeded(2))).label },
  ];
  for (const other of others) expect(arbiter.decrypt(other, ciphertext)).toBeUndefined();
  expect(EscrowKey.generate(seeded(2)).decrypt(place, ciphertext)).toBeUndefined();
});

test('changed in any bit it opens to nothing', () => {
  for (let bit = 0; bit < 8 * ciphertext.length; bit++) {
    expect(arbiter.decrypt(place, flipped(ciphertext, bit)), `bit ${bit}`).toBeUndefined();
  }
  for (const length of [0, 31, 32, 63, 64, ciphertext.length - 1]) {
    expect(arbiter.decrypt(place, ciphertext.subarray(0, length))).toBeUndefined();
  }
  expect(arbiter.decrypt(place, Uint8Array.of(...ciphertext, 0))).toBeUndefined();
});

test('the element of another ciphertext, plain or blinded, opens to nothing', () => {
  const one = multiplyBase(Uint8Array.of(1, ...new Uint8Array(31)) as never);
  expect(arbiter.decrypt(place, moved(one))).toBeUndefined();
  expect(arbiter.decrypt(place, moved(multiplyBase(randomScalar(random))))).toBeUndefined();
  const other = encrypt(key, place, { plaintext: random(9), seed: random(32) });
  expect(arbiter.decrypt(place, Uint8Array.of(...element, ...other.subarray(32)))).toBeUndefined();
  expect(arbiter.decrypt(place, new Uint8Array(73))).toBeUndefined();
});

test('a key comes back from its bytes, and nothing else does', () => {
  const copy = EscrowKey.fromBytes(arbiter.exportSecret());
  expect(copy.publicKey).toEqual(arbiter.publicKey);
  expect(copy.decrypt(place, ciphertext)).toEqual(opened);
  copy.destroy();
  expect(copy.exportSecret()).toEqual(new Uint8Array(32));
  const bad = [new Uint8Array(32), new Uint8Array(31).fill(1), new Uint8Array(32).fill(255)];
  for (const bytes of bad) expect(() => EscrowKey.fromBytes(bytes)).toThrow(InputError);
});

test('possession is proved for one identity and one key', () => {
  const identity = random(32);
  const proof = arbiter.provePossession(identity, random);
  expect(proof).toHaveLength(64);
  expect(verifyPossession(arbiter.publicKey, identity, proof)).toBe(true);
  expect(verifyPossession(arbiter.publicKey, random(32), proof)).toBe(false);
  expect(verifyPossession(EscrowKey.generate(random).publicKey, identity, proof)).toBe(false);
  for (let bit = 0; bit < 8 * proof.length; bit++) {
    expect(verifyPossession(arbiter.publicKey, identity, flipped(proof, bit)), `bit ${bit}`).toBe(false);
  }
  // the same answer modulo the group order, written as a larger number
  const order = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;
  const answer = BigInt(`0x${Buffer.from(proof.slice(32).reverse()).toString('hex')}`) + order;
  const larger = Buffer.from(answer.toString(16).padStart(64, '0'), 'hex').reverse();
  expect(
    verifyPossession(arbiter.publicKey, identity, Uint8Array.of(...proof.subarray(0, 32), ...larger)),
  ).toBe(false);
});
