import * as z from 'zod';
import { platform } from '#platform';
import {
  decodePublicKey,
  PUBLIC_KEY_LENGTH,
  type PublicKey,
  SIGNATURE_LENGTH,
  verifySignature,
} from '../crypto/ed25519.ts';
import { utf8 } from '../crypto/encoding.ts';
import type { SigningKey } from '../crypto/platform/platform.ts';
import { type Random, systemRandom } from '../crypto/random.ts';
import { InputError } from '../errors.ts';
import { decodeBase64url, encodeBase64url } from './json.ts';
import type { PublicJwk } from './terms.ts';

/** Signs for one party. `sign` gives a 64-byte Ed25519 signature. A hardware key or a remote signer fits too. */
export interface Identity {
  readonly publicKey: PublicJwk;
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** A private Ed25519 JWK with exactly these members (RFC 8037). */
export interface PrivateJwk extends PublicJwk {
  readonly d: string;
}

/** An identity whose key is in this process. */
export interface LocalIdentity extends Identity {
  /** The private key, to be written to a file of mode 0600. */
  exportPrivate(): PrivateJwk;
}

const publicSchema = z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() });
const privateSchema = publicSchema.extend({ d: z.string() });

/** A fresh identity. */
export function generateIdentity(random: Random = systemRandom): LocalIdentity {
  return fromSeed(random(32));
}

/**
 * The identity of a private JWK: exactly `kty`, `crv`, `x` and `d`, canonical base64url, and `x` belonging to `d`.
 * Throws InputError `ERR_KEY_INVALID`, which never quotes the key.
 */
export function importIdentity(jwk: unknown): LocalIdentity {
  const parsed = privateSchema.safeParse(jwk);
  if (!parsed.success) throw refused('the key is not a private Ed25519 JWK with exactly kty, crv, x and d');
  const seed = decodeBase64url(parsed.data.d);
  if (seed?.length !== 32) throw refused("the private key's d is not 32 bytes in base64url");
  const identity = fromSeed(seed);
  if (identity.publicKey.x !== parsed.data.x) throw refused("the private key's x does not belong to its d");
  return identity;
}

/** A public JWK of exactly `kty`, `crv` and `x`, whose key decodes strictly. Throws InputError `ERR_KEY_INVALID`. */
export function parsePublicJwk(jwk: unknown): PublicJwk {
  const parsed = publicSchema.safeParse(jwk);
  if (!parsed.success) throw refused('the key is not a public Ed25519 JWK with exactly kty, crv and x');
  rawPublicKey(parsed.data);
  return parsed.data;
}

/** The 32 bytes of a JWK's key, decoded strictly. Throws InputError `ERR_KEY_INVALID`. */
export function rawPublicKey(jwk: PublicJwk): PublicKey {
  const bytes = decodeBase64url(jwk.x);
  if (bytes?.length !== PUBLIC_KEY_LENGTH) throw refused("the public key's x is not 32 bytes in base64url");
  return decodePublicKey(bytes);
}

/** The JWK of a strictly decoded key. */
export function publicJwk(key: PublicKey): PublicJwk {
  return { kty: 'OKP', crv: 'Ed25519', x: encodeBase64url(key) };
}

/** Whether two JWKs hold the same key. */
export function sameKey(left: PublicJwk, right: PublicJwk): boolean {
  return left.x === right.x;
}

/** SHA-256 thumbprint of a public key in base64url, 43 characters (RFC 7638). */
export async function fingerprint(key: PublicJwk): Promise<string> {
  return thumbprint(key);
}

/** Like `fingerprint`, but synchronous. */
export function thumbprint({ kty, crv, x }: PublicJwk): string {
  const members = utf8(JSON.stringify({ crv, kty, x })); // in the order of RFC 7638, section 3.2
  return encodeBase64url(platform.sha256(members));
}

/** Signs with an identity. A signature by the caller's own signer is checked, so that a faulty signer fails here and not at the peer. */
export async function signWith(identity: Identity, bytes: Uint8Array): Promise<Uint8Array> {
  const signature = await identity.sign(bytes);
  if (identity instanceof KeyIdentity) return signature; // needs no check: its public key is made from its private key
  if (
    signature.length !== SIGNATURE_LENGTH ||
    !verifySignature(rawPublicKey(identity.publicKey), bytes, signature)
  ) {
    throw refused("the identity's signature does not verify under its own public key");
  }
  return signature;
}

function fromSeed(seed: Uint8Array): LocalIdentity {
  try {
    return new KeyIdentity(platform.signingKey(seed));
  } finally {
    seed.fill(0);
  }
}

/** Keeps the key in a private field, so that printing or serialising the identity never shows it. */
class KeyIdentity implements LocalIdentity {
  readonly publicKey: PublicJwk;
  readonly #key: SigningKey;

  constructor(key: SigningKey) {
    this.#key = key;
    this.publicKey = Object.freeze({ kty: 'OKP', crv: 'Ed25519', x: encodeBase64url(key.publicKey) });
  }

  sign(bytes: Uint8Array): Uint8Array {
    return this.#key.sign(bytes);
  }

  exportPrivate(): PrivateJwk {
    const seed = this.#key.exportSeed();
    const d = encodeBase64url(seed);
    seed.fill(0);
    return { ...this.publicKey, d };
  }
}

function refused(message: string): InputError {
  return new InputError('ERR_KEY_INVALID', message);
}
