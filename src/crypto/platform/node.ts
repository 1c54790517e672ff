import { generatePrime, randomFillSync, timingSafeEqual } from 'node:crypto';
import { NodeAead, nodeChaChaPoly } from './node/aead.ts';
import { NodeBlockCipher, NodeKeystream } from './node/ciphers.ts';
import { blake2b, hmacBlake2b, sha256, sha256Stream, sha512 } from './node/hashes.ts';
import { NodeSigningKey, NodeVerifyingKey, NodeX25519Key } from './node/keys.ts';
import { NodeModulus } from './node/modulus.ts';
import type { Platform } from './platform.ts';

/** Node.js: OpenSSL through node:crypto. */
export const platform: Platform = {
  fillRandom: randomFillSync,
  equalBytes: timingSafeEqual,
  allocate: (length) => new Uint8Array(Buffer.allocUnsafeSlow(length).buffer),
  nextTurn: () => new Promise((resolve) => setImmediate(resolve)),
  atEndOfTurn: (callback) => process.nextTick(callback),
  sha256,
  sha512,
  sha256Stream,
  blake2b,
  hmacBlake2b,
  blockCipher: (key) => new NodeBlockCipher(key),
  keystream: (key) => new NodeKeystream(key),
  aead: (key) => new NodeAead(key),
  chaChaPoly: nodeChaChaPoly,
  x25519: (secret) => new NodeX25519Key(secret),
  verifyingKey: (publicKey) => new NodeVerifyingKey(publicKey),
  signingKey: (seed) => new NodeSigningKey(seed),
  modulus: (value) => new NodeModulus(value),
  primePair: (bits) => Promise.all([randomPrime(bits), randomPrime(bits)]),
};

/** Runs in a thread of its own. OpenSSL sets the two highest bits of a prime. */
function randomPrime(bits: number): Promise<bigint> {
  return new Promise((resolve, reject) => {
    generatePrime(bits, { bigint: true }, (error, prime) => (error ? reject(error) : resolve(prime)));
  });
}
