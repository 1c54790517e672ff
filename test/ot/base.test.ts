import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  add,
  decodePoint,
  multiplyBase,
  pointFromHash,
  randomScalar,
  subtract,
} from '../../src/crypto/group.ts';
import { type Random, seededRandom } from '../../src/crypto/random.ts';
import { PeerCheatedError } from '../../src/errors.ts';
import { GroupOracle } from '../../src/ot/base/oracles.ts';
import { BASE_OTS, BaseOtReceiver, BaseOtSender, baseOtPoint, baseOtPoints } from '../../src/ot/index.ts';
import { bitAt } from '../../src/ot/seeds.ts';

const seeded = (...seed: number[]): Random =>
  seededRandom(Uint8Array.from({ length: 16 }, (_, i) => seed[i] ?? 0));
const seedAt = (seeds: Uint8Array, index: number) => seeds.subarray(index * 16, index * 16 + 16);
/** Canonical, but with no y on the curve (RFC 9496, A.2). */
const NON_SQUARE = '26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371';

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

function run(random: Random, choices: Uint8Array, tamper: (message: Uint8Array) => void = () => {}) {
  const sid = random(32);
  const sender = new BaseOtSender(random, sid);
  const receiver = new BaseOtReceiver(random, sid, choices, sender.point);
  const message = receiver.message.slice();
  tamper(message);
  const pairs = sender.keys(message);
  return { sender, receiver, message, pairs, chosen: receiver.keys() };
}

function matches(
  { pairs, chosen }: Pick<ReturnType<typeof run>, 'pairs' | 'chosen'>,
  choices: Uint8Array,
): boolean[] {
  return Array.from({ length: BASE_OTS }, (_, i) => {
    const side = bitAt(choices, i) === 1 ? pairs.one : pairs.zero;
    return Buffer.from(seedAt(side, i)).equals(seedAt(chosen, i));
  });
}

describe('base OT', () => {
  it('gives the receiver the seed of its choice and no other', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(255), (choices, seed) => {
        const result = run(seeded(seed, 1), choices);
        expect(matches(result, choices)).toEqual(Array(BASE_OTS).fill(true));
        const others = choices.map((byte) => ~byte);
        expect(matches(result, others)).toEqual(Array(BASE_OTS).fill(false));
        const all = new Set<string>();
        for (const seeds of [result.pairs.zero, result.pairs.one]) {
          for (let i = 0; i < BASE_OTS; i++) all.add(Buffer.from(seedAt(seeds, i)).toString('hex'));
        }
        expect(all.size).toBe(2 * BASE_OTS);
      }),
      { numRuns: 4 },
    );
  });

  it('keeps its wire format', () => {
    const { sender, message, pairs, chosen } = run(seeded(7), seeded(8)(16));
    expect({
      point: digest(sender.point),
      message: digest(message),
      zero: digest(pairs.zero),
      one: digest(pairs.one),
      chosen: digest(chosen),
    }).toMatchInlineSnapshot(`
      {
        "chosen": "c05b0d7b4326e270",
        "message": "a5d5883c8019c6ea",
        "one": "ca0d29ebef29f196",
        "point": "65b6587dfee6be55",
        "zero": "4860c5580f860ded",
      }
    `);
    expect(sender.point.length).toBe(baseOtPoint.lengths(undefined).point);
    expect(message.length).toBe(baseOtPoints.lengths(undefined).points);
  });

  it('sends points that say nothing about the choices', () => {
    // With the same randomness only the choice decides which of r₀ and r₁ is the random one; both are uniform group elements.
    for (const choices of [new Uint8Array(16), new Uint8Array(16).fill(255)]) {
      const { message } = run(seeded(3), choices);
      for (let at = 0; at < message.length; at += 32) decodePoint(message.subarray(at, at + 32));
    }
  });

  it('binds every seed to session, instance and every message of the batch', () => {
    const choices = seeded(2)(16);
    const honest = run(seeded(1), choices);
    const swapped = run(seeded(1), choices, (message) => {
      const first = message.slice(0, 64);
      message.copyWithin(0, 64, 128);
      message.set(first, 64);
    });
    // one changed instance changes the seeds of all others too, so both ends part ways
    expect(matches(swapped, choices)).toEqual(Array(BASE_OTS).fill(false));
    expect(matches(honest, choices)).toEqual(Array(BASE_OTS).fill(true));
    const random = seeded(4);
    const sender = new BaseOtSender(random, Uint8Array.of(1));
    const receiver = new BaseOtReceiver(random, Uint8Array.of(2), choices, sender.point);
    const pairs = sender.keys(receiver.message);
    expect(matches({ pairs, chosen: receiver.keys() }, choices)).toEqual(Array(BASE_OTS).fill(false));
  });

  it('gives different seeds for instances with the same points', () => {
    const random = seeded(11);
    const sid = random(32);
    const sender = new BaseOtSender(random, sid);
    const { message } = new BaseOtReceiver(random, sid, random(16), sender.point);
    const copied = message.slice();
    copied.copyWithin(64, 0, 64);
    const { zero, one } = sender.keys(copied);
    expect(seedAt(zero, 0)).not.toEqual(seedAt(zero, 1));
    expect(seedAt(one, 0)).not.toEqual(seedAt(one, 1));
  });
});

describe('base OT sender against a cheating receiver', () => {
  const encodings: [string, Uint8Array][] = [
    ['the identity', new Uint8Array(32)],
    ['a negative field element', Uint8Array.of(1, ...new Uint8Array(31))],
    ['a field element past the modulus', Uint8Array.of(0xed, ...new Uint8Array(30).fill(255), 0x7f)],
    ['no group element', new Uint8Array(Buffer.from(NON_SQUARE, 'hex'))],
    ['a set top bit', new Uint8Array(32).fill(255)],
  ];
  it.each(encodings)('refuses %s at either point of any instance', (_, encoding) => {
    for (const at of [0, 32, 64 * 63, 64 * 127 + 32]) {
      expect(() => run(seeded(5), seeded(6)(16), (message) => message.set(encoding, at))).toThrow(
        PeerCheatedError,
      );
    }
  });

  it('refuses points whose sum with the hash is the identity', () => {
    const random = seeded(12);
    const sid = random(32);
    const sender = new BaseOtSender(random, sid);
    const receiver = new BaseOtReceiver(random, sid, random(16), sender.point);
    const message = receiver.message.slice();
    const oracle = new GroupOracle(sid, decodePoint(sender.point));
    const one = multiplyBase(randomScalar(random));
    const half = pointFromHash(oracle.at(0, 0, one));
    const zero = subtract(subtract(one, one), add(half, half));
    message.set(zero, 0);
    message.set(one, 32);
    expect(() => sender.keys(message)).toThrow(PeerCheatedError);
  });

  it('refuses other lengths, and works once', () => {
    for (const length of [0, 32, BASE_OTS * 64 - 1, BASE_OTS * 64 + 64]) {
      const sender = new BaseOtSender(seeded(1), Uint8Array.of(1));
      expect(() => sender.keys(new Uint8Array(length))).toThrow(PeerCheatedError);
    }
    const { sender, receiver, message } = run(seeded(1), new Uint8Array(16));
    expect(() => sender.keys(message)).toThrow('once');
    expect(() => receiver.keys()).toThrow('once');
  });

  it('leaves a receiver that changes one point without one of its seeds', () => {
    const choices = seeded(2)(16);
    const { pairs, chosen } = run(seeded(1), choices, (message) => {
      message.set(multiplyBase(randomScalar(seeded(9))), 0);
    });
    expect(seedAt(pairs.zero, 0)).not.toEqual(seedAt(chosen, 0));
    expect(seedAt(pairs.one, 0)).not.toEqual(seedAt(chosen, 0));
  });
});

describe('base OT receiver against a cheating sender', () => {
  it.each(['0'.repeat(64), `01${'0'.repeat(62)}`, 'f'.repeat(64), NON_SQUARE])(
    'refuses the point %s',
    (hex) => {
      const point = new Uint8Array(Buffer.from(hex, 'hex'));
      expect(() => new BaseOtReceiver(seeded(1), Uint8Array.of(1), new Uint8Array(16), point)).toThrow(
        PeerCheatedError,
      );
    },
  );

  it('refuses a point of another length', () => {
    expect(
      () => new BaseOtReceiver(seeded(1), Uint8Array.of(1), new Uint8Array(16), new Uint8Array(31)),
    ).toThrow(PeerCheatedError);
  });
});
