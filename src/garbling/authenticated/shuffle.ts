import { giveBack } from '../../crypto/give-back.ts';
import type { Kernel, Pointer } from '../../crypto/kernel.ts';
import { seededRandom } from '../../crypto/random.ts';

/** The most random words drawn at a time, and how many more are drawn than there are draws left, in case some are rejected, which is rare. */
const WORDS = 1 << 14;
const SPARE = 16;

/**
 * A uniformly random permutation of 0 … count − 1 from a 16-byte seed (Fisher–Yates; each draw by rejection after
 * Lemire, so without bias), as 32-bit integers that the caller frees. Both parties compute the same.
 */
export function shuffled(kernel: Kernel, count: number, seed: Uint8Array): Pointer {
  const random = seededRandom(seed);
  const order = kernel.allocate(4 * count);
  const words = kernel.allocate(4 * WORDS);
  const { buffer, byteOffset } = kernel.view(order, 4 * count);
  const start = new Uint32Array(buffer, byteOffset, count);
  for (let i = 0; i < count; i += 1) start[i] = i;
  for (let last = count - 1; last > 0; ) {
    const drawn = Math.min(WORDS, last + SPARE);
    const bytes = random(4 * drawn);
    kernel.write(words, bytes);
    giveBack(bytes);
    last = kernel.call.shuffle(order, last, words, drawn);
  }
  kernel.free(words);
  return order;
}
