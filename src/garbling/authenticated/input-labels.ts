import { xorBytes } from '../../crypto/bytes.ts';
import type { Kernel, Pointer } from '../../crypto/kernel.ts';
import { tags } from '../../crypto/tags.ts';
import { LabelStream } from '../label-stream.ts';
import type { Context } from './context.ts';
import { packShares, withPacked } from './opening.ts';

/** Bytes of the seed that active labels follow from. */
export const SEED_LENGTH = 16;

/**
 * Step 8 where tables are still to come: the active labels of a batch's inputs from a seed that the garbler draws once the masked values are known.
 * Both parties make them in the same order.
 */
export class SeededLabels {
  private readonly kernel: Kernel;
  private readonly stream: LabelStream;

  constructor(context: Context, seed: Uint8Array) {
    this.kernel = context.kernel;
    const key = context.digest(tags.authenticatedInputLabels, 'garbler', 'input labels', seed);
    this.stream = new LabelStream(context.kernel, key.subarray(0, 16));
  }

  /** The labels of the next `count` wires, whose masked values are `values`, packed. The caller frees them. */
  next(values: Uint8Array, count: number): Pointer {
    const labels = this.kernel.allocate(16 * count);
    this.stream.fill(labels, count);
    placeBit0(this.kernel, labels, values, count);
    return labels;
  }
}

/** Step 8 before inputs exist, garbler: `count` fresh labels of zero, which the caller frees. */
export function drawZeros(context: Context, count: number): Pointer {
  const { kernel } = context;
  const zeros = kernel.allocate(16 * count);
  const drawn = context.random(16 * count);
  kernel.write(zeros, drawn);
  drawn.fill(0);
  placeBit0(kernel, zeros, new Uint8Array((count + 7) >> 3), count);
  return zeros;
}

/** Labels of zero become active ones, or the other way round: `labels` ⊕= Λ·Δ, at the garbler. */
export function addMaskedValues(context: Context, labels: Pointer, values: Uint8Array, count: number): void {
  const { kernel, delta } = context;
  withPacked(kernel, values, (bits) => kernel.call.addPublicBits(labels, bits, count, delta, 16));
}

/** Replaces bit 0 of each block. */
function placeBit0(kernel: Kernel, blocks: Pointer, values: Uint8Array, count: number): void {
  const one = kernel.allocate(16);
  kernel.view(one, 1)[0] = 1;
  withPacked(kernel, xorBytes(packShares(kernel, blocks, count), values), (bits) => {
    kernel.call.addPublicBits(blocks, bits, count, one, 16);
  });
  kernel.free(one);
}
