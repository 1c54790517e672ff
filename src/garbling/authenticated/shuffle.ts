import { seededRandom } from '../../crypto/random.ts';

const WORDS = 1 << 14;

/**
 * A uniformly random permutation of 0 … count − 1 from a 16-byte seed (Fisher–Yates; each draw by rejection after
 * Lemire, so without bias). Both parties compute the same.
 */
export function shuffled(count: number, seed: Uint8Array): Uint32Array {
  const random = seededRandom(seed);
  let words: Uint32Array = new Uint32Array();
  let used = 0;
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i += 1) order[i] = i;
  for (let i = count - 1; i > 0; i -= 1) {
    const bound = i + 1;
    let word: number;
    let low: number;
    do {
      if (used === words.length) {
        words = new Uint32Array(random(4 * WORDS).buffer, 0, WORDS);
        used = 0;
      }
      word = words[used]!;
      used += 1;
      low = Math.imul(word, bound) >>> 0;
    } while (low < bound && low < 2 ** 32 % bound);
    const j = Math.floor((word * bound) / 2 ** 32);
    const swapped = order[i]!;
    order[i] = order[j]!;
    order[j] = swapped;
  }
  return order;
}
