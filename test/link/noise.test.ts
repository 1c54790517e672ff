import { createCipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { systemRandom } from '../../src/crypto/random.ts';
import { invitePsk, Noise } from '../../src/link/noise.ts';

interface Vector {
  readonly source: string;
  readonly protocol_name: string;
  readonly init_prologue: string;
  readonly psk?: string;
  readonly init_static: string;
  readonly init_ephemeral: string;
  readonly resp_static: string;
  readonly resp_ephemeral: string;
  readonly handshake_hash?: string;
  readonly messages: readonly { readonly payload: string; readonly ciphertext: string }[];
}

const vectors = JSON.parse(
  readFileSync(new URL('../fixtures/noise-xx.json', import.meta.url), 'utf8'),
) as Vector[];
const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** Gives the listed byte strings, one a call. */
function dealt(...values: string[]) {
  return () => hex(values.shift()!);
}

function pair(vector: Vector): [Noise, Noise] {
  const common = {
    prologue: hex(vector.init_prologue),
    psk: vector.psk === undefined ? undefined : hex(vector.psk),
  };
  return [
    new Noise({ ...common, initiator: true, random: dealt(vector.init_static, vector.init_ephemeral) }),
    new Noise({ ...common, initiator: false, random: dealt(vector.resp_static, vector.resp_ephemeral) }),
  ];
}

function transport(key: Uint8Array, payload: Uint8Array): string {
  const cipher = createCipheriv('chacha20-poly1305', key, new Uint8Array(12), { authTagLength: 16 });
  return toHex(Buffer.concat([cipher.update(payload), cipher.final(), cipher.getAuthTag()]));
}

describe('Noise XX and XXpsk0, 25519, ChaChaPoly, BLAKE2b', () => {
  test.each(
    vectors.map((vector, index) => ({ vector, name: `${vector.protocol_name} ${vector.source} ${index}` })),
  )('$name', ({ vector }) => {
    expect(vector.protocol_name.includes('psk0')).toBe(vector.psk !== undefined);
    const [initiator, responder] = pair(vector);
    const turns = [
      [initiator, responder],
      [responder, initiator],
      [initiator, responder],
    ] as const;
    for (const [index, [from, to]] of turns.entries()) {
      const { payload, ciphertext } = vector.messages[index]!;
      const message = from.write(hex(payload));
      expect(toHex(message)).toBe(ciphertext);
      expect(toHex(to.read(message))).toBe(payload);
      expect(from.transcript).toEqual(to.transcript);
    }
    expect(initiator.remoteStatic).toEqual(responder.localStatic);
    expect(responder.remoteStatic).toEqual(initiator.localStatic);
    const left = initiator.finish();
    const right = responder.finish();
    expect(left.send).toEqual(right.receive);
    expect(left.receive).toEqual(right.send);
    expect(left.transcript).toEqual(right.transcript);
    if (vector.handshake_hash !== undefined) expect(toHex(left.transcript)).toBe(vector.handshake_hash);
    // Messages 3 and 4 of a vector are transport messages, one each way; the initiator sends first in flynn/noise.
    for (const index of [3, 4]) {
      const { payload, ciphertext } = vector.messages[index]!;
      const key = (index === 3) === (vector.source === 'flynn/noise') ? left.send : left.receive;
      expect(transport(key, hex(payload))).toBe(ciphertext);
    }
  });

  test('every changed bit of every message is refused by the reader of this or the next message', () => {
    const vector = vectors[0]!;
    for (const index of [1, 2]) {
      const length = vector.messages[index]!.ciphertext.length / 2;
      for (let byte = 0; byte < length; byte += 1) {
        const [initiator, responder] = pair(vector);
        const [first, second] = [
          initiator.write(new Uint8Array(0)),
          () => responder.write(new Uint8Array(0)),
        ];
        responder.read(first);
        const message = second();
        if (index === 1) {
          message[byte % message.length]! ^= 1 << (byte % 8);
          expect(() => initiator.read(message)).toThrow(expect.objectContaining({ code: 'ERR_WIRE_FORMAT' }));
          continue;
        }
        initiator.read(message);
        const last = initiator.write(new Uint8Array(0));
        last[byte % last.length]! ^= 1 << (byte % 8);
        expect(() => responder.read(last)).toThrow(expect.objectContaining({ code: 'ERR_WIRE_FORMAT' }));
      }
    }
  });

  test('low-order ephemeral keys are refused', () => {
    const lowOrder = [
      '0000000000000000000000000000000000000000000000000000000000000000',
      '0100000000000000000000000000000000000000000000000000000000000000',
      'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
      '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
      'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
      'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
      'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    ];
    for (const point of lowOrder) {
      const responder = new Noise({ initiator: false, prologue: hex(''), random: systemRandom });
      expect(() => {
        responder.read(hex(point));
        responder.write(new Uint8Array(0));
      }).toThrow();
    }
  });

  test('sides with other prologues or pre-shared keys do not understand each other', () => {
    const psk = invitePsk(new Uint8Array(16));
    const make = (initiator: boolean, prologue: string, key?: Uint8Array) =>
      new Noise({ initiator, prologue: hex(prologue), psk: key, random: systemRandom });
    const [a, b] = [make(true, '00'), make(false, '01')];
    b.read(a.write(new Uint8Array(0)));
    expect(() => a.read(b.write(new Uint8Array(0)))).toThrow(
      expect.objectContaining({ code: 'ERR_WIRE_FORMAT' }),
    );
    const [c, d] = [make(true, '00', psk), make(false, '00', invitePsk(new Uint8Array(17)))];
    expect(() => d.read(c.write(new Uint8Array(0)))).toThrow(
      expect.objectContaining({ code: 'ERR_WIRE_FORMAT' }),
    );
  });

  test('an invite shorter than 16 bytes is refused', () => {
    expect(() => invitePsk(new Uint8Array(15))).toThrow(
      expect.objectContaining({ code: 'ERR_INVITE_INVALID' }),
    );
  });
});
