import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject, sign, verify } from 'node:crypto';
import type { SigningKey, VerifyingKey, X25519Key } from '../platform.ts';
import { plain } from './plain.ts';

/** DER of a PKCS #8 private key up to its 32 secret bytes (RFC 8410, section 7). */
const X25519_PRIVATE = '302e020100300506032b656e04220420';
const ED25519_PRIVATE = '302e020100300506032b657004220420';

/** The private key goes in as DER, which can be zeroed, and lies in OpenSSL's memory, which clears it when the key is collected. */
export class NodeX25519Key implements X25519Key {
  readonly publicKey: Uint8Array;
  private key: KeyObject | undefined;

  constructor(secret: Uint8Array) {
    this.key = privateKey(X25519_PRIVATE, secret);
    this.publicKey = publicBytes(this.key);
  }

  agree(peer: Uint8Array): Uint8Array | undefined {
    if (this.key === undefined) throw new Error('the key has been destroyed');
    const publicKey = publicKeyObject('X25519', peer);
    try {
      return plain(diffieHellman({ privateKey: this.key, publicKey }));
    } catch {
      return undefined; // OpenSSL refuses an all-zero result
    }
  }

  destroy(): void {
    this.key = undefined;
  }
}

export class NodeVerifyingKey implements VerifyingKey {
  private readonly key: KeyObject;

  constructor(publicKey: Uint8Array) {
    this.key = publicKeyObject('Ed25519', publicKey);
  }

  verify(message: Uint8Array, signature: Uint8Array): boolean {
    return verify(null, message, this.key, signature);
  }
}

export class NodeSigningKey implements SigningKey {
  readonly publicKey: Uint8Array;
  readonly #key: KeyObject;

  constructor(seed: Uint8Array) {
    this.#key = privateKey(ED25519_PRIVATE, seed);
    this.publicKey = publicBytes(this.#key);
  }

  sign(message: Uint8Array): Uint8Array {
    return plain(sign(null, message, this.#key));
  }

  exportSeed(): Uint8Array {
    return Uint8Array.from(Buffer.from(this.#key.export({ format: 'jwk' }).d!, 'base64url'));
  }
}

function privateKey(prefix: string, secret: Uint8Array): KeyObject {
  const der = Buffer.concat([Buffer.from(prefix, 'hex'), secret]);
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } finally {
    der.fill(0);
  }
}

function publicBytes(key: KeyObject): Uint8Array {
  return Uint8Array.from(Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x!, 'base64url'));
}

function publicKeyObject(crv: 'Ed25519' | 'X25519', bytes: Uint8Array): KeyObject {
  const x = Buffer.from(bytes).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv, x }, format: 'jwk' });
}
