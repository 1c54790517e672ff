import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePublicKey, type PublicKey, verifySignature } from '../../src/crypto/ed25519.ts';
import wycheproof from '../fixtures/wycheproof-ed25519.json' with { type: 'json' };

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));

function littleEndian(value: bigint, length = 32): Uint8Array {
  return bytes(value.toString(16).padStart(2 * length, '0')).reverse();
}

function fromLittleEndian(encoded: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(encoded).reverse().toString('hex')}`);
}

function refuses(encoded: Uint8Array): void {
  expect(() => decodePublicKey(encoded)).toThrowError(expect.objectContaining({ code: 'ERR_KEY_INVALID' }));
}

describe('decodePublicKey', () => {
  it('accepts honest keys and returns a copy', () => {
    for (let i = 0; i < 20; i++) {
      const raw = rawKey();
      const decoded = decodePublicKey(raw);
      expect(decoded).toEqual(raw);
      raw[0]! ^= 1;
      expect(decoded).not.toEqual(raw);
    }
  });

  it('refuses all eight points of small order', () => {
    for (const point of ED25519_TORSION_SUBGROUP) refuses(bytes(point));
  });

  it('refuses every non-canonical y, with either sign', () => {
    for (let y = P; y < 2n ** 255n; y++) {
      refuses(littleEndian(y));
      refuses(littleEndian(y + 2n ** 255n));
    }
  });

  it('refuses negative zero', () => {
    refuses(littleEndian(1n + 2n ** 255n));
    refuses(littleEndian(P - 1n + 2n ** 255n));
  });

  it('refuses honest keys moved by a small-order point', () => {
    const point = ed25519.Point.fromBytes(rawKey());
    for (const small of ED25519_TORSION_SUBGROUP) {
      const torsion = ed25519.Point.fromHex(small);
      if (torsion.is0()) continue;
      refuses(point.add(torsion).toBytes());
    }
  });

  it('refuses other lengths', () => {
    const raw = rawKey();
    for (const length of [0, 31, 33, 64]) {
      const other = new Uint8Array(length);
      other.set(raw.subarray(0, Math.min(32, length)));
      refuses(other);
    }
  });

  it('agrees with an independent implementation on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (encoded) => {
        let expected = false;
        try {
          const point = ed25519.Point.fromBytes(encoded, false);
          expected = point.isTorsionFree() && !point.isSmallOrder();
        } catch {}
        let accepted = true;
        try {
          decodePublicKey(encoded);
        } catch {
          accepted = false;
        }
        expect(accepted).toBe(expected);
      }),
      { numRuns: 200 },
    );
  });
});

describe('verifySignature', () => {
  // RFC 8032, section 7.1: secret key, public key, message, signature.
  const rfc8032 = [
    [
      '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
    [
      'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
      'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      'af82',
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    ],
  ] as const;

  it.each(rfc8032)('RFC 8032 section 7.1, secret %s', (secret, publicKey, message, signature) => {
    expect(verifySignature(decodePublicKey(bytes(publicKey)), bytes(message), bytes(signature))).toBe(true);
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), bytes(secret)]);
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    expect(sign(null, bytes(message), key).toString('hex')).toBe(signature);
  });

  it('gives the verdict of every Wycheproof vector', () => {
    expect(wycheproof.vectors.length).toBeGreaterThan(100);
    for (const { id, key, message, signature, valid } of wycheproof.vectors) {
      const verdict = verifySignature(decodePublicKey(bytes(key)), bytes(message), bytes(signature));
      expect(verdict, `Wycheproof ${id}`).toBe(valid);
    }
  });

  it('refuses S + L, any flipped bit and other lengths', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const key = decodePublicKey(bytes(Buffer.from(jwkX(publicKey), 'base64url').toString('hex')));
    const message = bytes('010203');
    const signature = new Uint8Array(sign(null, message, privateKey));
    expect(verifySignature(key, message, signature)).toBe(true);
    const shifted = Uint8Array.from(signature);
    shifted.set(littleEndian(fromLittleEndian(signature.subarray(32)) + L), 32);
    expect(verifySignature(key, message, shifted)).toBe(false);
    for (let bit = 0; bit < 512; bit++) {
      const flipped = Uint8Array.from(signature);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(verifySignature(key, message, flipped)).toBe(false);
    }
    expect(verifySignature(key, message, signature.subarray(1))).toBe(false);
    expect(verifySignature(key, message, new Uint8Array(65))).toBe(false);
    expect(verifySignature(key, bytes('010204'), signature)).toBe(false);
  });

  it('refuses a signature under another key', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const signature = new Uint8Array(sign(null, bytes('00'), privateKey));
    expect(verifySignature(rawKey() as PublicKey, bytes('00'), signature)).toBe(false);
  });
});

function jwkX(key: ReturnType<typeof generateKeyPairSync>['publicKey']): string {
  return key.export({ format: 'jwk' }).x!;
}

function rawKey(): Uint8Array {
  return new Uint8Array(Buffer.from(jwkX(generateKeyPairSync('ed25519').publicKey), 'base64url'));
}
