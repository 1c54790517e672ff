import { describe, expect, test } from 'vitest';
import { platform } from '../../src/crypto/platform/node.ts';
import type { X25519Key } from '../../src/crypto/platform/platform.ts';
import { systemRandom } from '../../src/crypto/random.ts';
import { Noise } from '../../src/link/noise.ts';

/** Every point of order 1, 2, 4 or 8 on the curve and its twist, as u-coordinates below 2²⁵⁵, reduced or not (RFC 7748, section 6.1). */
const POINTS = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map((hex) => new Uint8Array(Buffer.from(hex, 'hex')));
/** The same with the bit that X25519 ignores. */
const SMALL = [...POINTS, ...POINTS.map((point) => point.with(31, point[31]! | 0x80))];

const EMPTY = new Uint8Array(0);
const refused = expect.objectContaining({ code: 'ERR_WIRE_FORMAT' });
const make = (initiator: boolean) => new Noise({ initiator, prologue: EMPTY, random: systemRandom });

/** Stands for an all-zero secret until it is past the check. */
const MARK = new Uint8Array(32).fill(0xa5);

interface Inside {
  s: X25519Key;
  e: X25519Key;
  readonly symmetric: { mixKey(input: Uint8Array): void };
}

/** Takes the check on all-zero secrets from a side, where its own key gives one with `point`. */
function withoutCheck(noise: Noise, point: Uint8Array): Noise {
  const inside = noise as unknown as Inside;
  const { symmetric, e } = inside;
  const mixKey = symmetric.mixKey.bind(symmetric);
  symmetric.mixKey = (input) => mixKey(Buffer.compare(input, MARK) === 0 ? new Uint8Array(32) : input);
  inside.e = {
    publicKey: e.publicKey,
    agree: (peer) => (Buffer.compare(peer, point) === 0 ? MARK.slice() : e.agree(peer)),
    destroy: () => e.destroy(),
  };
  return noise;
}

/** A side whose static key is `point`: it knows that its secret with anyone is all zero. */
function cheater(initiator: boolean, point: Uint8Array): Noise {
  const noise = withoutCheck(make(initiator), point);
  (noise as unknown as Inside).s = { publicKey: point, agree: () => MARK.slice(), destroy: () => undefined };
  return noise;
}

describe.each(SMALL.map((point) => [Buffer.from(point).toString('hex'), point] as const))(
  'the point of small order %s',
  (_, point) => {
    test('has no shared secret on this platform', () => {
      const secret = platform.x25519(systemRandom(32)).agree(point);
      expect(secret === undefined || secret.every((byte) => byte === 0)).toBe(true);
    });

    test('is refused as the initiator’s ephemeral key, before the responder answers', () => {
      const responder = make(false);
      responder.read(point);
      expect(() => responder.write(EMPTY)).toThrow(refused);
    });

    test('is refused as the responder’s ephemeral key', () => {
      const [initiator, responder] = [make(true), make(false)];
      responder.read(initiator.write(EMPTY));
      const message = responder.write(EMPTY);
      message.set(point);
      expect(() => initiator.read(message)).toThrow(refused);
    });
  },
);

describe('a static key of small order', () => {
  function responderCheats(point: Uint8Array, initiator: Noise): void {
    const responder = cheater(false, point);
    responder.read(initiator.write(EMPTY));
    initiator.read(responder.write(EMPTY));
  }

  function initiatorCheats(point: Uint8Array, responder: Noise): void {
    const initiator = cheater(true, point);
    responder.read(initiator.write(EMPTY));
    initiator.read(responder.write(EMPTY));
    responder.read(initiator.write(EMPTY));
  }

  test('is refused at either side, though its owner knows every key', () => {
    for (const point of SMALL) {
      expect(() => responderCheats(point, make(true))).toThrow(refused);
      expect(() => initiatorCheats(point, make(false))).toThrow(refused);
    }
  });

  test('would be taken without the check', () => {
    for (const point of SMALL) {
      responderCheats(point, withoutCheck(make(true), point));
      initiatorCheats(point, withoutCheck(make(false), point));
    }
  });

  test('is refused where a platform gives all-zero secrets instead of refusing them', () => {
    const zeros = (noise: Noise, point: Uint8Array): Noise => {
      const inside = noise as unknown as Inside;
      const { e } = inside;
      inside.e = {
        publicKey: e.publicKey,
        agree: (peer) => (Buffer.compare(peer, point) === 0 ? new Uint8Array(32) : e.agree(peer)),
        destroy: () => e.destroy(),
      };
      return noise;
    };
    for (const point of SMALL) {
      expect(() => responderCheats(point, zeros(make(true), point))).toThrow(refused);
      expect(() => initiatorCheats(point, zeros(make(false), point))).toThrow(refused);
    }
  });
});
