import { Kernel } from '../../src/crypto/kernel.ts';
import { shuffled as shuffledInKernel } from '../../src/garbling/authenticated/shuffle.ts';

/** The permutation that both parties draw from a seed. */
export function shuffled(count: number, seed: Uint8Array): Uint32Array {
  const kernel = new Kernel();
  const order = shuffledInKernel(kernel, count, seed);
  return new Uint32Array(kernel.read(order, 4 * count).buffer);
}
