import { createCipheriv, randomFillSync } from 'node:crypto';

/** Gives `length` fresh uniform bytes. Every protocol takes one, so tests can run it from a seed. */
export type Random = (length: number) => Uint8Array;

/** The operating system's generator. */
export const systemRandom: Random = (length) => randomFillSync(new Uint8Array(length));

/** A deterministic stream from a 16-byte seed (AES-128 in counter mode). For tests and seed expansion. */
export function seededRandom(seed: Uint8Array): Random {
  const cipher = createCipheriv('aes-128-ctr', seed, new Uint8Array(16));
  return (length) => {
    const { buffer, byteOffset } = cipher.update(new Uint8Array(length));
    return new Uint8Array(buffer, byteOffset, length);
  };
}
