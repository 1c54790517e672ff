import type { Kernel, Pointer } from '../kernel.ts';

/** A value that one platform gives at once and another as a promise. */
export type MaybePromise<Value> = Value | Promise<Value>;

/**
 * What the portable code needs from its runtime. `#platform` (package.json, `imports`) is the implementation for the current one.
 * Lengths are in bytes. Arrays that come out are the caller's, unless a method says otherwise.
 */
export interface Platform {
  /** Fills an array from the system's random generator. */
  fillRandom(target: Uint8Array): void;
  /** Whether two arrays of one length are equal, in time that depends on that length only. */
  equalBytes(left: Uint8Array, right: Uint8Array): boolean;
  /** An array with arbitrary contents, for a caller that fills it before it gives it out. */
  allocate(length: number): Uint8Array;
  /** Resolves once the events that are due have been handled. */
  nextTurn(): Promise<void>;
  /** Calls back once the promises of this turn have settled, before other events. */
  atEndOfTurn(callback: () => void): void;

  /** 32 bytes. */
  sha256(bytes: Uint8Array): Uint8Array;
  /** 64 bytes. */
  sha512(bytes: Uint8Array): Uint8Array;
  /** SHA-256 of parts that come one at a time. */
  sha256Stream(): StreamingHash;
  /** BLAKE2b with 64 bytes of output, over the concatenated parts. */
  blake2b(...parts: readonly Uint8Array[]): Uint8Array;
  /** HMAC with that hash. */
  hmacBlake2b(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array;

  /** AES-128 on single blocks. Public keys only: an implementation may keep the key where it cannot be zeroed. */
  blockCipher(key: Uint8Array): BlockCipher;
  /** AES-128 in counter mode from counter 0. */
  keystream(key: Uint8Array): Keystream;
  /** AES-256-GCM with nonces of 12 bytes and tags of 16. Takes the key over; `destroy` zeroes it. */
  aead(key: Uint8Array): Aead;
  /** ChaCha20-Poly1305 (RFC 8439). */
  readonly chaChaPoly: ChaChaPoly;

  /** A private X25519 key from 32 uniform bytes, which stay the caller's to zero. */
  x25519(secret: Uint8Array): X25519Key;
  /** A public Ed25519 key, whose 32 bytes have been checked (src/crypto/ed25519.ts). */
  verifyingKey(publicKey: Uint8Array): VerifyingKey;
  /** A private Ed25519 key from its 32-byte seed, which stays the caller's to zero. */
  signingKey(seed: Uint8Array): SigningKey;

  /** An odd modulus of 2 to 9,400 bits, big-endian without leading zeros. */
  modulus(value: Uint8Array): PowerModulus;
  /** Two independent random primes of exactly `bits` bits, the two highest of which are set. */
  primePair(bits: number): Promise<readonly [bigint, bigint]>;
}

export interface StreamingHash {
  update(part: Uint8Array): StreamingHash;
  digest(): Uint8Array;
}

export interface BlockCipher {
  /** target[i] = π(source[i]) for `count` blocks of 16 bytes in a kernel's memory. The regions may coincide. */
  permute(kernel: Kernel, target: Pointer, source: Pointer, count: number): void;
  /** π of every block, in an array of its own. */
  permuted(blocks: Uint8Array): Uint8Array;
}

export interface Keystream {
  /** The next `length` bytes. */
  next(length: number): Uint8Array;
}

export interface Aead {
  /**
   * The ciphertext of the pieces, in pieces, and last the tag. `header` is authenticated too. The caller may change the pieces as soon as the
   * call has returned.
   */
  seal(
    nonce: Uint8Array,
    header: Uint8Array,
    pieces: readonly Uint8Array[],
  ): MaybePromise<readonly Uint8Array[]>;
  /** Starts to decrypt what was sealed with this nonce and header. */
  open(nonce: Uint8Array, header: Uint8Array): AeadOpening;
  /** Zeroes the key. Nothing can be sealed or opened afterwards. */
  destroy(): void;
}

export interface AeadOpening {
  /** Takes the next part of the ciphertext; the caller may change it afterwards. */
  push(part: Uint8Array): void;
  /** The plaintext in pieces, each with memory of its own; undefined if the tag does not belong to it. */
  finish(tag: Uint8Array): MaybePromise<readonly Uint8Array[] | undefined>;
}

export interface ChaChaPoly {
  /** Ciphertext and tag. */
  seal(key: Uint8Array, nonce: Uint8Array, additional: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** The plaintext; undefined if the sealed bytes do not verify. */
  open(
    key: Uint8Array,
    nonce: Uint8Array,
    additional: Uint8Array,
    sealed: Uint8Array,
  ): Uint8Array | undefined;
}

export interface X25519Key {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The shared secret with a peer's public key, 32 bytes; undefined, or all zero, if that key has small order. */
  agree(peer: Uint8Array): Uint8Array | undefined;
  /** Forgets the key, which gives no shared secret afterwards. */
  destroy(): void;
}

export interface VerifyingKey {
  /** RFC 8032, section 5.1.7, without cofactor; a scalar at or above the group order and a non-canonical R are refused. */
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

export interface SigningKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
  /** The 32-byte seed. */
  exportSeed(): Uint8Array;
}

export interface PowerModulus {
  /**
   * base^exponent modulo the modulus, as long as it; big-endian. The base is below the modulus, as long as it, and the exponent at least 1. The
   * time depends on the lengths, and on whether base or result is 0, 1 or −1; otherwise not on the values.
   */
  power(base: Uint8Array, exponent: Uint8Array): Uint8Array;
  /** Does what makes later powers faster. Worth it for a modulus that will be used many times. */
  prepare(): void;
}
