import { Kernel } from '../../src/crypto/kernel.ts';
import { shuffled as shuffledInKernel } from '../../src/garbling/authenticated/shuffle.ts';

/** The permutation that both parties draw from a seed. */
export function shuffled(count: number, seed: Uint8Array): Uint32Array {
  const kernel = new Kernel();
  const order = new Uint32Array(kernel.read(shuffledInKernel(kernel, count, seed), 4 * count).buffer);
  kernel.destroy(); // its memory serves the next one
  return order;
}
