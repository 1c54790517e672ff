import { platform } from '#platform';

/** Gives `length` fresh uniform bytes. Every protocol takes one, so tests can run it from a seed. */
export type Random = (length: number) => Uint8Array;

/** The operating system's generator. */
export const systemRandom: Random = (length) => {
  const bytes = new Uint8Array(length);
  platform.fillRandom(bytes);
  return bytes;
};

/** A deterministic stream from a 16-byte seed (AES-128 in counter mode). For tests and seed expansion. */
export function seededRandom(seed: Uint8Array): Random {
  const stream = platform.keystream(seed);
  return (length) => stream.next(length);
}
