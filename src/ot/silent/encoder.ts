import { blockAt, type Kernel, type Pointer } from '../../crypto/kernel.ts';
import type { Slices } from '../../crypto/slices.ts';
import { CHUNK_LEAVES, LOCALITY, leavesOf, type SilentShape } from './parameters.ts';

/** Rows that the kernel draws indices for at a time. */
const ROWS_AT_ONCE = 32;

/** Step 6: adds to each leaf the blocks of the secret that the code names. `state` is the generator's, and is left where it ends. */
export function* addSecret(
  kernel: Kernel,
  shape: SilentShape,
  leaves: Pointer,
  secret: Pointer,
  state: Uint8Array,
): Slices<void> {
  const generator = kernel.allocate(64);
  const indices = kernel.allocate(4 * LOCALITY * ROWS_AT_ONCE);
  kernel.write(generator, state);
  const mask = 2 ** shape.size.secretBits - 1;
  const total = leavesOf(shape);
  for (let first = 0; first < total; first += CHUNK_LEAVES) {
    const rows = Math.min(CHUNK_LEAVES, total - first);
    kernel.call.addEncoded(blockAt(leaves, first), secret, generator, indices, rows, mask);
    yield;
  }
  kernel.free(generator);
  kernel.free(indices);
}
