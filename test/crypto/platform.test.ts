import { x25519 } from '@noble/curves/ed25519.js';
import { blake2b } from '@noble/hashes/blake2.js';
import { hmac } from '@noble/hashes/hmac.js';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../src/crypto/bytes.ts';
import { blockAt, Kernel } from '../../src/crypto/kernel.ts';
import { platform } from '../../src/crypto/platform/node.ts';
import { systemRandom } from '../../src/crypto/random.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const text = (value: string) => new TextEncoder().encode(value);
const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i);

describe('the platform', () => {
  it('hashes as FIPS 180-4 says', () => {
    const abc = text('abc');
    const short = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(hex(platform.sha256(abc))).toBe(short);
    expect(hex(platform.sha256Stream().update(text('a')).update(text('bc')).digest())).toBe(short);
    expect(hex(platform.sha512(abc))).toBe(
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    );
  });

  it('hashes with BLAKE2b, and its HMAC, as another implementation does', () => {
    for (const length of [0, 1, 64, 127, 128, 129, 300]) {
      const [key, data] = [counting(length), counting(length).reverse()];
      expect(platform.blake2b(key, data)).toEqual(blake2b(concatBytes(key, data)));
      expect(platform.hmacBlake2b(key, data, key)).toEqual(hmac(blake2b, key, concatBytes(data, key)));
    }
  });

  it('encrypts blocks and counters as FIPS 197 and NIST SP 800-38A say', () => {
    const key = bytes('000102030405060708090a0b0c0d0e0f');
    const block = bytes('00112233445566778899aabbccddeeff');
    const expected = '69c4e0d86a7b0430d8cdb78070b4c55a';
    const cipher = platform.blockCipher(key);
    expect(hex(cipher.permuted(block))).toBe(expected);
    const kernel = new Kernel();
    const at = kernel.allocate(32);
    kernel.write(at, block);
    cipher.permute(kernel, blockAt(at, 1), at, 1);
    cipher.permute(kernel, at, at, 1);
    expect(hex(kernel.read(at, 32))).toBe(expected + expected);
    kernel.destroy();
    const blocks = new Uint8Array(48);
    blocks[31] = 1;
    blocks[47] = 2;
    const stream = platform.keystream(key);
    expect(hex(stream.next(5)) + hex(stream.next(43))).toBe(hex(cipher.permuted(blocks)));
    expect(platform.keystream(key).next(70_001)).toHaveLength(70_001);
  });

  it('agrees on X25519 secrets as another implementation does', () => {
    for (let i = 0; i < 20; i++) {
      const [mine, theirs] = [systemRandom(32), systemRandom(32)];
      const [a, b] = [platform.x25519(mine), platform.x25519(theirs)];
      expect(a.publicKey).toEqual(x25519.getPublicKey(mine));
      const shared = x25519.getSharedSecret(mine, b.publicKey);
      expect(a.agree(b.publicKey)).toEqual(shared);
      expect(b.agree(a.publicKey)).toEqual(shared);
      a.destroy();
      expect(() => a.agree(b.publicKey)).toThrow('destroyed');
    }
  });

  it('signs as RFC 8032, section 7.1, says', () => {
    const seed = bytes('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');
    const key = platform.signingKey(seed);
    expect(hex(key.publicKey)).toBe('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
    const signature = key.sign(Uint8Array.of(0x72));
    expect(hex(signature)).toBe(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    );
    const verifying = platform.verifyingKey(key.publicKey);
    expect(verifying.verify(Uint8Array.of(0x72), signature)).toBe(true);
    expect(verifying.verify(Uint8Array.of(0x73), signature)).toBe(false);
    expect(key.exportSeed()).toEqual(seed);
    expect(Object.values(key)).toEqual([key.publicKey]);
  });

  it('opens only what was sealed with ChaCha20-Poly1305', () => {
    const { seal, open } = platform.chaChaPoly;
    const [key, nonce, header] = [counting(32), counting(12), counting(7)];
    const sealed = seal(key, nonce, header, text('hello'));
    expect(sealed).toHaveLength(21);
    expect(open(key, nonce, header, sealed)).toEqual(text('hello'));
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.with(at, sealed[at]! ^ 1);
      expect(open(key, nonce, header, changed)).toBeUndefined();
      expect(open(key, nonce, header, sealed.subarray(0, at))).toBeUndefined();
    }
    expect(open(key, nonce, counting(6), sealed)).toBeUndefined();
  });

  it('gives primes of the length asked for, with two bits set', async () => {
    for (const prime of await platform.primePair(512)) expect(prime >> 510n).toBe(3n);
  });

  it('runs callbacks after the promises of this turn and before the next one', async () => {
    const order: string[] = [];
    const next = platform.nextTurn().then(() => order.push('turn'));
    platform.atEndOfTurn(() => order.push('end'));
    await Promise.resolve().then(async () => {
      await undefined;
      order.push('promise');
    });
    await next;
    expect(order).toEqual(['promise', 'end', 'turn']);
  });
});

describe('a runtime without a platform', () => {
  it('fails at import with one clear error', async () => {
    await expect(import('../../src/crypto/platform/unsupported.ts')).rejects.toMatchObject({
      code: 'ERR_PLATFORM',
      message: 'Parley has no platform for this runtime yet',
    });
  });
});
